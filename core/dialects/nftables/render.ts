import type { Direction } from "../../model/rule";
import { isName } from "../../model/names";
import type { KeyedRule, NamedSet, Policy } from "../../model/policy";
import type { Ownership } from "../dialect";
import { ruleComment } from "../ruleComment";
import { renderBase } from "./base";
import { digestOf } from "./digest";
import { MARK_CHAIN, NO_ADDRESS, NO_PACKET, NO_PORT, setIdentifier, TABLE } from "./identifiers";
import { formatMark } from "./mark";
import { familiesOf, formatRange, type SetsByName } from "./renderAddresses";
import { limitObjects } from "./renderOptions";
import { renderRule } from "./renderRule";

/**
 * The text that replaces our table by this policy in one transaction, for nft 0.9.8 and later.
 * Throws where the policy is not in normal form or not fully known: that is a mistake of the caller, not of a user.
 */
export function render(policy: Policy, ownership: Ownership): string {
    const mark = formatMark({ ...ownership, digest: digestOf(policy) });
    const keys = policy.rules.map(({ key }) => key);
    if (new Set(keys).size !== keys.length) throw new Error("the keys of a policy's rules must differ");
    if (policy.unknownRules?.length || policy.sets.some(({ unknown }) => unknown))
        throw new Error("a policy that is not fully known can't be rendered");
    const chains = [renderChain("input", "ingress", policy)];
    if (policy.defaults.egress === "drop" || policy.rules.some(({ rule }) => rule.direction === "egress"))
        chains.push(renderChain("output", "egress", policy));
    const rules = chains.join("\n");
    const limits = policy.rules.flatMap(({ key, rule }) => limitObjects(key, rule));
    const objects = [
        ...policy.sets.flatMap(renderSet),
        ...emptySets(rules),
        // A limit for each source of a rule for one family has no use for the other's half.
        ...limits.filter(({ name }) => rules.includes(name)).map(({ text }) => text),
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

function renderChain(name: "input" | "output", direction: Direction, { rules, sets, defaults }: Policy): string {
    const byName: SetsByName = new Map(sets.map((set) => [set.name, set]));
    const action = defaults[direction];
    return [
        `    chain ${name} {`,
        `        type filter hook ${name} priority filter; policy ${action};`,
        ...renderBase(name).map((line) => `        ${line}`),
        ...rules.filter(({ rule }) => rule.direction === direction).flatMap((keyed) => renderKeyedRule(keyed, byName)),
        // Not the chain's policy alone: with that, packets slipped through while a ruleset was swapped.
        `        counter ${action} comment "default:${action}"`,
        "    }",
    ].join("\n");
}

function renderKeyedRule(keyed: KeyedRule, sets: SetsByName): string[] {
    const comment = ruleComment(keyed);
    return renderRule(keyed.key, keyed.rule, sets).map((line) => `        ${line} comment "${comment}"`);
}

function renderSet(set: NamedSet): string[] {
    if (!set.name.split("/").every(isName)) throw new Error("a set must have a name of the allowed form");
    return familiesOf(set).map((family) => {
        const elements = set.ranges.filter((range) => range.family === family).map(formatRange);
        return [
            `    set ${setIdentifier(set.name, family)} {`,
            `        type ${family === 4 ? "ipv4_addr" : "ipv6_addr"}; flags interval; comment "${set.name}"`,
            ...(elements.length > 0 ? [`        elements = { ${elements.join(",\n            ")} }`] : []),
            "    }",
        ].join("\n");
    });
}

const EMPTY_SETS = { [NO_ADDRESS]: "ipv4_addr", [NO_PORT]: "inet_service", [NO_PACKET]: "mark" };

function emptySets(chains: string): string[] {
    return Object.entries(EMPTY_SETS)
        .filter(([name]) => chains.includes(`@${name} `))
        .map(([name, type]) => `    set ${name} {\n        type ${type}; comment "always empty"\n    }`);
}
