import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Listing, parse, sameRuleset } from "../../../../core/dialects/nftables";
import type { NftChain, NftRule } from "../../../../core/dialects/nftables/listing";
import { sample } from "./build";

const listing = parse(readFileSync(join(__dirname, "recorded", "ours-1.0.6.listing"), "utf8"));
const chains = listing.table!.chains;

function withRules(chain: NftChain, rules: readonly NftRule[]): Listing {
    const changed = chains.map((other) => (other === chain ? { ...chain, rules } : other));
    return { ...listing, table: { ...listing.table!, chains: changed } };
}

/** Base rules accept, so their order among themselves means nothing; nor does that of the parts of one rule. */
function orderMatters(first: NftRule, second: NftRule): boolean {
    const isBase = ({ comment = "" }: NftRule) => comment.startsWith("base:");
    return !(isBase(first) && isBase(second)) && first.comment !== second.comment;
}

const places = chains.flatMap((chain) =>
    chain.rules.map((rule, index): [string, NftChain, number] => [
        `${chain.name} ${index} ${rule.comment}`,
        chain,
        index,
    ]),
);

test("nothing changed, nothing found", () => {
    expect(places.length).toBeGreaterThan(30);
    expect(sameRuleset(listing, sample)).toBeUndefined();
});

test.each(places)("%s: taken away, doubled, moved or without its comment is noticed", (_, chain, index) => {
    const { rules } = chain;
    const rule = rules[index]!;
    const { comment, ...bare } = rule;
    expect(comment).toBeDefined();
    const gone = rules.toSpliced(index, 1);
    const changes = [
        gone,
        rules.toSpliced(index, 0, { ...rule }),
        [...rules, { ...rule }],
        rules.toSpliced(index, 1, bare),
        rules.toSpliced(index, 1, { ...rule, expressions: [{ kind: "verdict", verdict: "accept" } as const] }),
    ];
    const next = rules[index + 1];
    if (next && orderMatters(rule, next)) changes.push(gone.toSpliced(index + 1, 0, rule));
    for (const changed of changes) expect(sameRuleset(withRules(chain, changed), sample)).toEqual(expect.any(String));
});

test.each(chains.map((chain): [string, NftChain] => [chain.name, chain]))(
    "chain %s without its hook, or gone",
    (_, chain) => {
        const { hook, ...unhooked } = chain;
        const chainsWith = (other: NftChain[]) => ({
            ...listing,
            table: { ...listing.table!, chains: chains.flatMap((each) => (each === chain ? other : [each])) },
        });
        if (hook) {
            expect(sameRuleset(chainsWith([unhooked]), sample)).toEqual(expect.any(String));
            for (const change of [{ priority: -10 }, { hook: "forward" }, { policy: "accept" }])
                expect(sameRuleset(chainsWith([{ ...chain, hook: { ...hook, ...change } }]), sample)).toEqual(
                    expect.any(String),
                );
        }
        expect(sameRuleset(chainsWith([]), sample)).toEqual(expect.any(String));
    },
);
