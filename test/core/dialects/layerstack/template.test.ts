import { openDiagrams } from "../../../../core/analysis/diagram";
import { interfacesOf } from "../../../../core/analysis/interfaces";
import { lastOf } from "../../../../core/analysis/packetFields";
import { evaluateAt } from "../../../../core/analysis/packetValues";
import { formatPacket } from "../../../../core/analysis/witness";
import { CannotExpress } from "../../../../core/dialects/dialect";
import {
    interpretTemplates,
    type LayerStackRow,
    type LayerStackTemplate,
    openTemplates,
    panelFields,
    proveTemplate,
    renderTemplate,
    templateChanges,
} from "../../../../core/dialects/layerstack";
import { VERDICT } from "../../../../core/dialects/meaning";
import type { Defaults, Policy } from "../../../../core/model/policy";
import { policyFrom } from "../../analysis/exposureOf";
import { policy } from "../nftables/build";
import { type Ask, packetOf } from "../packetWords";

// What the rows of a template are for policies of every kind, and what becomes of packets. The ids are those of the acceptance
// list.

const CLOSED: Defaults = { ingress: "drop", egress: "drop" };
const closed = (...lines: string[]) =>
    policy(Object.fromEntries(lines.map((line, i) => [`web/r${i}`, line])), {}, CLOSED);

const template = (wanted: Policy) => renderTemplate(wanted).template;
const textOf = ({ traffic, address }: LayerStackRow) => (address === undefined ? traffic : `${traffic} ${address}`);
const inbound = (...lines: string[]) => template(closed(...lines)).inbound.map(textOf);
const outbound = (...lines: string[]) => template(closed(...lines)).outbound.map(textOf);
const notesOf = (wanted: Policy, about: string) =>
    renderTemplate(wanted)
        .notes.filter((note) => note.about === about)
        .map(({ severity, text }) => `${severity}: ${text}`);

/** What becomes of a packet, by the lists that a person reads and by the packet sets, which must agree. */
function fate(templates: readonly LayerStackTemplate[], ask: Ask): string {
    const packet = packetOf(ask);
    const diagrams = openDiagrams(lastOf);
    const done = interpretTemplates(templates, packet.direction, diagrams);
    const { verdict, by } = openTemplates(templates)(packet);
    expect(VERDICT[verdict]).toBe(evaluateAt(diagrams, done, packet, interfacesOf()));
    return typeof by === "string" ? `${verdict} (${by})` : verdict;
}
const fates = (wanted: Policy, ...asks: Ask[]) => asks.map((ask) => fate([template(wanted)], ask));
const NO = "drop (no row)";

const refusal = (wanted: Policy): CannotExpress => {
    try {
        renderTemplate(wanted);
    } catch (error) {
        if (error instanceof CannotExpress) return error;
        throw error;
    }
    throw new Error("nothing was refused");
};

describe("directions and defaults", () => {
    test("LS-2: replies of TCP, UDP and ping pass in both directions without rows of their own", () => {
        const tcp = closed("accept tcp from anywhere to port 443");
        expect(fates(tcp, "out tcp > X:40000 reply", "out tcp > X:40000")).toEqual(["accept (reply)", NO]);
        const udp = closed("accept udp from anywhere to port 53");
        expect(template(udp)).toEqual({ inbound: [{ key: "web/r0", traffic: "UDP: 53" }], outbound: [] });
        expect(fates(udp, "out udp > X:40000 reply", "out ping > X reply", "out6 ping > X reply")).toEqual(
            Array(3).fill("accept (reply)"),
        );
        expect(fates(closed(), "in tcp X > 40000 reply", "in gre X reply", "in tcp X > 40000 related")).toEqual([
            "accept (reply)",
            ...[NO, NO],
        ]);
    });

    test("LS-3: a rule each way is a row in either list", () => {
        const { inbound: ins, outbound: outs } = template(
            closed("accept tcp from anywhere to port 443", "egress accept udp to 198.51.100.0/24 port 53"),
        );
        expect(ins).toEqual([{ key: "web/r0", traffic: "TCP: 443" }]);
        expect(outs).toEqual([{ key: "web/r1", traffic: "UDP: 53", address: "198.51.100.0/24" }]);
        expect(panelFields(ins[0]!, "ingress")).toEqual({ "Protocols and Ports": "TCP: 443", "Source IP Address": "" });
        expect(panelFields(outs[0]!, "egress")).toEqual({
            ...{ "Protocols and Ports": "UDP: 53", "Destination IP Address": "198.51.100.0/24" },
        });
    });

    test("LS-4: both directions are dropped; an egress that accepts is one outbound ALL, made by the library", () => {
        const shut = closed("accept tcp from anywhere to port 443");
        expect(fates(shut, "out tcp > X:443", "in tcp X > 22")).toEqual([NO, NO]);
        const free = policy({ "web/a": "accept tcp from anywhere to port 443" });
        expect(template(free).outbound).toEqual([{ key: "default action", traffic: "ALL" }]);
        expect(fates(free, "out tcp > X:443", "out6 udp > X:53", "out ping > X", "out gre > X")).toEqual([
            ...["accept", "accept", "accept"],
            NO,
        ]);
        expect(notesOf(free, "default action")).toEqual([
            "note: The default action of egress accepts what no rule decides: one row is made for it.",
        ]);
        expect(proveTemplate(template(free), free)).toBeUndefined();
        expect(proveTemplate(template(free), shut)).toMatchObject({
            direction: "egress",
            meant: "drop",
            done: "accept",
        });
    });

    test("LS-5: without a template nothing is filtered", () => {
        expect(fate([], "in tcp X > 3306")).toBe("accept (no template)");
        expect(fate([{ inbound: [], outbound: [] }], "in tcp X > 3306")).toBe(NO);
    });

    test("LS-27: several templates allow together what each of them allows, in any order", () => {
        const [web, ssh] = [
            template(closed("accept tcp from anywhere to port 443")),
            template(closed("accept tcp from 198.51.100.0/24 to port 22", "egress accept udp to anywhere port 53")),
        ];
        for (const both of [
            [web, ssh],
            [ssh, web],
        ])
            expect(
                (["in tcp X > 443", "in tcp T > 22", "out udp > X:53", "in tcp X > 22"] as const).map((ask) =>
                    fate(both, ask),
                ),
            ).toEqual(["accept", "accept", "accept", NO]);
        const diagrams = openDiagrams(lastOf);
        const [forth, back] = [
            [web, ssh],
            [ssh, web],
        ].map((some) => interpretTemplates(some, "ingress", diagrams));
        expect(forth).toBe(back);
    });
});

describe("the form of a row", () => {
    test("LS-8: GRE and ESP are refused, and the three are named", () => {
        for (const number of [47, 50]) {
            const error = refusal(closed(`accept protocol ${number} from anywhere`));
            expect(error.field).toBe("protocol");
            expect(error.problem).toBe(
                `a LayerStack template knows TCP, UDP and ICMP, and this says protocol ${number}: name one of the three, or enforce this rule on the host (HostFirewall)`,
            );
        }
    });

    test("LS-9: any protocol is ALL, and a note claims three of them", () => {
        const any = closed("accept any from 198.51.100.10");
        expect(template(any).inbound).toEqual([{ key: "web/r0", traffic: "ALL", address: "198.51.100.10/32" }]);
        expect(notesOf(any, "three protocols")).toEqual([
            "note: web/r0 says any protocol: only TCP, UDP and ICMP are claimed for its rows, others (GRE, ESP, SCTP) are not.",
        ]);
        expect(fates(any, "in tcp T > 1", "in udp T > 65535", "in ping T", "in gre T", "in tcp X > 1")).toEqual([
            ...["accept", "accept", "accept"],
            ...[NO, NO],
        ]);
        expect(proveTemplate(template(any), any)).toBeUndefined();
    });

    test("LS-9: the three by their names are three rows, since nobody knows what else ALL lets through", () => {
        expect(inbound("accept tcp + udp + icmp + icmpv6 from anywhere")).toEqual([
            "TCP: ALL",
            "UDP: ALL",
            "ICMP: ALL",
        ]);
    });

    test("LS-10: a protocol without ports is all of its ports", () => {
        const all = closed("accept tcp from anywhere");
        expect(inbound("accept tcp from anywhere")).toEqual(["TCP: ALL"]);
        expect(fates(all, "in tcp X > 1", "in tcp X > 65535", "in udp X > 53")).toEqual(["accept", "accept", NO]);
    });

    test("LS-11: one port", () => {
        const https = closed("accept tcp from anywhere to port 443");
        expect(inbound("accept tcp from anywhere to port 443")).toEqual(["TCP: 443"]);
        expect(fates(https, "in tcp X > 443", "in tcp X > 442", "in tcp X > 444", "in udp X > 443")).toEqual([
            "accept",
            ...[NO, NO, NO],
        ]);
    });

    test("LS-12: a range; neighbours join, others are rows of their own", () => {
        const range = closed("accept tcp from anywhere to port 20-22");
        expect(([19, 20, 21, 22, 23] as const).map((port) => fate([template(range)], `in tcp X > ${port}`))).toEqual([
            NO,
            ...["accept", "accept", "accept"],
            NO,
        ]);
        const from = (ports: number[]) =>
            template(policyFrom({ a: { protocol: "tcp", ports } }, { defaults: { ...CLOSED } })).inbound.map(textOf);
        expect(inbound("accept tcp from anywhere to port 20-22")).toEqual(["TCP: 20-22"]);
        expect(from([20, 21, 22])).toEqual(["TCP: 20-22"]);
        expect(from([20, 22])).toEqual(["TCP: 20", "TCP: 22"]);
    });

    test("LS-13: ICMP is a whole; one type is refused with the widening as way out", () => {
        expect(inbound("accept icmp + icmpv6 from anywhere")).toEqual(["ICMP: ALL"]);
        const error = refusal(closed("accept icmp echo-request from anywhere"));
        expect(error.field).toBe("icmpTypes");
        expect(error.problem).toContain("leave the types out, which allows all of them");
        const read = (traffic: string) =>
            interpretTemplates([{ inbound: [{ traffic }], outbound: [] }], "ingress", openDiagrams(lastOf));
        expect(() => read("ICMP: ALL")).not.toThrow();
        expect(() => read("ICMP: 8")).toThrow("ICMP has no ports 8");
    });

    test.each(["GRE: ALL", "ALL: 443", "TCP", "TCP: 443-", "TCP: 60-50", "TCP: 0", "TCP: 65536", "TCP: 1: 2"])(
        "%s is no traffic of a row",
        (traffic) => {
            const read = () =>
                interpretTemplates([{ inbound: [{ traffic }], outbound: [] }], "ingress", openDiagrams(lastOf));
            expect(read).toThrow(expect.objectContaining({ name: "UnreadableRuleset" }) as Error);
        },
    );

    test("LS-14: an egress rule limited by its source is refused; from the server itself says nothing", () => {
        const limited = closed("egress accept tcp from 192.0.2.10, 2001:db8:5::10 to anywhere port 443");
        const error = refusal(limited);
        expect(error.field).toBe("from");
        expect(error.problem).toContain("no field for the source of egress, which is the server: leave it out");
        const own = packets("in tcp X > 1", "in6 tcp X > 1").map(({ family, destination }) => ({
            ...{ family, first: destination, last: destination },
        }));
        const { template: rows } = renderTemplate(limited, { own });
        expect(rows.outbound.map(textOf)).toEqual(["TCP: 443"]);
        expect(proveTemplate(rows, limited, { own })).toBeUndefined();
        const half = closed("egress accept tcp from 192.0.2.10 to anywhere port 443");
        const { template: one } = renderTemplate(half, { own });
        expect(one.outbound.map(textOf)).toEqual(["TCP: 443 0.0.0.0/0"]);
        expect(proveTemplate(one, half, { own })).toBeUndefined();
        expect(proveTemplate(one, half)).toMatchObject({ meant: "drop", done: "accept" });
    });

    test("LS-15, LS-16: an ingress rule limited by its destination is refused; one of egress opens nothing inbound", () => {
        expect(refusal(closed("accept tcp from anywhere to 192.0.2.10 port 443")).field).toBe("to");
        const out = closed("egress accept tcp to 198.51.100.0/24 port 443");
        expect(outbound("egress accept tcp to 198.51.100.0/24 port 443")).toEqual(["TCP: 443 198.51.100.0/24"]);
        expect(fates(out, "out tcp > T:443", "out tcp > X:443", "in tcp T > 443", "in tcp T > 40000")).toEqual([
            "accept",
            ...[NO, NO, NO],
        ]);
    });

    test("LS-17: CIDR, and a range as exactly its prefixes", () => {
        expect(inbound("accept tcp from 198.51.100.10, 192.0.2.20-192.0.2.22 to port 22")).toEqual([
            "TCP: 22 192.0.2.20/31",
            "TCP: 22 192.0.2.22/32",
            "TCP: 22 198.51.100.10/32",
        ]);
        expect(inbound("accept tcp from 2001:db8::-2001:db8::2 to port 22")).toEqual([
            "TCP: 22 2001:db8::/127",
            "TCP: 22 2001:db8::2/128",
        ]);
    });

    test("LS-18: source ports and reject are refused, and so is whatever else has no field", () => {
        const fieldOf = (line: string) => refusal(closed(line)).field;
        expect(fieldOf("accept udp from anywhere port 53")).toBe("sourcePorts");
        expect(fieldOf("reject tcp from anywhere to port 22")).toBe("action");
        expect(fieldOf("egress reject tcp to anywhere port 22")).toBe("action");
        expect(fieldOf("accept tcp from anywhere to port 22 limit 10/second burst 5")).toBe("limit");
        expect(fieldOf("egress drop tcp to anywhere out eth0")).toBe("interface");
    });

    test("LS-18: a drop before an accept leaves exactly the difference, in both directions", () => {
        const drops = closed(
            "drop any from 203.0.113.0/24",
            "accept tcp from anywhere to port 22",
            "egress drop tcp to anywhere port 25",
            "egress accept any to anywhere",
        );
        const { template: rows } = renderTemplate(drops);
        // All of IPv4 but a /24; IPv6 as a whole.
        expect(rows.inbound).toHaveLength(24 + 1);
        expect(rows.inbound.map(textOf)).toContain("TCP: 22 ::/0");
        expect(rows.outbound.map(textOf)).toEqual(["TCP: 1-24", "TCP: 26-65535", "UDP: ALL", "ICMP: ALL"]);
        expect(notesOf(drops, "exclusion")).toEqual([
            "note: The rows of web/r1 cover exactly what web/r0 leaves of it: rows only allow.",
            "note: The rows of web/r3 cover exactly what web/r2 leaves of it: rows only allow.",
        ]);
        expect(proveTemplate(rows, drops)).toBeUndefined();
        const less = { ...rows, inbound: rows.inbound.slice(1) };
        expect(formatPacket(proveTemplate(less, drops)!.packet)).toBe("in tcp 0.0.0.0 -> 192.0.2.10 port 22");
    });

    test("two rules that say the same are one row", () => {
        expect(inbound("accept tcp from anywhere to port 80", "accept tcp from anywhere to port 80, 443")).toEqual([
            ...["TCP: 80", "TCP: 443"],
        ]);
    });
});

describe("LS-28: IPv6 is not verified", () => {
    const notes = (...lines: string[]) => notesOf(closed(...lines), "IPv6 not verified");

    test("rules of IPv6 alone have rows and a warning, rules of both a note, rules of IPv4 none", () => {
        expect(inbound("accept tcp from 2001:db8:77::/48 to port 22")).toEqual(["TCP: 22 2001:db8:77::/48"]);
        expect(notes("accept tcp from 2001:db8:77::/48 to port 22", "accept icmpv6 from anywhere")).toEqual([
            "warning: That rows of web/r0 and web/r1 allow IPv6, which is all that they are about, is not verified: LayerStack's page says nothing of it.",
        ]);
        expect(notes("accept tcp from anywhere to port 22")).toEqual([
            "note: That rows of web/r0 allow IPv6 too is not verified: LayerStack's page says nothing of it.",
        ]);
        expect(notes("accept tcp from anywhere IPv4 to port 22", "accept icmp from anywhere")).toEqual([]);
    });

    test("a row says the family where a rule does", () => {
        expect(inbound("accept tcp from anywhere IPv4 to port 22")).toEqual(["TCP: 22 0.0.0.0/0"]);
        expect(inbound("accept icmpv6 from anywhere")).toEqual(["ICMP: ALL ::/0"]);
        const v4 = closed("accept icmp from anywhere");
        expect(fates(v4, "in ping X", "in6 ping X")).toEqual(["accept", NO]);
    });

    test("no limit is invented: two thousand rows are two thousand rows", () => {
        const lines = Array.from({ length: 2000 }, (_, i) => `accept tcp from 10.${i >> 8}.${i & 255}.1 to port 22`);
        expect(inbound(...lines)).toHaveLength(2000);
    });
});

describe("LS-22: changes of rows", () => {
    const [before, after] = [
        template(closed("accept tcp from anywhere to port 22", "egress accept udp to anywhere port 53")),
        template(closed("accept tcp from 198.51.100.0/24 to port 22", "egress accept udp to anywhere port 53")),
    ];

    test("of one rule are changes of its row", () => {
        expect(templateChanges(before, after)).toEqual({
            inbound: {
                add: [{ key: "web/r0", traffic: "TCP: 22", address: "198.51.100.0/24" }],
                remove: [{ key: "web/r0", traffic: "TCP: 22" }],
            },
            outbound: { add: [], remove: [] },
        });
    });

    test("another key changes nothing that the panel shows", () => {
        const renamed = { ...before, inbound: before.inbound.map((row) => ({ ...row, key: "web/other" })) };
        const nothing = { add: [], remove: [] };
        expect(templateChanges(before, renamed)).toEqual({ inbound: nothing, outbound: nothing });
    });
});

function packets(...asks: Ask[]) {
    return asks.map(packetOf);
}
