import { type Family, formatAddress, type Prefix } from "../../model/addresses";
import type { Direction } from "../../model/rule";
import { isName } from "../../model/names";
import type { NamedSet, Policy } from "../../model/policy";
import type { Ownership } from "../dialect";
import { renderBase } from "./base";
import { digestOf } from "../digest";
import { MARK_CHAIN, NO_ADDRESS, NO_PACKET, NO_PORT, setIdentifier, TABLE } from "./identifiers";
import { formatMark } from "../mark";
import { familiesOf, formatRange, type SetsByName } from "./renderAddresses";
import { partsByLength } from "./largeSets";
import { isComparable } from "./layout/comparable";
import { layOut, type Layout } from "./layout/layout";
import { limitObjects } from "./renderOptions";
import { renderForward } from "./renderForward";
import { renderKeyedRule } from "./renderRule";

/** More rules than these of one direction are laid out in sets: every packet would ask each of them. */
const MOST_RULES = 50;

/**
 * The text that replaces our table by this policy in one transaction, for nft 0.9.8 and later.
 * Throws where the policy is not in normal form or not fully known: that is a mistake of the caller, not of a user.
 */
export function render(policy: Policy, ownership: Ownership, mostRules = MOST_RULES): string {
    const mark = formatMark({ ...ownership, digest: digestOf(policy) });
    const keys = policy.rules.map(({ key }) => key);
    if (new Set(keys).size !== keys.length) throw new Error("the keys of a policy's rules must differ");
    if (policy.unknownRules?.length || policy.sets.some(({ unknown }) => unknown))
        throw new Error("a policy that is not fully known can't be rendered");
    const ingress = renderRules("ingress", policy, mostRules);
    const egress = renderRules("egress", policy, mostRules);
    const chains = [renderChain("input", "ingress", policy, ingress)];
    if (policy.defaults.egress === "drop" || policy.rules.some(({ rule }) => rule.direction === "egress"))
        chains.push(renderChain("output", "egress", policy, egress));
    if (policy.forward) chains.push(...renderForward(policy));
    const rules = chains.join("\n");
    const limits = policy.rules.flatMap(({ key, rule }) => limitObjects(key, rule));
    const objects = [
        ...policy.sets.flatMap(renderSet),
        ...emptySets(rules),
        // A limit for each source of a rule for one family has no use for the other's half.
        ...limits.filter(({ name }) => rules.includes(name)).map(({ text }) => text),
        ...ingress.objects,
        ...egress.objects,
    ];
    return [
        `table inet ${TABLE}`,
        `delete table inet ${TABLE}`,
        `table inet ${TABLE} {`,
        // nft 1.0.6 wants the line break before the closing brace.
        `    chain ${MARK_CHAIN} { return comment "${mark}"`,
        "    }",
        ...objects,
        ...chains,
        "}",
        "",
    ].join("\n");
}

function renderChain(
    name: "input" | "output",
    direction: Direction,
    { defaults }: Policy,
    { lines }: Pick<Layout, "lines">,
): string {
    const action = defaults[direction];
    return [
        `    chain ${name} {`,
        `        type filter hook ${name} priority filter; policy ${action};`,
        ...renderBase(name).map((line) => `        ${line}`),
        ...lines.map((line) => `        ${line}`),
        // Not the chain's policy alone: with that, packets slipped through while a ruleset was swapped.
        `        counter ${action} comment "default:${action}"`,
        "    }",
    ].join("\n");
}

function renderRules(direction: Direction, policy: Policy, mostRules: number): Layout {
    const { rules, sets } = policy;
    const byName: SetsByName = new Map(sets.map((set) => [set.name, set]));
    const own = rules.filter(({ rule }) => rule.direction === direction);
    if (own.length > mostRules && isComparable(policy, direction)) return layOut(own, direction, byName);
    return { lines: own.flatMap((keyed) => renderKeyedRule(keyed, byName)), objects: [] };
}

function renderSet(set: NamedSet): string[] {
    const { name, ranges } = set;
    if (!name.split("/").every(isName)) throw new Error("a set must have a name of the allowed form");
    return familiesOf(set).flatMap((family) => {
        const parts = partsByLength(name, family, ranges);
        const all = () => ranges.filter((range) => range.family === family).map(formatRange);
        return parts
            ? parts.map(({ identifier, prefixes }) => setText(name, family, identifier, "", prefixes.map(networkText)))
            : [setText(name, family, setIdentifier(name, family), " flags interval;", all())];
    });
}

/** Its length is that of its set. */
function networkText({ family, address }: Prefix): string {
    return formatAddress(family, address);
}

function setText(name: string, family: Family, identifier: string, flags: string, elements: readonly string[]): string {
    return [
        `    set ${identifier} {`,
        `        type ${family === 4 ? "ipv4_addr" : "ipv6_addr"};${flags} comment "${name}"`,
        ...(elements.length > 0 ? [`        elements = { ${elements.join(",\n            ")} }`] : []),
        "    }",
    ].join("\n");
}

const EMPTY_SETS = { [NO_ADDRESS]: "ipv4_addr", [NO_PORT]: "inet_service", [NO_PACKET]: "mark" };

function emptySets(chains: string): string[] {
    return Object.entries(EMPTY_SETS)
        .filter(([name]) => chains.includes(`@${name} `))
        .map(([name, type]) => `    set ${name} {\n        type ${type}; comment "always empty"\n    }`);
}
