import fc from "fast-check";
import { exposure } from "../../../core/analysis/exposure";
import type { KeyedRule, Policy } from "../../../core/model/policy";
import type { Rule } from "../../../core/model/rule";
import { besides, isAccepted, isExposed, packets, smallPolicy } from "./packets";
import { exposureOf } from "./exposureOf";

const withRules = (policy: Policy, rules: readonly Rule[]): Policy => ({
    ...policy,
    rules: rules.map((rule, i): KeyedRule => ({ key: `web/n${i}`, rule })),
});
const rulesOf = (policy: Policy) => policy.rules.map(({ rule }) => rule);

describe("the exposure says exactly which packets of a small world get through", () => {
    test.each([
        ["where rules differ by the other end only", false],
        ["where they name the server's addresses and source ports", true],
    ])("%s", (_, narrowing) => {
        fc.assert(
            fc.property(smallPolicy({ narrowing }), (policy) => {
                const said = exposure(policy);
                for (const packet of packets) {
                    const exposed = isExposed(said, packet);
                    if (exposed !== "unsaid" && exposed !== isAccepted(policy, packet))
                        throw new Error(`${JSON.stringify(packet)}: ${JSON.stringify(said)}`);
                }
            }),
            { numRuns: 300 },
        );
    });
});

test("whatever interface, state, flags and code a packet has, within limits and beyond", () => {
    fc.assert(
        fc.property(smallPolicy({ narrowing: false, saying: true }), besides, (policy, besides) => {
            const said = exposure(policy);
            for (const packet of packets) {
                const exposed = isExposed(said, packet, besides);
                if (exposed !== "unsaid" && exposed !== isAccepted(policy, packet, besides))
                    throw new Error(`${JSON.stringify(packet)}: ${JSON.stringify(said, null, 1)}`);
            }
        }),
        { numRuns: 500 },
    );
});

describe("two policies that mean the same have the same exposure", () => {
    const policies = smallPolicy({ narrowing: true, saying: true });

    test("whatever their rules are called: names order rules of one priority and action only", () => {
        fc.assert(
            fc.property(policies, fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), (policy, names) => {
                const inOrder = (nameOf: (i: number) => number) =>
                    rulesOf(policy)
                        .map((rule, i) => ({
                            rule,
                            rank: [rule.priority, rule.action === "accept" ? 1 : 0, nameOf(i)],
                        }))
                        .sort((a, b) => a.rank.map((n, i) => n - b.rank[i]!).find((n) => n !== 0) ?? 0)
                        .map(({ rule }) => rule);
                const one = exposure(
                    withRules(
                        policy,
                        inOrder((i) => i),
                    ),
                );
                expect(
                    JSON.stringify(
                        exposure(
                            withRules(
                                policy,
                                inOrder((i) => names[i]!),
                            ),
                        ),
                    ),
                ).toBe(JSON.stringify(one));
            }),
            { numRuns: 200 },
        );
    });

    test("whether a rule lists its ports or there is a rule for each", () => {
        const eachPort = (rule: Rule): Rule[] =>
            rule.to.ports?.ranges.map((range) => ({
                ...rule,
                to: { ...rule.to, ports: { ranges: [range], unknown: false } },
            })) ?? [rule];
        fc.assert(
            fc.property(policies, (policy) => {
                expect(exposure(withRules(policy, rulesOf(policy).flatMap(eachPort)))).toEqual(exposure(policy));
            }),
            { numRuns: 200 },
        );
    });

    test("whether a rule lists its protocols and addresses or there is a rule for each", () => {
        const eachMatch = (rule: Rule): Rule[] => rule.matches.map((match) => ({ ...rule, matches: [match] }));
        const eachAddress =
            (end: "from" | "to") =>
            (rule: Rule): Rule[] => {
                const { addresses } = rule[end];
                if (addresses.kind === "anywhere") return [rule];
                const lists = [
                    ...addresses.ranges.map((range) => ({ ranges: [range], sets: [] })),
                    ...addresses.sets.map((set) => ({ ranges: [], sets: [set] })),
                ];
                return lists.map((list) => ({
                    ...rule,
                    [end]: { ...rule[end], addresses: { ...addresses, ...list } },
                }));
            };
        fc.assert(
            fc.property(policies, (policy) => {
                const split = rulesOf(policy)
                    .flatMap(eachMatch)
                    .flatMap(eachAddress("from"))
                    .flatMap(eachAddress("to"));
                expect(exposure(withRules(policy, split))).toEqual(exposure(policy));
            }),
            { numRuns: 200 },
        );
    });

    test("whatever the order of keys in the program", () => {
        const rules = {
            ssh: { service: "ssh", from: "set office" },
            web: { service: ["http", "https"] },
            scanners: { from: ["203.0.113.0/24"], action: "drop" },
        };
        const sets = { office: { entries: ["198.51.100.0/24"] } };
        const reversed = Object.fromEntries(
            Object.entries(rules)
                .reverse()
                .map(([name, rule]) => [`x-${name}`, Object.fromEntries(Object.entries(rule).reverse())]),
        );
        expect(JSON.stringify(exposureOf(reversed, { sets }))).toBe(JSON.stringify(exposureOf(rules, { sets })));
    });
});
