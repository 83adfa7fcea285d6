import { privateTraffic, trafficNames } from "../../../../core/model/privateServices";
import { closedOut, codes, findingsOf, messages, open, templates } from "./findingsOf";

const line = (rule: string) => findingsOf({ r: rule });
const from = (who: string, traffic: string) => codes(line(`accept ${traffic.replace(" ", ` from ${who} to port `)}`));

describe("open to the world what is usually private", () => {
    test.each([
        ["EA-22", "tcp 3306"],
        ["EA-23", "tcp 5432"],
        ["EA-18", "tcp 389"],
        ["Redis", "tcp 6379"],
        ["the Docker API", "tcp 2375"],
        ["SMB", "tcp 445"],
    ])("%s: %s warns from anywhere and not from a network", (_, traffic) => {
        expect(from("anywhere", traffic)).toContain("VF220 web/r");
        const rule = `accept ${traffic.replace(" ", " from anywhere to port ")}`;
        expect(codes(findingsOf({ r: rule, some: "drop any from 198.51.100.0/24" }))).toContain("VF220 web/r");
        expect(from("198.51.100.0/24", traffic)).not.toContain("VF220 web/r");
        expect(from("10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7", traffic)).not.toContain("VF220 web/r");
    });

    test("one finding for a rule, whatever it opens", () => {
        const found = line("accept tcp from anywhere to port 1-65535");
        expect(codes(found).filter((code) => code.startsWith("VF220"))).toEqual(["VF220 web/r"]);
        expect(messages(found, "VF220")[0]).toMatch(
            /^VF220 web\/r opens to the world .*: mysql \(tcp 3306\), .* and \d+ more, for example tcp /,
        );
    });

    test("a rule for an office beside it is not blamed, a drop before it counts", () => {
        const rules = { a: "accept tcp from 198.51.100.0/24 to port 3306", b: "accept tcp from anywhere to port 3306" };
        expect(findingsOf(rules).find(({ code }) => code === "VF220")).toMatchObject({
            rule: "web/b",
            blame: ["web/b"],
        });
        const shut = { ...rules, c: "drop tcp from anywhere to port 3306" };
        expect(codes(findingsOf(shut)).filter((code) => code.startsWith("VF220"))).toEqual([]);
    });

    test("LW-39: the range of passive FTP is no database, a rule that names its port is", () => {
        expect(from("anywhere", "tcp 50000-50100")).toEqual([]);
        expect(from("anywhere", "tcp 50000")).toEqual(["VF220 web/r"]);
    });

    test("rules that together are the world", () => {
        const rules = Object.fromEntries(
            Array.from({ length: 8 }, (_, i) => [`r${i}`, `accept tcp from ${16 + 4 * i}.0.0.0/9 to port 3306`]),
        );
        const [found] = findingsOf(rules).filter(({ code }) => code === "VF220");
        expect(found!.blame).toHaveLength(8);
    });

    test("the default action is blamed where it is what accepts", () => {
        const [found] = findingsOf({ r: "drop tcp from anywhere to port 22" }, open).filter(
            ({ code }) => code === "VF220",
        );
        expect(found).toMatchObject({ rule: "default action", blame: ["default action"] });
    });

    test("every name of the tables is in the catalogue", () => {
        expect(privateTraffic.length).toBeGreaterThan(40);
        expect(trafficNames).toEqual(expect.arrayContaining(["mysql", "rdp", "snmp", "ftp", "imap3"]));
    });
});

describe("administration", () => {
    test("VG-7: SSH open to anywhere is a note", () => {
        const found = line("accept tcp from anywhere to port 22");
        expect(found).toMatchObject([{ code: "VF222", severity: "note", rule: "web/r" }]);
        expect(messages(found)[0]).toContain(
            "opens SSH to the world: ssh (tcp 22), for example tcp 203.0.113.9 -> port 22.",
        );
        expect(from("198.51.100.0/24", "tcp 22")).toEqual([]);
    });

    test("the port that SSH uses there counts too", () => {
        const found = findingsOf({ r: "accept tcp from anywhere to port 2222" }, {}, { managementPorts: [2222] });
        expect(codes(found)).toEqual(["VF222 web/r"]);
    });

    test.each(["tcp 3389", "tcp 5985", "tcp 10000", "tcp 9090", "tcp 8006", "tcp 23"])("%s warns", (traffic) => {
        expect(from("anywhere", traffic)).toContain("VF221 web/r");
    });
});

describe("amplifiers", () => {
    test.each([
        "udp 161",
        "udp 1900",
        "udp 11211",
        "udp 19",
        "udp 389",
        "udp 111",
        "udp 17",
        "udp 137",
        "udp 3702",
        "udp 5683",
        "udp 5353",
    ])("%s warns", (traffic) => expect(from("anywhere", traffic)).toContain("VF224 web/r"));
    test.each(["udp 53", "udp 123"])("%s is a note", (traffic) =>
        expect(from("anywhere", traffic)).toEqual(["VF225 web/r"]),
    );
});

describe("what is said of a service by its port", () => {
    test.each([
        ["EA-11, VG-14", 21],
        ["EA-15, VG-13", 110],
        ["EA-16, VG-12", 143],
        ["EA-18", 389],
    ])("%s: tcp %d is cleartext", (_, port) => {
        expect(from("anywhere", `tcp ${port}`)).toContain("VF226 web/r");
        expect(from("198.51.100.0/24", `tcp ${port}`)).not.toContain("VF226 web/r");
        expect(from("anywhere", `tcp 1-65535`)).not.toContain("VF226 web/r");
    });

    test("EA-17: imap3 is obsolete", () => {
        expect(messages(line("accept tcp from anywhere to port 220"), "VF228")[0]).toBe(
            "VF228 web/r accepts imap3 (tcp 220), which is obsolete. Say imap or imaps, one of which is meant.",
        );
    });

    test("EA-13, VG-10: tcp 53 only", () => {
        expect(from("anywhere", "tcp 53")).toContain("VF229 web/r");
        expect(codes(line("accept tcp + udp from anywhere to port 53"))).not.toContain("VF229 web/r");
    });

    test("EA-10: nobody connects to ftp-data", () => {
        expect(messages(line("accept tcp from 198.51.100.0/24 to port 20"), "VF236")[0]).toContain(
            "VF236 web/r accepts ftp-data (tcp 20), for example tcp 198.51.100.9 -> port 20: no client connects there.",
        );
        expect(from("anywhere", "tcp 1-65535")).not.toContain("VF236 web/r");
        const active = { r: "egress accept tcp from anywhere port 20 to anywhere port 1024-65535" };
        expect(codes(findingsOf(active, closedOut))).not.toContain("VF236 web/r");
    });

    test("EA-11, LW-39, VG-14: ftp without a passive range", () => {
        expect(from("anywhere", "tcp 21")).toContain("VF227 web/r");
        expect(from("anywhere", "tcp 21, 50000-50100")).not.toContain("VF227 web/r");
        const elsewhere = {
            a: "accept tcp from 198.51.100.0/24 to port 21",
            b: "accept tcp from 192.0.2.0/24 to port 50000-50100",
        };
        expect(codes(findingsOf(elsewhere))).toContain("VF227 web/a");
    });
});

describe("one family only", () => {
    test("VG-16, LW-17: 0.0.0.0/0 is not anywhere", () => {
        const found = line("accept tcp from 0.0.0.0/0 to port 80, 443");
        expect(messages(found, "VF223")).toEqual([
            "VF223 web/r opens tcp 80 and tcp 443 over IPv4 only: over IPv6 nobody gets through, for example " +
                'tcp 203.0.113.9 -> port 80. Leave from out, or say "anywhere", for both families.',
        ]);
        expect(messages(line("accept tcp from ::/0 to port 80"), "VF223")[0]).toContain("over IPv6 only");
    });

    test("not where both are open by two rules, nor for networks, nor where the server's address says the family", () => {
        const both = { a: "accept tcp from anywhere IPv4 to port 80", b: "accept tcp from anywhere IPv6 to port 80" };
        expect(codes(findingsOf(both))).toEqual([]);
        expect(codes(line("accept tcp from 198.51.100.0/24 to port 80"))).toEqual([]);
        expect(codes(line("accept tcp from anywhere to 192.0.2.10 port 80"))).toEqual([]);
    });
});

describe("NC-18: egress default drop", () => {
    test("names what is missing", () => {
        expect(messages(findingsOf({ w: "accept tcp from anywhere to port 80" }, closedOut), "VF230")[0]).toContain(
            "no rule accepts DNS (udp 53) and NTP (udp 123).",
        );
        const dns = { d: "egress accept udp to 192.0.2.53 port 53" };
        expect(messages(findingsOf(dns, closedOut), "VF230")[0]).toContain("no rule accepts NTP (udp 123).");
        const all = { ...dns, n: "egress accept udp to 192.0.2.123 port 123" };
        expect(codes(findingsOf(all, closedOut))).toEqual([]);
        expect(codes(findingsOf({ w: "accept tcp from anywhere to port 80" }))).toEqual([]);
    });

    test("DHCP, where the base has none of it", () => {
        const found = findingsOf({ d: "egress accept udp to anywhere port 53, 123" }, closedOut, {
            base: "replies (1)",
        });
        expect(messages(found, "VF230")[0]).toContain("DHCP (udp 67)");
        expect(
            findingsOf({ d: "egress accept udp to anywhere port 53, 123" }, closedOut, { base: "dhcp client (1)" }),
        ).toEqual([]);
    });
});

describe("a reply rule in disguise", () => {
    test.each([
        ["EA-29", "accept tcp from anywhere port 25", "tcp 203.0.113.9 from port 25 -> port 3306"],
        ["EA-30", "accept tcp from anywhere port 53", "tcp 203.0.113.9 from port 53 -> port 3306"],
        ["EA-31", "accept udp from anywhere port 53", "udp 203.0.113.9 from port 53 -> port 161"],
    ])("%s: %s", (_, rule, example) => {
        expect(messages(line(rule), "VF231")[0]).toContain(`for example ${example}. `);
    });

    test("not from few servers, nor to one port", () => {
        expect(codes(line("accept udp from 9.9.9.9 port 53"))).toEqual([]);
        expect(codes(line("accept udp from anywhere port 123 to port 123"))).not.toContain("VF231 web/r");
    });
});

describe("LW-31, LW-32: what Leaseweb blocks upstream", () => {
    const at = (traffic: string, provider: "leaseweb" | undefined = "leaseweb") => {
        const rule = `accept ${traffic.replace(" ", " from 198.51.100.0/24 to port ")}`;
        return messages(findingsOf({ r: rule }, {}, provider && { provider }), "VF235");
    };

    test.each([
        ["tcp 445", "tcp 445"],
        ["tcp 130-140", "tcp 135-139"],
        ["udp 137", "udp 137"],
        ["udp 139", "udp 139"],
    ])("%s", (traffic, blocked) => {
        expect(at(traffic)[0]).toContain(
            `opens what Leaseweb blocks in its whole network: ${blocked} (list of 2026-11).`,
        );
    });
    test.each(["tcp 134", "tcp 446", "udp 138"])("%s is not", (traffic) => expect(at(traffic)).toEqual([]));
    test("LW-33: it holds outbound too", () => {
        const found = findingsOf({ r: "egress accept tcp to anywhere port 445" }, closedOut, { provider: "leaseweb" });
        expect(codes(found)).toContain("VF235 web/r");
    });
    test("LW-34: a list of one's own", () => {
        const blocked = [{ protocol: "tcp", ports: { first: 25, last: 25 } }] as const;
        const own = { provider: "Example", date: "2026-01-02", blocked };
        const found = findingsOf({ r: "accept tcp from anywhere to port 25" }, {}, { provider: own });
        expect(messages(found, "VF235")[0]).toContain(
            "what Example blocks in its whole network: tcp 25 (list of 2026-01-02)",
        );
    });
    test("nobody else is told", () => {
        expect(codes(findingsOf(templates({ web: { r: "accept tcp from 198.51.100.0/24 to port 445" } })))).toEqual([]);
    });
});
