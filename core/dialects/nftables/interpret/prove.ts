import { openDiagrams } from "../../../analysis/diagram";
import { lastOf } from "../../../analysis/packetFields";
import { openRuleSets, type SharedSets, withRuleSets } from "../../../analysis/ruleSets";
import type { Policy } from "../../../model/policy";
import type { Direction } from "../../../model/rule";
import type { RulesetSource, TranslationDifference } from "../../dialect";
import { differenceFrom } from "../../meaning";
import { asListed } from "./asListed";
import type { Ruleset } from "./ast";
import { HOOKS } from "./fields";
import { interfaceNames, interfacesIn } from "./interfaceNames";
import { interpret } from "./interpret";
import { readJson } from "./readJson";
import { readText } from "./readText";

/** A second or two: a host may list whatever it likes. */
const MOST_WORK = 4_000_000;

/**
 * Does a ruleset do with every packet what the policy says, in both directions: accept what is in the base, and decide
 * all else as the policy decides, with the same answer where it rejects? Undefined if so, else a packet that fares
 * otherwise. The policy must be wholly known.
 *
 * @throws UnreadableRuleset, TooMuchWork
 */
export function proveTranslation(source: RulesetSource, policy: Policy): TranslationDifference | undefined {
    const ruleset = "text" in source ? readText(source.text) : asListed(readJson(source.listing));
    return differenceIn("ingress", ruleset, policy) ?? differenceIn("egress", ruleset, policy);
}

function differenceIn(direction: Direction, ruleset: Ruleset, policy: Policy): TranslationDifference | undefined {
    const names = [...interfaceNames(ruleset)];
    const ofPolicy = new Set(policy.rules.flatMap(({ rule }) => rule.interfaces ?? []));
    const compare = (sets: SharedSets) => differenceAmong(sets, ruleset);
    if (names.every((name) => name === "lo" || ofPolicy.has(name)))
        return withRuleSets(policy, direction, MOST_WORK, compare);
    const interfaces = interfacesIn(ruleset, policy);
    return compare(openRuleSets(openDiagrams(lastOf, MOST_WORK), policy, direction, interfaces));
}

function differenceAmong(sets: SharedSets, ruleset: Ruleset): TranslationDifference | undefined {
    const { diagrams, interfaces, direction, levelOf } = sets;
    const { diagram } = interpret(ruleset, HOOKS[direction], { diagrams, interfaces, conditions: levelOf });
    return differenceFrom(sets, diagram);
}
