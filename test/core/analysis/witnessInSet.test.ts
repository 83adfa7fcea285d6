import fc from "fast-check";
import { decide } from "../../../core/analysis/decide";
import { openDiagrams } from "../../../core/analysis/diagram";
import { interfacesOf } from "../../../core/analysis/interfaces";
import { lastOf } from "../../../core/analysis/packetFields";
import { decisionDiagram } from "../../../core/analysis/policyDiagram";
import { witness, witnessValues } from "../../../core/analysis/witness";
import type { Policy } from "../../../core/model/policy";
import type { Direction } from "../../../core/model/rule";
import { policies } from "../dialects/nftables/policies";

/** Whether there is room within a limit no packet says. */
const withoutLimits = policies.map((policy): Policy => ({
    ...policy,
    rules: policy.rules.map(({ key, rule: { limit: _, ...rule } }) => ({ key, rule })),
}));

test("nothing has no witness", () => {
    const diagrams = openDiagrams(lastOf);
    expect(witness(diagrams, 0, "ingress")).toBeUndefined();
    expect(() => witnessValues(diagrams, 0)).toThrow("an empty set has no witness");
});

test("a witness is in the set, whatever the set", () => {
    fc.assert(
        fc.property(withoutLimits, fc.constantFrom<Direction>("ingress", "egress"), (policy, direction) => {
            const diagrams = openDiagrams(lastOf);
            const interfaces = interfacesOf(policy);
            const { diagram } = decisionDiagram(diagrams, policy, direction, (rule) => (rule ?? -1) + 2, {
                interfaces,
            });
            // Of each rule that decides anything, and of the default action.
            for (const index of [-1, ...policy.rules.keys()]) {
                const own = diagrams.map(diagram, (verdict) => (verdict === index + 2 ? 1 : 0));
                if (own === 0) continue;
                const packet = witness(diagrams, own, direction, interfaces)!;
                expect(decide(policy, packet).by).toBe(index < 0 ? "default action" : policy.rules[index]!.key);
            }
        }),
        { numRuns: 200 },
    );
});
