import { exposureOf } from "./exposureOf";

const egress = { "egress any": "anywhere" };
const office = { office: { entries: ["198.51.100.0/24", "2001:db8:77::/48"] } };

describe("the exposure of a template", () => {
    test("of the walkthrough", () => {
        const rules = {
            ssh: { service: "ssh", from: "set office" },
            web: { service: ["http", "https"] },
            quic: { protocol: "udp", ports: 443 },
            scanners: { action: "drop", from: ["203.0.113.0/24"] },
            metrics: "accept tcp from 10.0.0.0/8 to port 9100",
        };
        expect(exposureOf(rules, { sets: office })).toEqual({
            "ingress tcp 22": "198.51.100.0/24, 2001:db8:77::/48",
            "ingress tcp 80": "anywhere except 203.0.113.0/24",
            "ingress tcp 443": "anywhere except 203.0.113.0/24",
            "ingress tcp 9100": "10.0.0.0/8",
            "ingress udp 443": "anywhere except 203.0.113.0/24",
            ...egress,
        });
    });

    test("lists protocols, then ports in order, so that the same meaning is the same text", () => {
        const rules = {
            a: "accept udp from anywhere to port 53",
            b: "accept tcp from anywhere to port 9, 10000",
            c: "accept icmp echo-request from anywhere",
            d: "accept protocol 47 from anywhere",
        };
        expect(Object.keys(exposureOf(rules))).toEqual([
            "ingress tcp 9",
            "ingress tcp 10000",
            "ingress udp 53",
            "ingress icmp echo-request",
            "ingress protocol 47",
            "egress any",
        ]);
    });

    test("of nothing but drops is that of nothing", () => {
        expect(exposureOf({ a: "drop any from 203.0.113.0/24" })).toEqual(egress);
    });
});

describe("who", () => {
    const ssh = (from: string | string[], drops: Record<string, string> = {}, sets = {}) =>
        exposureOf({ ssh: { service: "ssh", from }, ...drops }, { sets })["ingress tcp 22"];

    test.each([
        ["anywhere", "anywhere"],
        ["anywhere IPv4", "anywhere IPv4"],
        ["::/0", "anywhere IPv6"],
        [["10.0.0.0/8", "anywhere IPv6"], "10.0.0.0/8; anywhere IPv6"],
        [["10.0.0.0/9", "10.128.0.0/9", "10.0.0.1"], "10.0.0.0/8"],
        ["128.0.0.0/1", "128.0.0.0/1"],
        [["2001:db8::/32", "192.0.2.9", "192.0.2.10-192.0.2.11"], "192.0.2.9, 192.0.2.10/31, 2001:db8::/32"],
        [["0.0.0.0/1", "192.0.0.0/2", "128.0.0.0/3"], "anywhere IPv4 except 160.0.0.0/3"],
    ])("%j reads %s", (from, who) => expect(ssh(from)).toBe(who));

    test.each([
        [{ a: "drop any from 203.0.113.0/24" }, "anywhere except 203.0.113.0/24"],
        [{ a: "reject tcp from 2001:db8::/32, 10.0.0.0/8" }, "anywhere except 10.0.0.0/8, 2001:db8::/32"],
        [{ a: "drop any from anywhere IPv6" }, "anywhere IPv4"],
        [{ a: "drop any from ::/0, 192.0.2.1" }, "anywhere IPv4 except 192.0.2.1"],
        [{ a: "drop any from anywhere" }, undefined],
        [{ a: "drop udp from 192.0.2.1", b: "drop tcp from 192.0.2.1 to port 23" }, "anywhere"],
        [
            { a: "drop any from 10.0.0.0/8", b: "accept any from 10.1.0.0/16 priority 900" },
            "anywhere except 10.0.0.0/16, 10.2.0.0/15, 10.4.0.0/14, 10.8.0.0/13, 10.16.0.0/12, 10.32.0.0/11, 10.64.0.0/10, 10.128.0.0/9",
        ],
        [{ a: "drop any from 10.0.0.0/8 priority 2000" }, "anywhere"],
    ])("anywhere, behind %j, reads %s", (drops, who) => expect(ssh("anywhere", drops)).toBe(who));

    test("more than 8 prefixes read as their count and a digest of them", () => {
        const entries = Array.from({ length: 1200 }, (_, i) => `10.${i >> 7}.${(i & 127) * 2}.1`);
        const who = ssh("set s", {}, { s: { entries } });
        expect(who).toMatch(/^1,200 addresses \([0-9a-f]{8}\)$/);
        expect(ssh("set s", {}, { s: { entries: [...entries].reverse() } })).toBe(who);
        expect(ssh("set s", {}, { s: { entries: ["192.0.2.1", ...entries.slice(1)] } })).not.toBe(who);
        expect(ssh("anywhere", { a: "drop any from set s" }, { s: { entries } })).toBe(`anywhere except ${who}`);
    });

    test("an empty set is nobody, and a dropped empty set changes nothing", () => {
        expect(ssh("set s", {}, { s: { entries: [] } })).toBeUndefined();
        expect(ssh("anywhere", { a: "drop any from set s" }, { s: { entries: [] } })).toBe("anywhere");
    });
});

describe("ports, types and protocols", () => {
    test("ports are cut into the longest ranges over which who is the same", () => {
        const rules = {
            a: "accept tcp from 10.0.0.0/8 to port 1000-1999",
            b: "accept tcp from 192.0.2.1 to port 1500-2500",
            c: "accept tcp from 192.0.2.1 to port 2501",
        };
        expect(exposureOf(rules)).toEqual({
            "ingress tcp 1000-1499": "10.0.0.0/8",
            "ingress tcp 1500-1999": "10.0.0.0/8, 192.0.2.1",
            "ingress tcp 2000-2501": "192.0.2.1",
            ...egress,
        });
    });

    test("every port of a protocol is the protocol", () => {
        expect(exposureOf({ a: "accept tcp from anywhere to port 1-65535" })).toEqual({
            "ingress tcp": "anywhere",
            ...egress,
        });
        expect(exposureOf({ a: "accept tcp + udp from 10.0.0.1" })).toEqual({
            "ingress tcp": "10.0.0.1",
            "ingress udp": "10.0.0.1",
            ...egress,
        });
    });

    test("what a protocol shares with every other is not said again", () => {
        const rules = {
            a: "accept any from 10.0.0.0/8",
            b: "accept tcp from anywhere to port 80",
            c: "accept tcp from 10.1.0.0/16",
        };
        expect(exposureOf(rules)).toEqual({ "ingress any": "10.0.0.0/8", "ingress tcp 80": "anywhere", ...egress });
    });

    test("ICMP reads by the names of its types, the family unsaid", () => {
        const rules = {
            ping: { service: "ping" },
            more: "accept icmp 200, time-exceeded from 10.0.0.0/8, 2001:db8::/32",
        };
        expect(exposureOf(rules)).toEqual({
            "ingress icmp echo-request": "anywhere",
            "ingress icmp time-exceeded": "10.0.0.0/8",
            "ingress icmp 200": "10.0.0.0/8",
            "ingress icmpv6 echo-request": "anywhere",
            ...egress,
        });
    });

    test("a type that fares like the rest of ICMP is not said again", () => {
        const rules = { a: "accept icmp from 10.0.0.0/8", b: "accept icmp echo-request from 10.1.0.0/16" };
        expect(exposureOf(rules)).toEqual({ "ingress icmp": "10.0.0.0/8", ...egress });
    });

    test("types that differ from the rest of ICMP, and the rest", () => {
        const rules = { a: "drop icmp redirect from anywhere", b: "accept icmp + icmpv6 from anywhere" };
        expect(exposureOf(rules)).toEqual({
            "ingress icmp redirect": "nobody",
            "ingress icmp (other types)": "anywhere",
            "ingress icmpv6": "anywhere",
            ...egress,
        });
    });

    test("protocols by number", () => {
        const rules = { a: "accept protocol 47 + protocol 50 from 192.0.2.1", b: "accept protocol 6 from 192.0.2.1" };
        expect(exposureOf(rules)).toEqual({
            "ingress tcp": "192.0.2.1",
            "ingress protocol 47": "192.0.2.1",
            "ingress protocol 50": "192.0.2.1",
            ...egress,
        });
    });
});

describe("defaults and egress", () => {
    test("a default accept leaves what the drops take", () => {
        const rules = {
            a: "drop tcp from anywhere to port 3306",
            b: "drop any from 203.0.113.0/24",
            c: "accept tcp from 203.0.113.9 to port 22",
        };
        expect(exposureOf(rules, { defaults: { ingress: "accept" } })).toEqual({
            "ingress any": "anywhere except 203.0.113.0/24",
            "ingress tcp 3306": "nobody",
            ...egress,
        });
    });

    test("egress reads by destination", () => {
        const rules = {
            dns: "egress accept udp to 9.9.9.9, 2620:fe::fe port 53",
            mail: "egress drop tcp to anywhere port 25",
            web: "egress accept tcp to anywhere",
        };
        expect(exposureOf(rules, { defaults: { egress: "drop" } })).toEqual({
            "egress tcp 1-24": "anywhere",
            "egress tcp 26-65535": "anywhere",
            "egress udp 53": "9.9.9.9, 2620:fe::fe",
        });
        expect(exposureOf(rules)).toEqual({ "egress any": "anywhere", "egress tcp 25": "nobody" });
    });

    test("closed in both directions is empty", () => {
        expect(exposureOf({ a: "drop any from anywhere" }, { defaults: { egress: "drop" } })).toEqual({});
    });

    test("templates decide one after the other", () => {
        const first = { name: "first", rules: { open: "accept tcp from 10.0.0.0/8 to port 22" } };
        const second = { name: "second", rules: { shut: "drop any from anywhere" } };
        expect(exposureOf([first, second])).toEqual({ "ingress tcp 22": "10.0.0.0/8", ...egress });
        expect(exposureOf([second, first])).toEqual(egress);
    });
});

describe("accepts narrowed by this server's address or the source port", () => {
    const tcp443 = (rules: Record<string, unknown>, more = {}) => exposureOf(rules, more)["ingress tcp 443"];

    test.each([
        [["accept tcp from anywhere to 192.0.2.10 port 443"], "anywhere to 192.0.2.10"],
        [["accept tcp from anywhere to 192.0.2.10, 2001:db8::a port 443"], "anywhere to 192.0.2.10, 2001:db8::a"],
        [["accept tcp from 10.0.0.0/8, 2001:db8::/32 to 192.0.2.10 port 443"], "10.0.0.0/8 to 192.0.2.10"],
        [["accept tcp from 10.0.0.0/8 to 2001:db8::a port 443"], undefined],
        [["accept tcp from anywhere to 0.0.0.0/0 port 443"], "anywhere IPv4"],
        [["accept tcp from 10.0.0.0/8 port 1024-65535 to port 443"], "10.0.0.0/8 from port 1024-65535"],
        [["accept tcp from anywhere IPv4 port 53 to port 443"], "anywhere IPv4 from port 53"],
        [["accept tcp from anywhere port 53 to 192.0.2.10 port 443"], "anywhere to 192.0.2.10 from port 53"],
        [
            ["accept tcp from 10.0.0.0/8 to port 443", "accept tcp from 10.0.0.0/7 to 192.0.2.10 port 443"],
            "10.0.0.0/8; 11.0.0.0/8 to 192.0.2.10",
        ],
        [["accept tcp from anywhere to port 443", "accept tcp from 10.0.0.0/8 to 192.0.2.10 port 443"], "anywhere"],
        [
            ["drop any from 10.1.0.0/16", "accept tcp from 10.0.0.0/15 to 192.0.2.10 port 443"],
            "10.0.0.0/16 to 192.0.2.10",
        ],
    ])("%j", (lines, who) => expect(tcp443(Object.fromEntries(lines.map((line, i) => [`r${i}`, line])))).toBe(who));

    test("read the same however they are shared out among rules", () => {
        const one = { r: "accept tcp from 10.0.0.0/8, 192.0.2.1 port 1024-65535 to 192.0.2.10, 192.0.2.20 port 443" };
        const many = {
            z: "accept tcp from 10.0.0.0/9, 192.0.2.1 port 1024-2000 to 192.0.2.10, 192.0.2.20 port 443",
            b: "accept tcp from 10.0.0.0/8, 192.0.2.1 port 2001-65535 to 192.0.2.20 port 443",
            c: "accept tcp from 10.128.0.0/9 port 1024-2500 to 192.0.2.10, 192.0.2.20 port 443",
            a: "accept tcp from 10.0.0.0/8, 192.0.2.1 port 1900-65535 to 192.0.2.10 port 443",
        };
        expect(tcp443(one)).toBe("10.0.0.0/8, 192.0.2.1 to 192.0.2.10, 192.0.2.20 from port 1024-65535");
        expect(tcp443(many)).toBe(tcp443(one));
    });

    test("of egress read by destination, the server's end as from", () => {
        const rules = { a: "egress accept udp from 192.0.2.10 port 123 to 9.9.9.9 port 123" };
        expect(exposureOf(rules, { defaults: { egress: "drop" } })).toEqual({
            "egress udp 123": "9.9.9.9 from 192.0.2.10 from port 123",
        });
    });
});

describe("drops for some of the server's addresses or some source ports", () => {
    const tcp22 = (...lines: string[]) =>
        exposureOf(Object.fromEntries(lines.map((line, i) => [`r${i}`, line])))["ingress tcp 22"];
    const accept = "accept tcp from anywhere to port 22";

    test.each([
        [
            ["drop tcp from 10.0.0.1 to 192.0.2.10 port 22", accept],
            "anywhere except 10.0.0.1; 10.0.0.1 to anywhere IPv4 except 192.0.2.10",
        ],
        [
            ["drop tcp from anywhere to 192.0.2.10", accept],
            "anywhere IPv6; anywhere to anywhere IPv4 except 192.0.2.10",
        ],
        [["drop tcp from 10.0.0.1 port 53", accept], "anywhere except 10.0.0.1; 10.0.0.1 from port 1-52, 54-65535"],
        [["drop tcp from anywhere port 1-1023", accept], "anywhere from port 1024-65535"],
        [["drop tcp from anywhere port 1-1023", "drop tcp from anywhere port 1024-65535", accept], undefined],
        [["drop tcp from 10.0.0.1 port 53", "accept tcp from 10.0.0.2 to port 22"], "10.0.0.2"],
        [["drop tcp from 10.0.0.1 port 53", `${accept} priority 1`], "anywhere"],
    ])("%j", (lines, who) => expect(tcp22(...lines)).toBe(who));

    test("that take part of what others have taken already change nothing", () => {
        const some = ["drop any from 10.0.0.0/8", "accept tcp from 10.0.0.0/7 to port 22"];
        expect(tcp22("drop tcp from 10.1.0.0/16 port 53 to 192.0.2.10", ...some)).toBe(tcp22(...some));
    });
});

describe("values that are not known yet", () => {
    const unknown = "(not known yet)";
    const tcp22 = (...rules: string[]) =>
        exposureOf(Object.fromEntries(rules.map((rule, i) => [`r${i}`, rule])))["ingress tcp 22"];

    test.each([
        [[`accept tcp from ${unknown} to port 22`], unknown],
        [[`accept tcp from 192.0.2.1, ${unknown} to port 22`], `192.0.2.1; ${unknown}`],
        [[`accept tcp from ${unknown} to port 22`, "accept tcp from anywhere to port 22"], "anywhere"],
        [[`drop any from ${unknown}`, "accept tcp from anywhere to port 22"], `anywhere except ${unknown}`],
        [
            [
                "accept tcp from 10.0.0.1 to port 22 priority 1",
                `drop any from ${unknown}`,
                "accept tcp from 10.0.0.1 to port 22",
            ],
            "10.0.0.1",
        ],
        [[`drop any from ${unknown} priority 2000`, "accept tcp from anywhere to port 22"], "anywhere"],
        [
            [`drop any from ${unknown}`, "accept tcp from 10.0.0.1 to 192.0.2.10 port 22"],
            `10.0.0.1 to 192.0.2.10 except ${unknown}`,
        ],
        [[`accept tcp from 10.0.0.0/8 to ${unknown} port 22`], `10.0.0.0/8 to ${unknown}`],
        [[`accept tcp from anywhere to ${unknown} port 22`], `anywhere to ${unknown}`],
        [
            [`accept tcp from 10.0.0.0/8, ${unknown} to 192.0.2.10 port 22`],
            `10.0.0.0/8 to 192.0.2.10; ${unknown} to 192.0.2.10`,
        ],
        [
            [`accept tcp from 10.0.0.0/8 port 53, ${unknown} to port 22`],
            `10.0.0.0/8 from port 53; 10.0.0.0/8 from port ${unknown}`,
        ],
        [
            [`accept tcp from anywhere to port 22`, `drop tcp from anywhere to port ${unknown}`],
            `anywhere except as port ${unknown}`,
        ],
    ])("%j", (rules, who) => expect(tcp22(...rules)).toBe(who));

    test("as port have a line of their own if they are accepted, and may be any of the others if they are dropped", () => {
        expect(
            exposureOf({ a: "accept tcp from anywhere to port 22", b: `accept tcp from 10.0.0.1 to port ${unknown}` }),
        ).toEqual({
            "ingress tcp 22": "anywhere",
            [`ingress tcp ${unknown}`]: "10.0.0.1",
            ...egress,
        });
        expect(
            exposureOf({
                a: "accept tcp + udp from anywhere to port 22",
                b: `drop tcp from 10.0.0.1 to port ${unknown}`,
            }),
        ).toEqual({
            "ingress tcp 22": `anywhere except as port ${unknown}`,
            "ingress udp 22": "anywhere",
            ...egress,
        });
    });

    test("as more than addresses and ports make the whole exposure unknown", () => {
        expect(exposureOf({ a: { protocol: unknown }, b: "accept tcp from anywhere to port 22" })).toEqual({
            "ingress any": unknown,
            "egress any": unknown,
        });
    });
});
