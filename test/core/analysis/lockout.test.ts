import fc from "fast-check";
import { type ManagementPath, proveReachable } from "../../../core/analysis/lockout";
import type { AddressRange } from "../../../core/model/addresses";
import { parseAddressRange } from "../../../core/model/parseAddress";
import { policyFrom } from "./exposureOf";
import { isAccepted, ORDINARY, packets, smallPolicy } from "./packets";

function range(text: string): AddressRange {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
}

/** From a deployer at 192.0.2.200 to port 22 of 192.0.2.10, unless said otherwise. */
const path = (sources = ["192.0.2.200"], destination = "192.0.2.10", port = 22): ManagementPath => ({
    peers: sources.map(range),
    port,
    own: range(destination),
});

const lines = (...rules: string[]) => Object.fromEntries(rules.map((rule, i) => [`r${i}`, rule]));
const prove = (...rules: string[]) => proveReachable(policyFrom(lines(...rules)), path());

describe("the management path is proved", () => {
    test.each(
        [
            ["accept tcp from anywhere to port 22"],
            ["accept any from 192.0.2.200"],
            ["accept tcp + udp from 192.0.2.0/24 to 192.0.2.10 port 20-30"],
            ["accept tcp from 192.0.2.200, (not known yet) to port 22, (not known yet)"],
            ["drop any from anywhere priority 2000", "accept tcp from anywhere to port 22"],
            ["drop any from 203.0.113.0/24", "accept tcp from anywhere to port 22"],
            ["drop udp from anywhere", "accept tcp from anywhere to port 22"],
            ["drop tcp from anywhere to port 23", "accept tcp from anywhere to port 22"],
            ["drop tcp from anywhere to 192.0.2.11 port 22", "accept tcp from anywhere to port 22"],
            ["egress drop any to anywhere", "accept tcp from anywhere to port 22"],
            ["accept tcp from 192.0.2.128/25 to port 22 priority 1", "drop any from (not known yet)"],
        ].map((rules) => [rules]),
    )("%j", (rules) => expect(prove(...rules)).toBeUndefined());

    test("by the default action, if that accepts and no drop takes it", () => {
        const policy = policyFrom(lines("drop tcp from 203.0.113.0/24"), { defaults: { ingress: "accept" } });
        expect(proveReachable(policy, path())).toBeUndefined();
    });

    test("by an address set", () => {
        const sets = { office: { entries: ["198.51.100.0/24", "192.0.2.128/25"] } };
        const policy = policyFrom(lines("accept tcp from set office to port 22"), { sets });
        expect(proveReachable(policy, path())).toBeUndefined();
        expect(proveReachable(policy, path(["192.0.2.1"]))).toEqual({
            peer: "192.0.2.1",
            decision: "dropped by the default action",
        });
    });

    test("for prefixes piece by piece", () => {
        const policy = policyFrom(lines("accept tcp from 10.0.0.0/9 to port 22", "accept any from 10.128.0.0/9"));
        expect(proveReachable(policy, path(["10.0.0.0/8"]))).toBeUndefined();
    });
});

describe("the management path is not proved", () => {
    const dropped = "dropped by the default action";

    test.each([
        [["accept tcp from anywhere to port 2222"], dropped],
        [["accept udp from anywhere to port 22"], dropped],
        [["accept tcp from anywhere IPv6 to port 22"], dropped],
        [["accept tcp from anywhere to port 22 disabled"], dropped],
        [["egress accept tcp to anywhere port 22"], dropped],
        // No proof: whether these match is not sure.
        [["accept tcp from (not known yet) to port 22"], dropped],
        [["accept tcp from anywhere to port (not known yet)"], dropped],
        [["accept tcp from anywhere to (not known yet) port 22"], dropped],
        [["accept tcp from anywhere port 1024-65535 to port 22"], dropped],
        [["accept tcp from anywhere to 192.0.2.11 port 22"], dropped],
        // A drop or reject before the accept.
        [["drop any from 192.0.2.0/24", "accept tcp from anywhere to port 22"], "dropped by web/r0"],
        [["reject tcp from anywhere to port 22", "accept tcp from anywhere to port 22"], "rejected by web/r0"],
        [["accept any from anywhere", "drop any from 192.0.2.200 priority 5"], "dropped by web/r1"],
        // A drop that may match.
        [["drop tcp from 192.0.2.200 port 1024-65535", "accept any from anywhere"], "perhaps dropped by web/r0"],
        [["drop tcp from anywhere to port (not known yet)", "accept any from anywhere"], "perhaps dropped by web/r0"],
        [["reject any from anywhere to (not known yet)", "accept any from anywhere"], "perhaps rejected by web/r0"],
        [
            ["drop any from (not known yet)", "accept any from anywhere"],
            "perhaps dropped by web/r0, whose addresses are not all known yet",
        ],
    ])("%j: %s", (rules, decision) => {
        expect(prove(...rules)).toEqual({ peer: "192.0.2.200", decision });
    });

    test("an earlier template's drop comes first whatever its priority", () => {
        const first = { name: "base", rules: { shut: "drop any from anywhere priority 2000" } };
        const second = { name: "web", rules: { ssh: "accept tcp from anywhere to port 22 priority 1" } };
        expect(proveReachable(policyFrom([first, second]), path())?.decision).toBe("dropped by base/shut");
    });

    test("a set that is not all known proves nothing by what is not known", () => {
        const sets = { office: { entries: ["198.51.100.0/24", "(not known yet)"] } };
        const policy = policyFrom(lines("accept tcp from set office to port 22"), { sets });
        expect(proveReachable(policy, path())).toEqual({ peer: "192.0.2.200", decision: dropped });
    });

    test("a rule that is not known yet may be a drop", () => {
        const rules = { ...lines("accept any from anywhere"), open: { protocol: "any", action: "(not known yet)" } };
        expect(proveReachable(policyFrom(rules), path())).toEqual({
            peer: "192.0.2.200",
            decision: "perhaps dropped by web/open, which is not known yet",
        });
    });

    test("the first address of a prefix that is left out is named", () => {
        const policy = policyFrom(lines("accept tcp from 10.0.0.0/9, 2001:db8::/33 to port 22"));
        expect(proveReachable(policy, path(["10.0.0.0/8"]))?.peer).toBe("10.128.0.0");
        expect(proveReachable(policy, path(["2001:db8::/32"], "2001:db8::a"))?.peer).toBe("2001:db8:8000::");
        const hole = policyFrom(lines("drop any from 10.0.7.0/24", "accept any from anywhere"));
        expect(proveReachable(hole, path(["10.0.0.0/8"]))).toEqual({
            peer: "10.0.7.0",
            decision: "dropped by web/r0",
        });
    });

    test("for several addresses of the server a rule for one of them is no proof, a drop for one of them stops it", () => {
        const both = path(undefined, "192.0.2.10-192.0.2.11");
        const accept = policyFrom(lines("accept tcp from anywhere to 192.0.2.10 port 22"));
        expect(proveReachable(accept, both)?.decision).toBe(dropped);
        const drop = policyFrom(lines("drop any from anywhere to 192.0.2.10", "accept any from anywhere"));
        expect(proveReachable(drop, both)?.decision).toBe("perhaps dropped by web/r0");
        const { own: _, ...anywhere } = both;
        expect(proveReachable(accept, anywhere)?.decision).toBe(dropped);
        expect(proveReachable(drop, anywhere)?.decision).toBe("perhaps dropped by web/r0");
    });
});

describe("a rule with a limit", () => {
    const limited = (limit: object, ...more: string[]) => {
        const policy = policyFrom(lines("accept tcp from anywhere to port 22", ...more));
        const rules = policy.rules.map((keyed) =>
            keyed.key === "web/r0" ? { ...keyed, rule: { ...keyed.rule, limit } as typeof keyed.rule } : keyed,
        );
        return proveReachable({ ...policy, rules }, path())?.decision;
    };
    const each = { rate: 3, per: "minute", burst: 5, perSource: true };

    test("for each source lets somebody log in", () => {
        expect(limited(each)).toBeUndefined();
        expect(limited({ ...each, burst: 4 })).toBe(
            "dropped by the default action once strangers have used up the limit of web/r0",
        );
    });

    test("for all together is no proof: strangers can use it up", () => {
        const all = { ...each, burst: 100, perSource: false };
        expect(limited(all)).toBe("dropped by the default action once strangers have used up the limit of web/r0");
        expect(limited(all, "accept tcp from 192.0.2.0/24 to port 22")).toBeUndefined();
    });
});

describe("the path of a tunnel", () => {
    const peers = [range("192.0.2.200")];
    const vxlan: ManagementPath = { protocol: "udp", peers, port: 4789, own: range("192.0.2.10") };
    const gre: ManagementPath = { protocol: 47, peers };
    const back: ManagementPath = { ...vxlan, direction: "egress" };
    const closed = { defaults: { egress: "drop" } };

    test.each([
        ["accept udp from 192.0.2.200 to port 4789", vxlan],
        ["accept any from 192.0.2.0/24", vxlan],
        ["accept protocol 47 from 192.0.2.200", gre],
        ["accept any from anywhere", gre],
        ["egress accept udp to 192.0.2.0/24 port 4789", back],
        ["egress accept any from 192.0.2.10 to anywhere", back],
    ])("%s opens it", (line, path) => {
        expect(proveReachable(policyFrom(lines(line), closed), path)).toBeUndefined();
    });

    test.each([
        ["accept tcp from anywhere to port 4789", vxlan],
        ["accept udp from anywhere to port 4790", vxlan],
        ["egress accept udp to anywhere port 4789", vxlan],
        ["accept tcp + udp from anywhere", gre],
        ["accept udp from anywhere to port 4789", back],
        ["egress accept udp to 198.51.100.0/24 port 4789", back],
        ["egress accept udp from port 4789 to anywhere port 4789", back],
        ["egress accept udp from 192.0.2.11 to anywhere", back],
    ])("%s does not", (line, path) => {
        const lockout = { peer: "192.0.2.200", decision: "dropped by the default action" };
        expect(proveReachable(policyFrom(lines(line), closed), path)).toEqual(lockout);
    });
});

describe("against every packet of a small world", () => {
    /** All packets of one way through the firewall: they differ in their addresses and source ports. */
    const ways = [
        { direction: "ingress", protocol: "tcp", port: 2 },
        { direction: "ingress", protocol: "udp", port: 3 },
        { direction: "ingress", protocol: 47, port: 0 },
        { direction: "egress", protocol: "tcp", port: 2 },
        { direction: "egress", protocol: 47, port: 0 },
    ] as const;
    const everyFar = [...new Set(packets.map(({ far }) => far))];
    const fars = fc.subarray(everyFar, { minLength: 1 });
    const owns = fc.constantFrom(...new Set(packets.map(({ own }) => own)));
    const way = fc.constantFrom(...ways);

    const packetsOf = ({ direction, protocol, port }: (typeof ways)[number], far: readonly string[], own: string) =>
        packets.filter(
            (packet) =>
                packet.direction === direction &&
                packet.protocol === protocol &&
                packet.destination === port &&
                packet.own === own &&
                far.includes(packet.far),
        );
    const pathOf = ({ port, ...rest }: (typeof ways)[number], far: readonly string[], own: string): ManagementPath => ({
        ...rest,
        peers: far.map(range),
        own: range(own),
        ...(port > 0 && { port }),
    });

    test("a proof means that each packet of the path is accepted", () => {
        let proofs = 0;
        fc.assert(
            fc.property(smallPolicy({ narrowing: true }), way, fars, owns, (policy, way, far, own) => {
                if (proveReachable(policy, pathOf(way, far, own))) return;
                proofs++;
                for (const packet of packetsOf(way, far, own)) expect(isAccepted(policy, packet)).toBe(true);
            }),
            { numRuns: 2000 },
        );
        expect(proofs).toBeGreaterThan(200);
    });

    test("a proof for an interface, or for any, holds where rules name interfaces, states, flags and limits", () => {
        const devices = fc.constantFrom(undefined, "wg0", "wg1", "eth0", "eth9");
        let proofs = 0;
        fc.assert(
            fc.property(
                smallPolicy({ narrowing: false, saying: true }),
                way,
                fars,
                owns,
                devices,
                (policy, way, far, own, device) => {
                    const path = pathOf(way, far, own);
                    if (proveReachable(policy, device === undefined ? path : { ...path, device })) return;
                    proofs++;
                    const others = device === undefined ? ["wg0", "wg1", "eth0", "eth9"] : [device];
                    for (const packet of packetsOf(way, far, own))
                        for (const other of others)
                            expect(isAccepted(policy, packet, { ...ORDINARY, device: other, beyondLimits: true })).toBe(
                                true,
                            );
                },
            ),
            { numRuns: 1000 },
        );
        expect(proofs).toBeGreaterThan(50);
    });

    test("where rules differ by the other end only, a refusal names a peer that is not accepted", () => {
        let refusals = 0;
        fc.assert(
            fc.property(smallPolicy({ narrowing: false }), way, fars, owns, (policy, way, far, own) => {
                const sameFamily = far.filter((address) => address.includes(":") === own.includes(":"));
                const refused = proveReachable(policy, pathOf(way, sameFamily, own));
                if (!refused) return;
                refusals++;
                expect(sameFamily).toContain(refused.peer);
                const [packet] = packetsOf(way, [refused.peer], own);
                expect(isAccepted(policy, packet!)).toBe(false);
            }),
            { numRuns: 2000 },
        );
        expect(refusals).toBeGreaterThan(200);
    });
});
