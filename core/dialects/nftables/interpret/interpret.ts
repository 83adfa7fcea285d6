import { type Diagram, type Diagrams, TooMuchWork } from "../../../analysis/diagram";
import { and, type Operation, orElse } from "../../../analysis/operations";
import { type ConditionLevels, LEVEL } from "../../../analysis/packetFields";
import type { Chain, Ruleset, Table } from "./ast";
import { openChains } from "./chains";
import { ofFamily, whereAll } from "../../../analysis/constraints";
import type { HookName } from "./fields";
import { isVerdict, type Surroundings, VERDICT } from "./verdicts";

export interface Interpretation {
    /** A `VERDICT` for every packet. */
    readonly diagram: Diagram;
    /** False where something was not understood that may decide: then it is decided by conditions, either way. */
    readonly exact: boolean;
    /** Levels of the diagram that are no fields of a packet. */
    readonly conditions: ReadonlySet<number>;
}

/** More would only be a host that wants us to fall over them: diagrams are walked as deep as there are levels. */
const MOST_CONDITIONS = 1000;

/**
 * What all chains of a ruleset at a hook do together, those with lower priority first: an accept is the word of one chain,
 * a drop that of all.
 *
 * @throws UnreadableRuleset, TooMuchWork
 */
export function interpret(ruleset: Ruleset, hook: HookName, around: Surroundings): Interpretation {
    const { diagrams } = around;
    const levels = new Set<number>();
    const conditions: ConditionLevels = (name) => {
        const level = around.conditions(name);
        levels.add(level);
        if (level >= LEVEL.condition + MOST_CONDITIONS) throw new TooMuchWork();
        return level;
    };
    let exact = true;
    const inexact = () => (exact = false);
    const places = ruleset.tables.flatMap((table) => {
        const base = baseChains(table, hook);
        if (base.some(({ hook: at }) => at!.type === "nat")) inexact();
        const filters = base.filter(({ hook: at }) => at!.type !== "nat");
        if (filters.length === 0) return [];
        const run = openChains(table, hook, { ...around, conditions, inexact });
        return filters.map((chain) => ({ table, chain, run }));
    });
    places.sort((a, b) => a.chain.hook!.priority - b.chain.hook!.priority);
    const diagram = places
        .map(({ table, chain, run }) => forItsFamily(diagrams, table, run(chain)))
        .reduce((a, b) => diagrams.combine(andThen, a, b), VERDICT.accept);
    return { diagram, exact, conditions: levels };
}

function baseChains({ family, dormant, chains }: Table, hook: HookName): Chain[] {
    if (dormant || !["inet", "ip", "ip6"].includes(family)) return [];
    return chains.filter((chain) => chain.hook?.hook === hook);
}

/** Packets of the other family never come to the chains of a table for one. */
function forItsFamily(diagrams: Diagrams, { family }: Table, diagram: Diagram): Diagram {
    if (family === "inet") return diagram;
    const own = whereAll(diagrams, [ofFamily(family === "ip" ? 4 : 6)], 1);
    return diagrams.combine(orElse, diagrams.combine(and, own, diagram), VERDICT.accept);
}

/** Only what the first accepts comes to the second. */
const andThen: Operation = (a, b) => {
    if (a === VERDICT.accept) return b;
    return b === VERDICT.accept || isVerdict(a) ? a : undefined;
};

/** 1 for the packets that are accepted if the conditions are as they have to be for that. */
export function mayAccept(diagrams: Diagrams, { diagram, conditions }: Interpretation): Diagram {
    return diagrams.exists(
        diagrams.map(diagram, (verdict) => (verdict === VERDICT.accept ? 1 : 0)),
        conditions,
    );
}

/** 1 for the packets that are accepted whatever the conditions are. */
export function mustAccept(diagrams: Diagrams, { diagram, conditions }: Interpretation): Diagram {
    const mayNot = diagrams.exists(
        diagrams.map(diagram, (verdict) => (verdict === VERDICT.accept ? 0 : 1)),
        conditions,
    );
    return diagrams.map(mayNot, (not) => 1 - not);
}
