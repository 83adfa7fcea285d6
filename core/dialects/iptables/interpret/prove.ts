import { openDiagrams } from "../../../analysis/diagram";
import { openInterfaces } from "../../../analysis/interfaces";
import { orElse } from "../../../analysis/operations";
import { lastOf } from "../../../analysis/packetFields";
import { openRuleSets } from "../../../analysis/ruleSets";
import type { Family } from "../../../model/addresses";
import type { Policy } from "../../../model/policy";
import type { Direction } from "../../../model/rule";
import type { TranslationDifference } from "../../dialect";
import { differenceFrom } from "../../meaning";
import { CHAINS } from "../names";
import { interfaceNames, interpret } from "./interpret";
import { readSave, type Save } from "./readSave";

/** A second or two: a host may list whatever it likes. */
const MOST_WORK = 4_000_000;

/** What is to be loaded, or what a host says that it runs, for each family. */
export type Texts = Readonly<Record<Family, string>>;

/**
 * Do our chains do with every packet what the policy says, in both directions and families: accept what is in the base, and
 * decide all else as the policy decides, with the same answer where it rejects? What they accept goes on to the rules of
 * others. Undefined if so, else a packet that fares otherwise. The policy must be wholly known.
 *
 * @throws UnreadableSave, TooMuchWork
 */
export function proveTranslation(texts: Texts, policy: Policy): TranslationDifference | undefined {
    const saves = { 4: readSave(rulesOf(texts[4])), 6: readSave(rulesOf(texts[6])) };
    return differenceIn("ingress", saves, policy) ?? differenceIn("egress", saves, policy);
}

/** Without the jumps to our chains, which say nothing of what these do. */
function rulesOf(text: string): string {
    return text.replace(/^-[ID] .*$/gm, "");
}

function differenceIn(
    direction: Direction,
    saves: Readonly<Record<Family, Save>>,
    policy: Policy,
): TranslationDifference | undefined {
    const named = policy.rules.flatMap(({ rule }) => rule.interfaces ?? []);
    const interfaces = openInterfaces([...named, ...interfaceNames(saves[4]), ...interfaceNames(saves[6])]);
    const sets = openRuleSets(openDiagrams(lastOf, MOST_WORK), policy, direction, interfaces);
    const { diagrams, levelOf } = sets;
    const { own, builtIn } = CHAINS[direction];
    const done = ([4, 6] as const).map(
        (family) =>
            interpret(saves[family], family, builtIn, { diagrams, interfaces, conditions: levelOf }, own).diagram,
    );
    return differenceFrom(sets, diagrams.combine(orElse, done[0]!, done[1]!));
}
