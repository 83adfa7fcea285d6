import fc from "fast-check";
import { decide } from "../../../../core/analysis/decide";
import { type Diagram, openDiagrams } from "../../../../core/analysis/diagram";
import { findings } from "../../../../core/analysis/findings/findings";
import { openAccepts, toPorts } from "../../../../core/analysis/findings/accepts";
import { sharesOf } from "../../../../core/analysis/findings/shares";
import { interfacesOf } from "../../../../core/analysis/interfaces";
import { within } from "../../../../core/analysis/operations";
import { lastOf } from "../../../../core/analysis/packetFields";
import { decisionDiagram } from "../../../../core/analysis/policyDiagram";
import { openRuleSets } from "../../../../core/analysis/ruleSets";
import { defaultVerdict, verdictOf } from "../../../../core/analysis/verdicts";
import { witness } from "../../../../core/analysis/witness";
import type { KeyedRule, Policy } from "../../../../core/model/policy";
import { decideAt, packets, smallPolicy } from "../packets";

/** A rule with a limit surely takes nothing; of these the exact cases are elsewhere. */
const policies = smallPolicy({ narrowing: true, saying: true }).map((policy): Policy => ({
    ...policy,
    rules: policy.rules.map(({ key, rule: { limit: _, ...rule } }) => ({ key, rule })),
}));
const ORDER = ["VF213", "VF214", "VF215", "VF216", "VF217", "VF218", "VF219"];

const deadIn = (policy: Policy) =>
    findings(policy).flatMap(({ code, rule }) => (code === "VF214" || code === "VF213" ? [rule] : []));
const without = (policy: Policy, keys: readonly string[]): Policy => ({
    ...policy,
    rules: policy.rules.filter(({ key }) => !keys.includes(key)),
});

test("never decides: no packet of the small world is decided by it, and each other rule decides its witness", () => {
    let found = 0;
    fc.assert(
        fc.property(policies, (policy) => {
            const dead = deadIn(policy);
            found += dead.length;
            const deciding = new Set(packets.map((packet) => decideAt(policy, packet).by));
            expect(dead.filter((key) => deciding.has(key))).toEqual([]);
            for (const direction of ["ingress", "egress"] as const) {
                const tree = openRuleSets(openDiagrams(lastOf), policy, direction).tree();
                sharesOf(tree).forEach(({ decides }, index) => {
                    const { key } = tree.rules[index]!;
                    expect(decides === 0).toBe(dead.includes(key));
                    const packet = witness(tree.diagrams, decides, direction, tree.interfaces);
                    if (packet) expect(decide(policy, packet).by).toBe(key);
                });
            }
        }),
        { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(50);
});

test("accepts of some ports: the same rules with the same parts as if each were asked", () => {
    let found = 0;
    const port = fc.integer({ min: 1, max: 12 });
    const ranges = fc.tuple(port, port, fc.boolean()).map(([a, b, isWide]) => ({
        first: Math.min(a, b),
        last: isWide ? 65535 : Math.max(a, b),
    }));
    fc.assert(
        fc.property(policies, fc.constantFrom("tcp" as const, "udp" as const), ranges, (policy, protocol, range) => {
            const tree = openRuleSets(openDiagrams(lastOf), policy, "ingress").tree();
            const shares = sharesOf(tree);
            const traffic = toPorts(tree, protocol, [range]);
            const all = tree.rules.flatMap(({ rule, sure }, index) => {
                const part = [sure, traffic].reduce(
                    (left, other) => tree.diagrams.combine(within, left, other),
                    shares[index]!.decides,
                );
                return rule.action === "accept" && part !== 0 ? [{ index, packets: part }] : [];
            });
            found += all.length;
            expect(openAccepts(tree, shares)(protocol, [range])).toEqual(all);
        }),
        { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(100);
});

/** What a policy does, as numbers that are equal where two of them do the same. */
function meaning(
    diagrams: ReturnType<typeof openDiagrams>,
    policy: Policy,
    interfaces: ReturnType<typeof interfacesOf>,
): Diagram[] {
    return (["ingress", "egress"] as const).map(
        (direction) =>
            decisionDiagram(
                diagrams,
                policy,
                direction,
                (index) =>
                    index === undefined ? defaultVerdict(policy, direction) : verdictOf(policy.rules[index]!.rule),
                { interfaces },
            ).diagram,
    );
}

test("redundant: all can go together with those that never decide, and then no other can", () => {
    let found = 0;
    fc.assert(
        fc.property(policies, (policy) => {
            const spare = findings(policy).flatMap(({ code, rule }) => (/VF21[89]/.test(code) ? [rule] : []));
            found += spare.length;
            const kept = without(policy, [...spare, ...deadIn(policy)]);
            const diagrams = openDiagrams(lastOf);
            const interfaces = interfacesOf(policy);
            const of = (some: Policy) => meaning(diagrams, some, interfaces);
            expect(of(kept)).toEqual(of(policy));
            for (const packet of packets) expect(decideAt(kept, packet).verdict).toBe(decideAt(policy, packet).verdict);
            for (const { key } of kept.rules) expect(of(without(kept, [key]))).not.toEqual(of(policy));
        }),
        { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(100);
});

test("the rules to blame are exactly those that decide what a dead rule matches", () => {
    fc.assert(
        fc.property(policies, (policy) => {
            for (const { code, rule, blame, witness: packet } of findings(policy)) {
                if (code !== "VF214") continue;
                const index = policy.rules.findIndex(({ key }) => key === rule);
                const alone = { ...policy, rules: [policy.rules[index]!] };
                const hit = packets.filter((each) => decideAt(alone, each).by === rule);
                expect(blame).toEqual(
                    expect.arrayContaining([...new Set(hit.map((each) => decideAt(policy, each).by))]),
                );
                expect(blame).toContain(decide(policy, packet!).by);
                expect(decide(alone, packet!).by).toBe(rule);
                // None of them is too much: without it something is left to the rule.
                for (const key of blame) expect(index).toBeGreaterThan(policy.rules.findIndex((r) => r.key === key));
            }
        }),
        { numRuns: 200 },
    );
});

test("an example of any finding about order is a packet that its rule matches", () => {
    const inTemplates = fc
        .tuple(policies, fc.array(fc.nat(2), { minLength: 7, maxLength: 7 }))
        .map(([policy, numbers]) => {
            const names = [...numbers].sort();
            const rules = policy.rules.map(({ rule }, i): KeyedRule => ({ key: `t${names[i]}/r${i}`, rule }));
            return { ...policy, rules };
        });
    const seen = new Set<string>();
    fc.assert(
        fc.property(inTemplates, (policy) => {
            for (const { code, rule, blame, witness: packet } of findings(policy)) {
                if (!ORDER.includes(code) || !packet) continue;
                seen.add(code);
                const keyed = policy.rules.find(({ key }) => key === rule)!;
                expect(decide({ ...policy, rules: [keyed] }, packet).by).toBe(rule);
                const taken = decide(policy, packet).by;
                if (code === "VF218" || code === "VF219") expect(taken).toBe(rule);
                else expect(blame).toContain(taken);
            }
        }),
        { numRuns: 500 },
    );
    expect([...seen].sort()).toEqual(ORDER.slice(1));
});
