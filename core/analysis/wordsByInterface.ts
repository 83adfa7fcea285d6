import type { Diagram, Diagrams } from "./diagram";
import { type AccessOptions, formatAccess } from "./formatAccess";
import { covers, type Interfaces } from "./interfaces";
import { LEVEL } from "./packetFields";
import type { Apart, UnknownPackets } from "./unknownParts";

/**
 * Who gets through, in words: by any interface that no rule names, then, where that differs, by each that one names.
 *
 * @example `198.51.100.0/24; in wg0: anywhere`
 */
export function wordsByInterface(
    diagrams: Diagrams,
    apart: Apart,
    options: AccessOptions,
    { names }: Interfaces,
): string {
    // The base accepts whatever goes through `lo`, the second of the table.
    if (names.length <= 2) return formatAccess(diagrams, apart, options);
    const here = names.map((_, value) => within(diagrams, apart, value));
    const words = formatAccess(diagrams, here[0]!, options);
    const word = options.direction === "ingress" ? "in" : "out";
    const others = names.slice(2).flatMap((name, index) => {
        const mine = here[index + 2]!;
        if (same(mine, here[coverOf(name, names)]!)) return [];
        return formatAccess(diagrams, mine, options)
            .split("; ")
            .map((alternative) => `${word} ${name}: ${alternative}`);
    });
    return words === "nobody" && others.length > 0 ? others.join("; ") : [words, ...others].join("; ");
}

/** What a reader would take an interface for of which nothing is said: one of the narrowest pattern, or any other. */
function coverOf(name: string, names: readonly string[]): number {
    const wider = names.filter((each) => each !== name && covers(each, name));
    const narrowest = wider.sort((a, b) => b.length - a.length)[0];
    return narrowest === undefined ? 0 : names.indexOf(narrowest);
}

function within(diagrams: Diagrams, { known, lost, gained }: Apart, value: number): Apart {
    const here = (diagram: Diagram) => diagrams.restrict(diagram, new Map([[LEVEL.interface, value]]));
    const some = (list: readonly UnknownPackets[]) =>
        list.map((packets) => ({ ...packets, diagram: here(packets.diagram) })).filter(({ diagram }) => diagram !== 0);
    return { known: here(known), lost: some(lost), gained: some(gained) };
}

function same(a: Apart, b: Apart): boolean {
    return a.known === b.known && sameList(a.lost, b.lost) && sameList(a.gained, b.gained);
}

function sameList(a: readonly UnknownPackets[], b: readonly UnknownPackets[]): boolean {
    return (
        a.length === b.length &&
        a.every(({ parts, diagram }, i) => parts.join() === b[i]!.parts.join() && diagram === b[i]!.diagram)
    );
}
