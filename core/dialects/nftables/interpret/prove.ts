import { openInterfaces } from "../../../analysis/interfaces";
import { openDiagrams } from "../../../analysis/diagram";
import { lastOf } from "../../../analysis/packetFields";
import { openRuleSets, type SharedSets, withRuleSets } from "../../../analysis/ruleSets";
import type { Policy } from "../../../model/policy";
import type { Direction } from "../../../model/rule";
import type { RulesetSource, TranslationDifference } from "../../dialect";
import { CONTAINER_BRIDGES } from "../../containers";
import { forwardDiagram } from "../../forwardDiagram";
import { differenceBetween, differenceFrom } from "../../meaning";
import { FORWARD_CHAINS } from "../identifiers";
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
    const ruleset = read(source);
    const own = withoutForward(ruleset);
    return (
        differenceIn("ingress", own, policy) ??
        differenceIn("egress", own, policy) ??
        differenceInForward(ruleset, policy)
    );
}

/** The part of it about what is forwarded to containers. */
export function proveForward(source: RulesetSource, policy: Policy): TranslationDifference | undefined {
    return differenceInForward(read(source), policy);
}

function read(source: RulesetSource): Ruleset {
    return "text" in source ? readText(source.text) : asListed(readJson(source.listing));
}

/** Without what only forwarded packets come to: its interfaces are none of the others'. */
function withoutForward({ tables }: Ruleset): Ruleset {
    return {
        tables: tables.map((table) => ({
            ...table,
            chains: table.chains.filter(({ name }) => !Object.values<string>(FORWARD_CHAINS).includes(name)),
        })),
    };
}

/** Is what is forwarded to containers decided like what comes in, and all else of it left alone? */
function differenceInForward(ruleset: Ruleset, policy: Policy): TranslationDifference | undefined {
    if (!policy.forward) return undefined;
    const named = policy.rules.flatMap(({ rule }) => rule.interfaces ?? []);
    const interfaces = openInterfaces([...named, ...CONTAINER_BRIDGES, ...interfaceNames(ruleset)]);
    const sets = openRuleSets(openDiagrams(lastOf, MOST_WORK), policy, "ingress", interfaces);
    const { diagrams, levelOf, decision } = sets;
    const done = interpret(ruleset, "forward", { diagrams, interfaces, conditions: levelOf }).diagram;
    const difference = differenceBetween(sets, forwardDiagram(sets, NAMES, decision().diagram), done);
    return difference && { ...difference, forwarded: true };
}

const NAMES = { leavesBy: (pattern: string) => `meta oifname ${pattern}`, published: "ct status dnat" };

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
