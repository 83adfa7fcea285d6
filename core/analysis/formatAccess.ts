import type { Family } from "../model/addresses";
import { formatPortList, NOT_KNOWN_YET } from "../model/formatRule";
import type { Access, Narrowed } from "./access";
import { everybody, ofFamilies, sameSpace } from "./addressAlgebra";
import { formatWho } from "./formatWho";

/** An access in words: who, then narrowed alternatives, joined by `; `. */
export function formatAccess(access: Access, families: readonly Family[]): string {
    if (access.kind === "not analysed") return "(not analysed)";
    const { who, narrowed, unknownAccepted, unknownDropped } = access;
    const parts = who.length ? [formatWho(who, families) + (unknownDropped ? ` except ${NOT_KNOWN_YET}` : "")] : [];
    if (unknownAccepted) parts.push(NOT_KNOWN_YET);
    parts.push(...[...new Set(narrowed.map((one) => formatNarrowed(one, families)))].sort());
    return parts.join("; ") || "nobody";
}

function formatNarrowed({ who, own, ownEnd, sourcePorts, unknown }: Narrowed, families: readonly Family[]): string {
    const words = [who.length ? formatWho(who, families) : ""];
    if (unknown) words.push(NOT_KNOWN_YET);
    if (!sameSpace(ofFamilies(own, families), everybody(families))) words.push(`${ownEnd} ${formatWho(own, families)}`);
    if (sourcePorts) words.push(`from port ${formatPortList(sourcePorts)}`);
    return words.filter(Boolean).join(" ");
}
