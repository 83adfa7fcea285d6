import { type Diagram, openDiagrams } from "../../../analysis/diagram";
import { openInterfaces } from "../../../analysis/interfaces";
import { lastOf } from "../../../analysis/packetFields";
import { openRuleSets, type SharedSets } from "../../../analysis/ruleSets";
import type { Policy } from "../../../model/policy";
import type { Direction } from "../../../model/rule";
import type { TranslationDifference } from "../../dialect";
import { CONTAINER_BRIDGES } from "../../containers";
import { forwardDiagram } from "../../forwardDiagram";
import { differenceBetween, differenceFrom, VERDICT } from "../../meaning";
import type { Texts } from "../families";
import { CHAINS, FORWARD_CHAINS } from "../names";
import { interfaceNamesOfBoth, type Saves, verdictsOfBoth } from "./bothFamilies";
import { withSettledLimits } from "./limits";
import type { Hook } from "./matches";
import { readSave, type Save } from "./readSave";

/** A second or two: a host may list whatever it likes. */
const MOST_WORK = 4_000_000;

/**
 * Do our chains do with every packet what the policy says, in both directions and families: accept what is in the base, and
 * decide all else as the policy decides, with the same answer where it rejects? What they accept goes on to the rules of
 * others. Undefined if so, else a packet that fares otherwise. The policy must be wholly known.
 *
 * @throws UnreadableSave, TooMuchWork
 */
export function proveTranslation(texts: Texts, meant: Policy): TranslationDifference | undefined {
    const saves = readTexts(texts);
    const policy = withSettledLimits(meant);
    return (
        differenceIn("ingress", saves, policy) ??
        differenceIn("egress", saves, policy) ??
        differenceInForward(saves, policy)
    );
}

/** The part of it about what is forwarded to containers. */
export function proveForward(texts: Texts, policy: Policy): TranslationDifference | undefined {
    return differenceInForward(readTexts(texts), withSettledLimits(policy));
}

/** The jumps to our chains say nothing of what these do. */
function readTexts(texts: Texts): Saves {
    return { 4: readSave(texts[4], { changes: true }), 6: readSave(texts[6], { changes: true }) };
}

function differenceIn(direction: Direction, saves: Saves, policy: Policy): TranslationDifference | undefined {
    const { own, builtIn } = CHAINS[direction];
    const { sets, done } = chainInBoth(saves, policy, direction, { hook: builtIn, table: "filter", chain: own });
    return differenceFrom(sets, done);
}

/** Is what is forwarded to containers decided like what comes in, and all else of it left alone? */
function differenceInForward(saves: Saves, policy: Policy): TranslationDifference | undefined {
    if (!policy.forward) return undefined;
    const { own, builtIn } = FORWARD_CHAINS;
    const { sets, done } = chainInBoth(saves, policy, "ingress", { hook: builtIn, table: "mangle", chain: own });
    const decision = sets.diagrams.map(sets.decision().diagram, (verdict) =>
        verdict === VERDICT.accept ? verdict : VERDICT.drop,
    );
    const difference = differenceBetween(sets, forwardDiagram(sets, NAMES, decision), done);
    return difference && { ...difference, forwarded: true };
}

const NAMES = { leavesBy: (pattern: string) => `-o ${pattern}`, published: "ct status dnat" };

interface Place {
    readonly hook: Hook;
    readonly table: string;
    readonly chain: string;
}

/** What a chain of ours does with every packet of either family, beside the sets of the policy. */
function chainInBoth(
    saves: Saves,
    policy: Policy,
    direction: Direction,
    { hook, table, chain }: Place,
): { readonly sets: SharedSets; readonly done: Diagram } {
    const own = { 4: onlyTable(saves[4], table), 6: onlyTable(saves[6], table) };
    const interfaces = openInterfaces([
        ...policy.rules.flatMap(({ rule }) => rule.interfaces ?? []),
        ...(hook === "FORWARD" ? CONTAINER_BRIDGES : []),
        ...interfaceNamesOfBoth(own),
    ]);
    const sets = openRuleSets(openDiagrams(lastOf, MOST_WORK), policy, direction, interfaces);
    const { diagrams, levelOf } = sets;
    return { sets, done: verdictsOfBoth(own, hook, { diagrams, interfaces, conditions: levelOf }, chain) };
}

function onlyTable(save: Save, name: string): Save {
    const table = save.get(name);
    return new Map(table && [[name, table]]);
}
