import type { Diagram } from "../../../analysis/diagram";
import { orElse } from "../../../analysis/operations";
import type { Family } from "../../../model/addresses";
import { interfaceNames, interpret, type Surroundings } from "./interpret";
import type { Hook } from "./matches";
import type { Save } from "./readSave";

export type Saves = Readonly<Record<Family, Save>>;

/** What the tables of both families do with every packet at a hook; `only`: what one chain does. */
export function verdictsOfBoth(saves: Saves, hook: Hook, around: Surroundings, only?: string): Diagram {
    const [ipv4, ipv6] = ([4, 6] as const).map(
        (family) => interpret(saves[family], family, hook, around, only).diagram,
    );
    return around.diagrams.combine(orElse, ipv4!, ipv6!);
}

export function interfaceNamesOfBoth(saves: Saves): string[] {
    return [...interfaceNames(saves[4]), ...interfaceNames(saves[6])];
}
