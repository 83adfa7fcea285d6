import fc from "fast-check";
import { openDiagrams } from "../../../core/analysis/diagram";
import { butNot, orElse } from "../../../core/analysis/operations";
import { lastOf, LEVEL } from "../../../core/analysis/packetFields";
import { decisionDiagram } from "../../../core/analysis/policyDiagram";
import { takeApart } from "../../../core/analysis/unknownParts";
import { normalAddresses, normalPorts } from "../../../core/model/normalRule";
import type { KeyedRule, Policy } from "../../../core/model/policy";
import type { Addresses, Direction, Peer } from "../../../core/model/rule";
import { addressRange } from "../arbitraries";
import { smallPolicy } from "./packets";

/** Which lists of a rule have an entry that is not known yet, and what it turns out to be. */
const open = fc.record({
    from: fc.boolean(),
    to: fc.boolean(),
    fromPorts: fc.boolean(),
    toPorts: fc.boolean(),
    except: fc.nat(4).map((n) => n === 0),
});
const value = fc.record({
    addresses: fc.array(addressRange, { maxLength: 2 }),
    exceptions: fc.array(addressRange, { maxLength: 2 }),
    ports: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
});

type Open = typeof open extends fc.Arbitrary<infer One> ? One : never;
type Value = typeof value extends fc.Arbitrary<infer One> ? One : never;

/** `value`: what is not known yet; absent while it is not. Every list of a rule that is open gets the same. */
function withUnknowns({ rule, key }: KeyedRule, which: Open, value?: Value): KeyedRule {
    const addresses = (said: Addresses): Addresses => {
        const list = said.kind === "list" ? said : { ranges: [], sets: [] };
        const ranges = [...list.ranges, ...(value?.addresses ?? [])];
        const unknown = value === undefined;
        const found = normalAddresses({ ranges, sets: list.sets, unknown });
        return found.kind === "list" ? { ...found, unknown } : found;
    };
    const peer = (said: Peer, isOpen: boolean, portsOpen: boolean): Peer => ({
        addresses: isOpen ? addresses(said.addresses) : said.addresses,
        ...(said.ports && {
            ports: portsOpen
                ? normalPorts({
                      ranges: [...said.ports.ranges, ...(value?.ports ?? []).map((p) => ({ first: p, last: p }))],
                      unknown: value === undefined,
                  })
                : said.ports,
        }),
    });
    const excepting = (said: Peer): Peer => {
        if (!which.except) return said;
        const except = { ranges: value?.exceptions ?? [], sets: [], unknown: value === undefined };
        return { ...said, addresses: { ...said.addresses, except } };
    };
    return {
        key,
        rule: {
            ...rule,
            from: excepting(peer(rule.from, which.from, which.fromPorts)),
            to: peer(rule.to, which.to, which.toPorts),
        },
    };
}

test("whatever values turn out to be: what is said to be open is, and nothing is that was said to be closed", () => {
    fc.assert(
        fc.property(
            smallPolicy({ narrowing: true }),
            fc.array(fc.tuple(open, value), { minLength: 7, maxLength: 7 }),
            fc.constantFrom<Direction>("ingress", "egress"),
            (policy, choices, direction) => {
                const diagrams = openDiagrams(lastOf);
                const before: Policy = {
                    ...policy,
                    rules: policy.rules.map((rule, i) => withUnknowns(rule, choices[i]![0])),
                };
                const after: Policy = {
                    ...policy,
                    rules: policy.rules.map((rule, i) => withUnknowns(rule, ...choices[i]!)),
                };
                const acceptedBy = (which: Policy) => {
                    const { diagram, ...unknown } = decisionDiagram(diagrams, which, direction, (index) =>
                        (index === undefined ? which.defaults[direction] : which.rules[index]!.rule.action) === "accept"
                            ? 1
                            : 2,
                    );
                    return { accepted: diagrams.map(diagram, (verdict) => (verdict === 1 ? 1 : 0)), unknown };
                };
                const { accepted, unknown } = acceptedBy(before);
                const { known, lost, gained } = takeApart(diagrams, accepted, unknown);
                const truth = acceptedBy(after).accepted;

                const surely = lost.reduce((left, { diagram }) => diagrams.combine(butNot, left, diagram), known);
                expect(diagrams.combine(butNot, surely, truth)).toBe(0);
                const perhaps = gained.reduce((all, { diagram }) => diagrams.combine(orElse, all, diagram), known);
                expect(diagrams.combine(butNot, truth, perhaps)).toBe(0);
                // Nothing of these asks a value that is not known yet.
                for (const part of [surely, perhaps])
                    expect(
                        diagrams.exists(part, new Set(Array.from({ length: 40 }, (_, i) => LEVEL.condition + i))),
                    ).toBe(part);
            },
        ),
        { numRuns: 1000 },
    );
});
