import type { Diagram, Diagrams } from "./diagram";
import { type AccessOptions, formatAccess } from "./formatAccess";
import type { Interfaces } from "./interfaces";
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
    const usual = within(diagrams, apart, 0);
    const words = formatAccess(diagrams, usual, options);
    const word = options.direction === "ingress" ? "in" : "out";
    const others = names.slice(2).flatMap((name, index) => {
        const here = within(diagrams, apart, index + 2);
        if (same(here, usual)) return [];
        return formatAccess(diagrams, here, options)
            .split("; ")
            .map((alternative) => `${word} ${name}: ${alternative}`);
    });
    return words === "nobody" && others.length > 0 ? others.join("; ") : [words, ...others].join("; ");
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
