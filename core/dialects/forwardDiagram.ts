import { type Constraint, firstOf, oneValue, whereAll } from "../analysis/constraints";
import type { Diagram } from "../analysis/diagram";
import { and } from "../analysis/operations";
import { LEVEL } from "../analysis/packetFields";
import type { SharedSets } from "../analysis/ruleSets";
import { OF_OPEN_CONNECTIONS } from "./baseDiagram";
import { CONTAINER_BRIDGES } from "./containers";
import { VERDICT } from "./meaning";

/** What a dialect calls what no packet of a diagram says. */
export interface ForwardNames {
    /** It leaves by this interface. */
    readonly leavesBy: (pattern: string) => string;
    /** Another destination was put in the place of the one asked for: a published port. */
    readonly published: string;
}

/**
 * What becomes of a packet that is forwarded, its destination being the one that its connection asked for: what goes to a
 * container from outside is decided by the policy where it asked for a published port, and dropped where it asked for the
 * container itself. Replies pass, and errors about connections that are open. `sets` are those of `ingress`; the bridges of
 * containers must be among its interfaces.
 */
export function forwardDiagram(sets: SharedSets, names: ForwardNames, decision: Diagram): Diagram {
    const { diagrams, interfaces, levelOf } = sets;
    const bridges = CONTAINER_BRIDGES.flatMap((name) => [...interfaces.valuesOf(name)]);
    const accept = (...constraints: readonly Constraint[]) => whereAll(diagrams, constraints, VERDICT.accept);
    return firstOf(diagrams, [
        accept(...CONTAINER_BRIDGES.map((name) => oneValue(levelOf(names.leavesBy(name)), 0))),
        ...OF_OPEN_CONNECTIONS.map((constraints) => accept(...constraints)),
        ...bridges.map((bridge) => accept(oneValue(LEVEL.interface, bridge))),
        diagrams.combine(and, whereAll(diagrams, [oneValue(levelOf(names.published), 1)], 1), decision),
        VERDICT.drop,
    ]);
}
