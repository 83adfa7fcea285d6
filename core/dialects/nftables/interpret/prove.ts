import { type Diagram, openDiagrams, type Operation, orElse, TooMuchWork } from "../../../analysis/diagram";
import { openInterfaces } from "../../../analysis/interfaces";
import { lastOf, LEVEL, openConditions } from "../../../analysis/packetFields";
import { decisionDiagram } from "../../../analysis/policyDiagram";
import { witness, witnessValues } from "../../../analysis/witness";
import type { Policy } from "../../../model/policy";
import type { Direction, Rule } from "../../../model/rule";
import type { RulesetSource, TranslationDifference } from "../../dialect";
import { asListed } from "./asListed";
import type { Ruleset } from "./ast";
import { baseDiagram } from "./base";
import type { HookName } from "./fields";
import { interfaceNames } from "./interfaceNames";
import { interpret } from "./interpret";
import { readJson } from "./readJson";
import { readText } from "./readText";
import { isVerdict, VERDICT } from "./verdicts";

/** A second or two: a host may list whatever it likes. */
const MOST_WORK = 4_000_000;

/** As many as `openInterfaces` has room for. */
const MOST_INTERFACES = 254;

const HOOKS = { ingress: "input", egress: "output" } as const satisfies Record<Direction, HookName>;

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
    const diagrams = openDiagrams(lastOf, MOST_WORK);
    const named = new Set([...policy.rules.flatMap(({ rule }) => rule.interfaces ?? []), ...interfaceNames(ruleset)]);
    if (named.size > MOST_INTERFACES) throw new TooMuchWork();
    const interfaces = openInterfaces(named);
    const levelOf = openConditions();
    const names = new Map<number, string>();
    const conditions = (name: string) => {
        const level = levelOf(name);
        names.set(level, name);
        return level;
    };
    const around = { diagrams, interfaces, conditions };
    const { diagram: decided } = decisionDiagram(
        diagrams,
        policy,
        direction,
        (index) => (index === undefined ? VERDICT[policy.defaults[direction]] : verdictOf(policy.rules[index]!.rule)),
        around,
    );
    const base = baseDiagram(diagrams, HOOKS[direction], interfaces, conditions);
    const meant = diagrams.combine(orElse, base, decided);
    const { diagram: done } = interpret(ruleset, HOOKS[direction], around);
    if (meant === done) return undefined;

    const different = diagrams.combine(differ, meant, done);
    const values = new Map(witnessValues(diagrams, different));
    const [meantVerdict, doneVerdict] = [verdictAt(meant), verdictAt(done)];
    return {
        direction,
        packet: witness(diagrams, different, direction, interfaces)!,
        conditions: [...values]
            .filter(([level]) => level >= LEVEL.condition)
            .map(([level, value]) => `${names.get(level)}${value === 1 ? "" : " does not hold"}`),
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

function verdictOf({ action, answer }: Rule): number {
    return action === "reject" ? VERDICT[answer ?? "port-unreachable"] : VERDICT[action];
}

const differ: Operation = (a, b) => {
    if (a === b) return 0;
    return isVerdict(a) && isVerdict(b) ? 1 : undefined;
};
