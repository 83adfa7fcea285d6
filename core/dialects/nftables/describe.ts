import { printable } from "../../model/diagnostics";
import { icmpTypeName, icmpTypeNumber } from "../../model/icmpTypes";
import type { Expression, Item, NftRule, Scalar } from "./listing";

/** A rule in words close to nft's, the same for every version of nft. For people, and to compare by. */
export function describe(rule: NftRule): string {
    const words = rule.expressions.filter(({ kind }) => kind !== "counter").map(describeExpression);
    return printable(words.join(" ") || "counter", 300);
}

function describeExpression(expression: Expression): string {
    switch (expression.kind) {
        case "match": {
            const { field, op, right } = expression;
            const negation = op === "==" || op === "in" ? "" : `${op} `;
            if (right.kind === "set") return `${field} ${negation}@${right.name}`;
            const items = right.items.map((item) => describeItem(field, item)).sort();
            return `${field} ${negation}${items.length === 1 ? items[0] : `{ ${items.join(", ")} }`}`;
        }
        case "verdict":
            return expression.verdict;
        case "reject":
            return expression.type ? `reject with ${expression.type} ${expression.code ?? ""}`.trim() : "reject";
        case "counter":
            return "counter";
        case "flags": {
            const { mask, value, negated } = expression;
            return `tcp flags & ${mask} ${negated ? "!=" : "=="} ${value}`;
        }
        case "limit":
            return `limit name ${expression.name}`;
        case "sources": {
            const { family, set, rate } = expression;
            const limit = rate ? ` limit ${rate.rate}/${rate.per} burst ${rate.burst}` : "";
            return `update @${set} { ${family === 4 ? "ip" : "ip6"} saddr${limit} }`;
        }
        case "log":
            return `log prefix ${JSON.stringify(expression.prefix)}`;
        case "unknown":
            return JSON.stringify(expression.json).replaceAll('"', "");
    }
}

function describeItem(field: string, item: Item): string {
    if (item.kind === "prefix") return `${item.address}/${item.length}`;
    if (item.kind === "value") return nameOf(field, item.value);
    return `${nameOf(field, item.first)}-${nameOf(field, item.last)}`;
}

const STATES: Record<number, string> = { 1: "invalid", 2: "established", 4: "related", 8: "new", 64: "untracked" };
const FAMILIES: Record<number, string> = { 2: "ipv4", 10: "ipv6" };

/** Listings say some values by number or by name, as their options want. */
function nameOf(field: string, value: Scalar): string {
    if (field === "icmp type" || field === "icmpv6 type") {
        const protocol = field === "icmp type" ? "icmp" : "icmpv6";
        const number = icmpTypeNumber(protocol, value);
        return number === undefined ? String(value) : icmpTypeName(protocol, number);
    }
    const names = field === "ct state" ? STATES : field === "meta nfproto" ? FAMILIES : {};
    return (typeof value === "number" && names[value]) || String(value);
}
