import fc from "fast-check";
import { type ManagementPath, proveReachable } from "../../../core/analysis/lockout";
import type { AddressRange } from "../../../core/model/addresses";
import { parseAddressRange } from "../../../core/model/parseAddress";
import { policyFrom } from "./exposureOf";
import { isAccepted, packets, smallPolicy } from "./packets";

function range(text: string): AddressRange {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
}

/** From a deployer at 192.0.2.200 to port 22 of 192.0.2.10, unless said otherwise. */
const path = (sources = ["192.0.2.200"], destination = "192.0.2.10", port = 22): ManagementPath => ({
    sources: sources.map(range),
    port,
    destination: range(destination),
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
            source: "192.0.2.1",
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
        expect(prove(...rules)).toEqual({ source: "192.0.2.200", decision });
    });

    test("an earlier template's drop comes first whatever its priority", () => {
        const first = { name: "base", rules: { shut: "drop any from anywhere priority 2000" } };
        const second = { name: "web", rules: { ssh: "accept tcp from anywhere to port 22 priority 1" } };
        expect(proveReachable(policyFrom([first, second]), path())?.decision).toBe("dropped by base/shut");
    });

    test("a set that is not all known proves nothing by what is not known", () => {
        const sets = { office: { entries: ["198.51.100.0/24", "(not known yet)"] } };
        const policy = policyFrom(lines("accept tcp from set office to port 22"), { sets });
        expect(proveReachable(policy, path())).toEqual({ source: "192.0.2.200", decision: dropped });
    });

    test("a rule that is not known yet may be a drop", () => {
        const rules = { ...lines("accept any from anywhere"), open: { protocol: "any", action: "(not known yet)" } };
        expect(proveReachable(policyFrom(rules), path())).toEqual({
            source: "192.0.2.200",
            decision: "perhaps dropped by web/open, which is not known yet",
        });
    });

    test("the first address of a prefix that is left out is named", () => {
        const policy = policyFrom(lines("accept tcp from 10.0.0.0/9, 2001:db8::/33 to port 22"));
        expect(proveReachable(policy, path(["10.0.0.0/8"]))?.source).toBe("10.128.0.0");
        expect(proveReachable(policy, path(["2001:db8::/32"], "2001:db8::a"))?.source).toBe("2001:db8:8000::");
        const hole = policyFrom(lines("drop any from 10.0.7.0/24", "accept any from anywhere"));
        expect(proveReachable(hole, path(["10.0.0.0/8"]))).toEqual({
            source: "10.0.7.0",
            decision: "dropped by web/r0",
        });
    });

    test("for several addresses of the server a rule for one of them is no proof, a drop for one of them stops it", () => {
        const both = path(undefined, "192.0.2.10-192.0.2.11");
        const accept = policyFrom(lines("accept tcp from anywhere to 192.0.2.10 port 22"));
        expect(proveReachable(accept, both)?.decision).toBe(dropped);
        const drop = policyFrom(lines("drop any from anywhere to 192.0.2.10", "accept any from anywhere"));
        expect(proveReachable(drop, both)?.decision).toBe("perhaps dropped by web/r0");
        const { sources, port } = both;
        expect(proveReachable(accept, { sources, port })?.decision).toBe(dropped);
        expect(proveReachable(drop, { sources, port })?.decision).toBe("perhaps dropped by web/r0");
    });
});

describe("against every packet of a small world", () => {
    const toPort2 = packets.filter(
        ({ direction, protocol, destination }) => direction === "ingress" && protocol === "tcp" && destination === 2,
    );
    const sources = fc.subarray([...new Set(toPort2.map(({ far }) => far))], { minLength: 1 });
    const destinations = fc.constantFrom(...new Set(toPort2.map(({ own }) => own)));

    test("a proof means that each packet of the path is accepted", () => {
        let proofs = 0;
        fc.assert(
            fc.property(smallPolicy({ narrowing: true }), sources, destinations, (policy, far, own) => {
                if (proveReachable(policy, path(far, own, 2))) return;
                proofs++;
                for (const packet of toPort2)
                    if (far.includes(packet.far) && packet.own === own) expect(isAccepted(policy, packet)).toBe(true);
            }),
            { numRuns: 1000 },
        );
        expect(proofs).toBeGreaterThan(100);
    });

    test("where rules differ by the other end only, a refusal names a source that is not accepted", () => {
        let refusals = 0;
        fc.assert(
            fc.property(smallPolicy({ narrowing: false }), sources, destinations, (policy, far, own) => {
                const sameFamily = far.filter((address) => address.includes(":") === own.includes(":"));
                const refused = proveReachable(policy, path(sameFamily, own, 2));
                if (!refused) return;
                refusals++;
                expect(sameFamily).toContain(refused.source);
                const packet = toPort2.find((packet) => packet.far === refused.source && packet.own === own)!;
                expect(isAccepted(policy, packet)).toBe(false);
            }),
            { numRuns: 1000 },
        );
        expect(refusals).toBeGreaterThan(100);
    });
});
