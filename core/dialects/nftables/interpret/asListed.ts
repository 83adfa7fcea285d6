import type { Expression, Rule, Ruleset, Statement } from "./ast";

/** The family that goes with each protocol number in a listing. */
const FAMILIES: Readonly<Record<string, string>> = {
    ...{ "1": "ipv4", icmp: "ipv4" },
    ...{ "58": "ipv6", icmpv6: "ipv6", "ipv6-icmp": "ipv6" },
};

/**
 * A ruleset as nft lists it, with what nft leaves out there: `meta nfproto ipv6` in front of `meta l4proto 58`, and likewise
 * of ICMP. A listing does not tell whether it was there, so packets of the one family with the ICMP of the other are taken
 * for none of the rule's. Nobody sends any.
 */
export function asListed({ tables }: Ruleset): Ruleset {
    return {
        tables: tables.map((table) => ({
            ...table,
            chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.map(withFamily) })),
        })),
    };
}

function withFamily(rule: Rule): Rule {
    const index = rule.findIndex((statement) => familyOf(statement) !== undefined);
    if (index < 0 || rule.some(saysFamily)) return rule;
    const left: Expression = { kind: "field", name: "meta nfproto" };
    const word = familyOf(rule[index]!)!;
    return rule.toSpliced(index, 0, { kind: "match", left, op: "==", right: { kind: "word", word } });
}

function familyOf(statement: Statement): string | undefined {
    if (statement.kind !== "match" || (statement.op !== "in" && statement.op !== "==")) return undefined;
    const { left, right } = statement;
    if (left.kind !== "field" || left.name !== "meta l4proto" || right.kind !== "word") return undefined;
    return Object.hasOwn(FAMILIES, right.word) ? FAMILIES[right.word] : undefined;
}

function saysFamily(statement: Statement): boolean {
    return statement.kind === "match" && namesFamily(statement.left);
}

function namesFamily(expression: Expression): boolean {
    if (expression.kind === "concat") return expression.parts.some(namesFamily);
    return expression.kind !== "strange" && /^(ip6? |icmp|meta (nfproto|protocol)$)/.test(expression.name);
}
