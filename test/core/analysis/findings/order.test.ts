import { closedOut, codes, findingsOf, messages, open, templates } from "./findingsOf";

const office = { office: { entries: ["198.51.100.0/24"] } };

describe("VF214, a rule that never decides", () => {
    test("names the drop that takes all of it, and a packet", () => {
        const found = findingsOf({
            scanners: "drop any from 203.0.113.0/24",
            legacy: "accept tcp from 203.0.113.0/26 to port 8080",
            web: "accept tcp from anywhere to port 443",
        });
        expect(codes(found)).toEqual(["VF214 web/legacy"]);
        expect(found[0]).toMatchObject({ severity: "warning", blame: ["web/scanners"] });
        expect(found[0]!.message).toBe(
            "VF214 web/legacy never decides a packet: web/scanners (drop) takes all of it, for example tcp 203.0.113.9 -> port 8080. " +
                "Take it out, or let it come first with a lower priority number.",
        );
    });

    test("blames the rules that together cover it, and only these", () => {
        const found = findingsOf({
            low: "drop tcp from anywhere to port 1-100",
            high: "drop tcp from anywhere to port 101-200",
            other: "drop tcp from anywhere to port 300",
            both: "accept tcp from anywhere to port 90-110",
        });
        const [dead] = found.filter(({ code }) => code === "VF214");
        expect(dead).toMatchObject({ rule: "web/both", blame: ["web/high", "web/low"] });
        expect(dead!.message).toContain("web/high (drop) and web/low (drop) together take all of it");
    });

    test("EA-47: of two rules with equal text the second is a duplicate, said once", () => {
        const rules = { one: "accept tcp from 192.0.2.7 to port 22", two: "accept tcp from 192.0.2.7 to port 22" };
        expect(codes(findingsOf(rules))).toEqual(["VF214 web/two"]);
    });

    test("EA-6, EA-39: a list imported in its own order reports what comes after the accept or the drop of everything", () => {
        const inOrder = {
            accept: "accept tcp from 198.51.100.0/24 to port 22 priority 1",
            drop: "drop tcp from 198.51.100.10 to port 22 priority 2",
        };
        expect(codes(findingsOf(inOrder))).toContain("VF214 web/drop");
        const last = { all: "drop any from anywhere priority 1", web: "accept tcp from anywhere to port 443" };
        expect(codes(findingsOf(last))).toContain("VF214 web/web");
    });

    test("a cut into an accept is what drops are for, and no finding", () => {
        const rules = { scanners: "drop any from 203.0.113.0/24", web: "accept tcp from anywhere to port 443" };
        expect(findingsOf(rules)).toEqual([]);
    });
});

test("VF213: an empty set matches nobody", () => {
    const found = findingsOf({ ssh: "accept tcp from set office to port 22" }, { sets: { office: { entries: [] } } });
    expect(messages(found)).toEqual([
        "VF213 web/ssh matches no packet: set office is empty. Fill it or take the rule out.",
    ]);
});

describe("VF215, a listed item of a rule that never decides", () => {
    test("a port", () => {
        const found = findingsOf({
            mysql: "drop tcp from anywhere to port 3306",
            data: "accept tcp from 198.51.100.0/24 to port 3306, 5432",
        });
        expect(messages(found, "VF215")).toEqual([
            "VF215 web/data never decides tcp 3306, which it lists: web/mysql (drop) takes all of that, for example " +
                "tcp 198.51.100.9 -> port 3306. Take that out of the list, or let the rule come first with a lower priority number.",
        ]);
    });

    test("a port of its own, not some of a range; and not where another accept has it", () => {
        const rules = {
            no: "drop tcp from anywhere to port 61000",
            some: "accept tcp from anywhere to port 61000-61010",
        };
        expect(codes(findingsOf(rules))).toEqual([]);
        const twice = {
            a: "accept tcp from anywhere to port 61000",
            b: "accept tcp from anywhere to port 61000, 61010",
        };
        expect(codes(findingsOf(twice))).toEqual(["VF218 web/a"]);
    });

    test("a protocol, a message type", () => {
        const dns = { no: "drop udp from anywhere", dns: "accept tcp + udp from 198.51.100.7 to port 53" };
        expect(messages(findingsOf(dns), "VF215")[0]).toContain("never decides udp 53, which it lists");
        const ping = {
            no: "drop icmp echo-request from anywhere",
            icmp: "accept icmp echo-request, timestamp-request from anywhere",
        };
        expect(messages(findingsOf(ping), "VF215")[0]).toContain("never decides icmp echo-request, which");
    });

    test("an address, not the part of a prefix", () => {
        const rules = {
            scanners: "drop any from 203.0.113.0/28",
            ssh: "accept tcp from 203.0.113.9, 203.0.112.0/22 to port 22",
        };
        expect(messages(findingsOf(rules), "VF215")).toEqual([]);
        const listed = { ...rules, ssh: "accept tcp from 203.0.113.9, 198.51.100.0/24 to port 22" };
        expect(messages(findingsOf(listed), "VF215")[0]).toMatch(
            /^VF215 web\/ssh never decides traffic from 203.0.113.9,/,
        );
    });
});

describe("between templates", () => {
    const shop = { https: "accept tcp from anywhere to port 443" };

    test("VF216: a drop in a later template that an earlier accept took", () => {
        const found = findingsOf(templates({ shop, block: { scanners: "drop any from 203.0.113.0/24" } }));
        expect(codes(found)).toContain("VF216 block/scanners");
        expect(messages(found, "VF216")[0]).toMatch(
            /^VF216 block\/scanners does not stop what an earlier template accepts: shop\/https \(accept\) takes some of it first, for example tcp 203.0.113.9 -> port 443\./,
        );
    });

    test("the drop first is how it is meant", () => {
        const found = findingsOf(templates({ block: { scanners: "drop any from 203.0.113.0/24" }, shop }));
        expect(found).toEqual([]);
    });

    test("VF217: a later accept contradicted for a whole port", () => {
        const found = findingsOf(
            templates({
                base: { mysql: "drop tcp from anywhere to port 3306" },
                data: { replicas: "accept tcp from 198.51.100.0/24 to port 3306-3307" },
            }),
        );
        expect(codes(found)).toContain("VF217 data/replicas");
        expect(messages(found, "VF217")[0]).toContain("does not open tcp 3306: base/mysql (drop) takes that");
    });
});

describe("redundant rules", () => {
    test("VF218: what another rule accepts anyway, once", () => {
        const found = findingsOf(
            { office: "accept tcp from set office to port 443", world: "accept tcp from anywhere to port 443" },
            { sets: office },
        );
        expect(codes(found)).toEqual(["VF218 web/office"]);
        expect(found[0]).toMatchObject({ severity: "note", blame: ["web/world"] });
    });

    test("of two that make each other redundant one stays", () => {
        const found = findingsOf({
            a: "accept tcp from anywhere to port 61000-62000",
            b: "accept tcp from anywhere to port 61500-62500",
            c: "accept tcp from anywhere to port 61800-63000",
        });
        expect(codes(found)).toEqual(["VF218 web/b"]);
        expect(found[0]!.blame).toEqual(["web/c"]);
    });

    test("VF219: the same effect as the default action", () => {
        expect(codes(findingsOf({ telnet: "drop tcp from 203.0.113.7 to port 23" }))).toEqual(["VF219 web/telnet"]);
        expect(codes(findingsOf({ out: "egress accept tcp to anywhere port 443" }))).toEqual(["VF219 web/out"]);
        expect(codes(findingsOf({ no: "reject tcp from 203.0.113.7 to port 23" }))).toEqual([]);
        expect(codes(findingsOf({ out: "egress accept tcp to anywhere port 443" }, closedOut))).not.toContain(
            "VF219 web/out",
        );
    });
});

describe("what is not known yet", () => {
    test("covers nothing for sure, and may be covered for sure", () => {
        const maybe = {
            drop: "drop tcp from (not known yet) to port 22",
            ssh: "accept tcp from 198.51.100.7 to port 22",
        };
        expect(codes(findingsOf(maybe))).toEqual([]);
        const surely = { drop: "drop tcp from anywhere to port 22", ssh: "accept tcp from (not known yet) to port 22" };
        expect(codes(findingsOf(surely))).toContain("VF214 web/ssh");
    });

    test("makes no rule redundant that it may follow otherwise", () => {
        const rules = {
            a: "accept tcp from 198.51.100.0/24 to port 22",
            z: "drop tcp from (not known yet) to port 22 priority 2000",
        };
        expect(codes(findingsOf(rules, open))).not.toContain("VF219 web/a");
        expect(codes(findingsOf({ a: rules.a }, open))).toContain("VF219 web/a");
    });

    test("a rule of which nothing is known silences all that depends on order", () => {
        const rules = {
            one: "accept tcp from 198.51.100.7 to port 22",
            two: "accept tcp from 198.51.100.7 to port 22",
            open: { protocol: "tcp", ports: 3306, action: "(not known yet)" },
        };
        expect(findingsOf(rules)).toEqual([]);
    });
});
