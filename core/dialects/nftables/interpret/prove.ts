import { type Diagram, openDiagrams } from "../../../analysis/diagram";
import { type Operation, orElse } from "../../../analysis/operations";
import { lastOf } from "../../../analysis/packetFields";
import { openRuleSets, type SharedSets, withRuleSets } from "../../../analysis/ruleSets";
import { witness, witnessValues } from "../../../analysis/witness";
import type { Policy } from "../../../model/policy";
import type { Direction } from "../../../model/rule";
import type { RulesetSource, TranslationDifference } from "../../dialect";
import { asListed } from "./asListed";
import type { Ruleset } from "./ast";
import { baseDiagram } from "./base";
import { HOOKS } from "./fields";
import { interfaceNames, interfacesIn } from "./interfaceNames";
import { interpret } from "./interpret";
import { readJson } from "./readJson";
import { readText } from "./readText";
import { isVerdict, VERDICT } from "./verdicts";

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
    const { diagrams, interfaces, direction, levelOf, levels } = sets;
    const around = { diagrams, interfaces, conditions: levelOf };
    const base = baseDiagram(diagrams, HOOKS[direction], interfaces, levelOf);
    const meant = diagrams.combine(orElse, base, sets.decision().diagram);
    const { diagram: done } = interpret(ruleset, HOOKS[direction], around);
    if (meant === done) return undefined;

    const different = diagrams.combine(differ, meant, done);
    const values = new Map(witnessValues(diagrams, different));
    const [meantVerdict, doneVerdict] = [verdictAt(meant), verdictAt(done)];
    return {
        direction,
        packet: witness(diagrams, different, direction, interfaces)!,
        conditions: [...levels].flatMap(([name, level]) =>
            values.has(level) ? [`${name}${values.get(level) === 1 ? "" : " does not hold"}`] : [],
        ),
        meant: meantVerdict,
        done: doneVerdict,
    };

    /** Conditions that the two differ whatever they are may still say in which way; then they are said not to hold. */
    function verdictAt(diagram: Diagram): string {
        let verdict = diagrams.restrict(diagram, values);
        for (let level = diagrams.levelOf(verdict); level !== Infinity; level = diagrams.levelOf(verdict)) {
            values.set(level, 0);
            verdict = diagrams.restrict(verdict, values);
        }
        return Object.entries(VERDICT).find(([, number]) => number === verdict)![0];
    }
}

const differ: Operation = (a, b) => {
    if (a === b) return 0;
    return isVerdict(a) && isVerdict(b) ? 1 : undefined;
};
