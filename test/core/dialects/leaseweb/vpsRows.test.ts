import { decide } from "../../../../core/analysis/decide";
import { openDiagrams } from "../../../../core/analysis/diagram";
import { lastOf } from "../../../../core/analysis/packetFields";
import { formatPacket } from "../../../../core/analysis/witness";
import {
    interpretVps,
    portalFields,
    proveVpsRows,
    renderVpsRows,
    type VpsFirewall,
    type VpsRow,
    vpsRowChanges,
} from "../../../../core/dialects/leaseweb";
import { policyFrom } from "../../analysis/exposureOf";
import { policy } from "../nftables/build";
import { packetOf } from "../packetWords";
import { fate, notesOf, on, refusal, rowsFor, rowsOf, textOf } from "./vps";

// What the portal's rows are for policies of every kind. The ids are those of the acceptance list.

describe("the form of a row", () => {
    test("LW-12, LW-26: protocol, source, ports and the key of the rule as name, by the names of the portal", () => {
        const rows = renderVpsRows(
            policy({
                "web/a": "accept tcp from 198.51.100.0/24 to port 50-60",
                "web/b": "accept udp from anywhere IPv4 to port 53",
                "web/c": "accept icmp from 198.51.100.10",
            }),
        ).rows;
        expect(rows.map(portalFields)).toEqual([
            { Protocol: "TCP", "Source IP Address": "198.51.100.0/24", Startport: "50", Endport: "60", Name: "web/a" },
            { Protocol: "UDP", "Source IP Address": "0.0.0.0/0", Startport: "53", Endport: "", Name: "web/b" },
            { Protocol: "ICMP", "Source IP Address": "198.51.100.10/32", Startport: "", Endport: "", Name: "web/c" },
        ]);
    });

    test("LW-12: a row of each protocol allows none of the other two", () => {
        const asks = { tcp: "in tcp T > 53", udp: "in udp T > 53", icmp: "in ping T" } as const;
        for (const protocol of ["tcp", "udp", "icmp"] as const)
            for (const other of ["tcp", "udp", "icmp"] as const)
                expect(fate(on(policy({ "web/a": `accept ${protocol} from 198.51.100.0/24` })), asks[other])).toBe(
                    other === protocol ? "accept" : "drop (no row)",
                );
    });

    test("LW-13, LW-14: any protocol is three rows, and a note says that GRE is none of them", () => {
        const any = policy({ "web/t": "accept any from 198.51.100.10" });
        expect(rowsOf(any)).toEqual([
            "TCP 198.51.100.10/32 1-65535 web/t",
            "UDP 198.51.100.10/32 1-65535 web/t",
            "ICMP 198.51.100.10/32 web/t",
        ]);
        expect(notesOf(any, "three protocols")).toEqual([
            {
                ...{ about: "three protocols", severity: "note", keys: ["web/t"] },
                text: "web/t says any protocol: only TCP, UDP and ICMP are claimed for its rows, others (GRE, ESP, SCTP) are not.",
            },
        ]);
        expect(fate(on(any), "in gre T")).toBe("drop (no row)");
        expect(proveVpsRows(renderVpsRows(any).rows, any)).toBeUndefined();
    });

    test("LW-15: a network, to both its ends and no further", () => {
        const firewall = on(policy({ "web/a": "accept tcp from 198.51.100.0/24 to port 22" }));
        expect(fate(firewall, "in tcp 198.51.100.0 > 22")).toBe("accept");
        expect(fate(firewall, "in tcp 198.51.100.255 > 22")).toBe("accept");
        expect(fate(firewall, "in tcp 198.51.101.1 > 22")).toBe("drop (no row)");
    });

    test("LW-16, LW-18, LW-19: the whole internet, one address, and ranges as exact prefixes", () => {
        expect(rowsFor("accept tcp from anywhere to port 80")).toEqual(["TCP 0.0.0.0/0 80 web/a"]);
        expect(rowsFor("accept tcp from 198.51.100.10 to port 80")).toEqual(["TCP 198.51.100.10/32 80 web/a"]);
        expect(rowsFor("accept tcp from 192.0.2.20-192.0.2.23 to port 80")).toEqual(["TCP 192.0.2.20/30 80 web/a"]);
        expect(rowsFor("accept tcp from 192.0.2.20-192.0.2.22 to port 80")).toEqual([
            "TCP 192.0.2.20/31 80 web/a",
            "TCP 192.0.2.22/32 80 web/a",
        ]);
    });

    test("LW-20, LW-21, LW-22: one port, and a range with both its ends", () => {
        const one = on(policy({ "web/a": "accept tcp from anywhere to port 80" }));
        expect(one.rows[0]).toEqual({ name: "web/a", protocol: "TCP", source: "0.0.0.0/0", startPort: 80 });
        expect([79, 80, 81].map((port) => fate(one, `in tcp X > ${port}`))).toEqual([
            "drop (no row)",
            "accept",
            "drop (no row)",
        ]);
        const range = on(policy({ "web/a": "accept tcp from anywhere to port 50-60" }));
        expect([49, 50, 55, 60, 61].map((port) => fate(range, `in tcp X > ${port}`))).toEqual([
            "drop (no row)",
            ...["accept", "accept", "accept"],
            "drop (no row)",
        ]);
        const written = [{ ...one.rows[0]!, endPort: 80 }];
        expect(vpsRowChanges(one.rows, written)).toEqual({ add: [], rename: [], remove: [] });
        expect(fate({ enabled: true, rows: written }, "in tcp X > 80")).toBe("accept");
        expect(fate({ enabled: true, rows: written }, "in tcp X > 81")).toBe("drop (no row)");
    });

    test("LW-24: ICMP has no port, and its types can't be said", () => {
        const ping = on(policy({ "web/a": "accept icmp from 198.51.100.10" }));
        expect(ping.rows).toEqual([{ name: "web/a", protocol: "ICMP", source: "198.51.100.10/32" }]);
        expect(fate(ping, "in ping T")).toBe("accept");
        expect(fate(ping, "in ping X")).toBe("drop (no row)");
        const withPort: VpsFirewall = { enabled: true, rows: [{ ...ping.rows[0]!, startPort: 8 }] };
        expect(() => interpretVps(withPort, "ingress", openDiagrams(lastOf))).toThrow("ICMP has no ports");
        expect(refusal(policy({ "web/a": "accept icmp echo-request from anywhere" })).field).toBe("icmpTypes");
    });

    test("LW-25: a row is one protocol, one source and one range of ports; neighbours join", () => {
        const six = policy({ "web/a": "accept tcp from 198.51.100.0/24, 203.0.113.0/24 to port 22, 80, 443" });
        expect(rowsOf(six)).toEqual(
            ["198.51.100.0/24", "203.0.113.0/24"].flatMap((from) =>
                [22, 80, 443].map((port) => `TCP ${from} ${port} web/a`),
            ),
        );
        expect(notesOf(six, "rows").map(({ text }) => text)).toEqual([
            "web/a is 6 rows: a row has one protocol, one address and one range of ports.",
        ]);
        const joined = policyFrom({ a: { protocol: "tcp", ports: [80, 81] } });
        expect(rowsOf(joined)).toEqual(["TCP 0.0.0.0/0 80-81 web/a"]);
        expect(notesOf(joined, "rows")).toEqual([]);
    });

    test("LW-26: another key is another name, and no other traffic", () => {
        const before = renderVpsRows(policy({ "web/a": "accept tcp from anywhere to port 80, 443" })).rows;
        const after = renderVpsRows(policy({ "web/b": "accept tcp from anywhere to port 80, 443" })).rows;
        expect(vpsRowChanges(before, after)).toEqual({
            add: [],
            rename: before.map((from, index) => ({ from, to: after[index] })),
            remove: [],
        });
    });

    test("a set and its exceptions become rows", () => {
        const wanted = policy(
            { "web/a": "accept tcp from set office except 198.51.100.0/26 to port 22" },
            { office: ["198.51.100.0/24", "203.0.113.7"] },
        );
        expect(rowsOf(wanted)).toEqual([
            "TCP 198.51.100.64/26 22 web/a",
            "TCP 198.51.100.128/25 22 web/a",
            "TCP 203.0.113.7/32 22 web/a",
        ]);
        expect(notesOf(wanted, "exclusion").map(({ text }) => text)).toEqual([
            "The rows of web/a cover exactly its addresses without those that it excepts.",
        ]);
        expect(proveVpsRows(renderVpsRows(wanted).rows, wanted)).toBeUndefined();
    });
});

describe("LW-17: IPv4 alone", () => {
    const notes = (line: string) =>
        notesOf(policy({ "web/a": line }), "IPv4 only").map(({ severity, text }) => `${severity}: ${text}`);

    test("anywhere covers IPv4 in rows, and a note says so", () => {
        const https = policy({ "web/a": "accept tcp from anywhere to port 443" });
        expect(notes("accept tcp from anywhere to port 443")).toEqual([
            "note: The rows of web/a cover IPv4 only: the firewall of a Leaseweb VPS says nothing of IPv6.",
        ]);
        expect(decide(https, packetOf("in6 tcp X > 443")).verdict).toBe("accept");
        expect(fate(on(https), "in6 tcp X > 443")).toBe("drop (no row)");
        expect(proveVpsRows(on(https).rows, https)).toBeUndefined();
    });

    test("0.0.0.0/0 means IPv4 alone, with a note; a network of IPv4 needs none", () => {
        expect(notes("accept tcp from anywhere IPv4 to port 443")).toEqual([
            "note: web/a says 0.0.0.0/0, which is all of IPv4 and nothing of IPv6.",
        ]);
        expect(notes("accept tcp from 198.51.100.0/24 to port 443")).toEqual([]);
        expect(notes("accept icmp from anywhere")).toEqual([]);
    });

    test("a rule for IPv6 has no row and a warning; so has one for ICMPv6", () => {
        for (const line of ["accept tcp from 2001:db8:77::/48 to port 22", "accept icmpv6 from anywhere"]) {
            expect(rowsFor(line)).toEqual([]);
            expect(notes(line)).toEqual([
                "warning: web/a has no row: it is about IPv6, of which the firewall of a Leaseweb VPS says nothing.",
            ]);
        }
        const taken = { "web/drop": "drop tcp from anywhere IPv4", "web/a": "accept tcp from anywhere to port 22" };
        expect(renderVpsRows(policy(taken)).notes).toMatchObject([
            { about: "nothing to allow", text: "web/a has no row: web/drop drops all that a row could say of it." },
            { about: "IPv4 only", keys: ["web/a"], severity: "warning" },
        ]);
        expect(notes("drop tcp from 2001:db8:77::/48")).toEqual([
            "note: web/a is said for IPv4 only: the firewall of a Leaseweb VPS says nothing of IPv6.",
        ]);
    });

    test("a row may not allow more of IPv6 than the policy", () => {
        const v4 = policy({ "web/a": "accept tcp from anywhere IPv4 to port 443" });
        const more: VpsRow[] = [...on(v4).rows, { protocol: "TCP", source: "::/0", startPort: 443 }];
        expect(formatPacket(proveVpsRows(more, v4)!.packet)).toBe("in tcp 2001:db8:bad::9 -> 2001:db8:5::10 port 443");
        expect(proveVpsRows(more, policy({ "web/a": "accept tcp from anywhere to port 443" }))).toBeUndefined();
    });
});

describe("LW-27: what has no field", () => {
    test.each([
        ["reject tcp from anywhere to port 22", "action", 'what it does not allow gets no answer: say "drop"'],
        ["accept udp from anywhere port 53", "sourcePorts", "no field for source ports"],
        ["accept tcp from anywhere to 192.0.2.10 port 22", "to", "no field for the destination of ingress"],
        ["accept protocol 47 from anywhere", "protocol", "knows TCP, UDP and ICMP, and this says protocol 47"],
        ["drop protocol 47 from anywhere", "protocol", "knows TCP, UDP and ICMP"],
        ["accept icmp echo-request from anywhere", "icmpTypes", "which allows all of them"],
        ["accept tcp from anywhere to port 22 in eth0", "interface", "knows no interfaces"],
        ["accept tcp from anywhere to port 22 state new", "state", "connection tracking"],
        ["accept tcp from anywhere to port 22 flags syn", "tcpFlags", "flags of TCP"],
        ["accept tcp from anywhere to port 22 limit 10/second burst 5", "limit", "a rate"],
        ["drop udp from anywhere port 53", "sourcePorts", "no field for source ports"],
    ])("%s: %s", (line, field, text) => {
        const error = refusal(policy({ "web/a": line }));
        expect([error.key, error.field]).toEqual(["web/a", field]);
        expect(error.problem).toContain(text);
        expect(error.problem).toMatch(/, or enforce this rule on the host \(HostFirewall\)$/);
    });

    test("a destination that is all of the server says nothing", () => {
        const own = [0xc000020an].map((address) => ({ family: 4 as const, first: address, last: address }));
        const wanted = policy({ "web/a": "accept tcp from anywhere to 192.0.2.0/24 port 22" });
        const { rows } = renderVpsRows(wanted, { own });
        expect(rows.map(textOf)).toEqual(["TCP 0.0.0.0/0 22 web/a"]);
        expect(proveVpsRows(rows, wanted, { own })).toBeUndefined();
        expect(proveVpsRows(rows, wanted)).toMatchObject({ meant: "drop", done: "accept" });
    });

    test("rows that nobody enters are refused", () => {
        const crowd = Array.from({ length: 101 }, (_, i) => `10.0.${i}.0/24`);
        const ports = Array.from({ length: 100 }, (_, i) => 2 * i + 1);
        const few = policyFrom({
            a: { protocol: "tcp", from: crowd.filter((_, i) => i % 2 === 0).slice(0, 50), ports },
        });
        expect(rowsOf(few)).toHaveLength(5000);
        const many = policyFrom({
            a: { protocol: "tcp", from: crowd.map((each) => each.replace(".0/24", ".1")), ports },
        });
        expect(refusal(many).message).toMatch(/^rule web\/a: it takes more than 10,000 rows/);
    });
});

describe("LW-28: rows only allow", () => {
    const lines = {
        "web/drop": "drop tcp from 10.1.0.0/16 to port 22",
        "web/in": "accept tcp from 10.0.0.0/8 to port 22",
    };

    test("a drop before an accept leaves exactly the difference", () => {
        const wanted = policy(lines);
        expect(rowsOf(wanted)).toEqual(
            ["0.0/16", "2.0.0/15", "4.0.0/14", "8.0.0/13", "16.0.0/12", "32.0.0/11", "64.0.0/10", "128.0.0/9"].map(
                (rest) => `TCP 10.${rest === "0.0/16" ? "0.0.0/16" : rest} 22 web/in`,
            ),
        );
        expect(notesOf(wanted, "exclusion")).toMatchObject([
            {
                keys: ["web/in", "web/drop"],
                text: "The rows of web/in cover exactly what web/drop leaves of it: rows only allow.",
            },
        ]);
        expect(fate(on(wanted), "in tcp 10.0.255.255 > 22")).toBe("accept");
        expect(fate(on(wanted), "in tcp 10.1.0.0 > 22")).toBe("drop (no row)");
        expect(fate(on(wanted), "in tcp 10.2.0.0 > 22")).toBe("accept");
    });

    test("a drop behind it takes nothing, and of ports only what it names", () => {
        const behind = policy({ "web/in": lines["web/in"], "web/drop": lines["web/drop"] });
        expect(rowsOf(behind)).toEqual(["TCP 10.0.0.0/8 22 web/in"]);
        expect(notesOf(behind, "drop without a row")).toMatchObject([{ keys: ["web/drop"] }]);
        const ports = policy({
            "web/drop": "drop tcp from anywhere to port 25",
            "web/in": "accept tcp from anywhere to port 20-30",
        });
        expect(rowsOf(ports)).toEqual(["TCP 0.0.0.0/0 20-24 web/in", "TCP 0.0.0.0/0 26-30 web/in"]);
    });

    test("what drops take wholly has no row, and a warning says so", () => {
        const none = policy({
            "web/drop": "drop any from 10.0.0.0/8",
            "web/in": "accept tcp from 10.1.0.0/16 to port 22",
        });
        expect(rowsOf(none)).toEqual([]);
        expect(notesOf(none, "nothing to allow")).toMatchObject([
            { severity: "warning", text: "web/in has no row: web/drop drops all that a row could say of it." },
        ]);
        expect(
            notesOf(policy({ "web/a": "accept tcp from set none" }, { none: [] }), "nothing to allow"),
        ).toMatchObject([{ severity: "warning", text: "web/a has no row: it names nobody." }]);
    });

    test("an accept by default is what drops leave of everything", () => {
        const open = policy(
            { "web/drop": "drop tcp from anywhere to port 25" },
            {},
            { ingress: "accept", egress: "accept" },
        );
        expect(rowsOf(open)).toEqual([
            "TCP 0.0.0.0/0 1-24 default action",
            "TCP 0.0.0.0/0 26-65535 default action",
            "UDP 0.0.0.0/0 1-65535 default action",
            "ICMP 0.0.0.0/0 default action",
        ]);
        expect(notesOf(open, "default action")).toMatchObject([
            { text: "The default action of ingress accepts what no rule decides: 4 rows are made for it." },
        ]);
        expect(proveVpsRows(on(open).rows, open)).toBeUndefined();
    });

    test("rows in any order mean the same, and are no change", () => {
        const { rows } = on(policy(lines));
        expect(vpsRowChanges(rows, [...rows].reverse())).toEqual({ add: [], rename: [], remove: [] });
        expect(proveVpsRows([...rows].reverse(), policy(lines))).toBeUndefined();
        expect(proveVpsRows(rows.slice(1), policy(lines))).toMatchObject({ meant: "accept", done: "drop" });
    });

    test("nothing is logged", () => {
        const logged = policy({
            "web/a": "accept tcp from anywhere to port 80 log",
            "web/b": "drop tcp from 10.0.0.0/8 log",
        });
        expect(notesOf(logged, "no log").map(({ text }) => text)).toEqual([
            "Nothing is logged there of what web/a matches.",
            "Nothing is logged there of what web/b matches.",
        ]);
    });

    test("two rules that say the same are one row", () => {
        const twice = policy({
            "web/a": "accept tcp from anywhere to port 80",
            "web/b": "accept tcp from anywhere to port 80, 443",
        });
        expect(rowsOf(twice)).toEqual(["TCP 0.0.0.0/0 80 web/a", "TCP 0.0.0.0/0 443 web/b"]);
        expect(notesOf(twice, "shared rows").map(({ text }) => text)).toEqual([
            "1 of 2 rows of web/b stands in the list already, for an earlier rule.",
        ]);
    });
});

test("LW-42: no limit is invented: two thousand rows are two thousand rows", () => {
    const rules = Object.fromEntries(
        Array.from({ length: 2000 }, (_, i) => [`web/r${i}`, `accept tcp from 10.${i >> 8}.${i & 255}.1 to port 22`]),
    );
    expect(rowsOf(policy(rules))).toHaveLength(2000);
});

describe("changes of rows", () => {
    const before = renderVpsRows(
        policy({ "web/a": "accept tcp from anywhere to port 80", "web/b": "accept tcp from anywhere to port 22" }),
    ).rows;
    const after = renderVpsRows(
        policy({ "web/c": "accept tcp from anywhere to port 80", "web/b": "accept tcp from 10.0.0.0/8 to port 22" }),
    ).rows;

    test("say what is to be added first, renamed, and removed last", () => {
        const changes = vpsRowChanges(before, after);
        expect(changes.add.map(textOf)).toEqual(["TCP 10.0.0.0/8 22 web/b"]);
        expect(changes.rename.map(({ from, to }) => [from.name, textOf(to)])).toEqual([
            ["web/a", "TCP 0.0.0.0/0 80 web/c"],
        ]);
        expect(changes.remove.map(textOf)).toEqual(["TCP 0.0.0.0/0 22 web/b"]);
    });

    test("LW-41: of equal lists nothing", () => {
        expect(vpsRowChanges(before, [...before])).toEqual({ add: [], rename: [], remove: [] });
    });
});
