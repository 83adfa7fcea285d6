import type { Family } from "../model/addresses";
import { NOT_KNOWN_YET } from "../model/formatRule";
import type { Access } from "./access";
import { formatWho } from "./formatWho";

/** An access in words: who, then narrowed alternatives, joined by `; `. */
export function formatAccess(access: Access, families: readonly Family[]): string {
    if (access.kind === "not analysed") return "(not analysed)";
    const { who, narrowed, unknownAccepted, unknownDropped } = access;
    const parts = who.length ? [formatWho(who, families) + (unknownDropped ? ` except ${NOT_KNOWN_YET}` : "")] : [];
    if (unknownAccepted) parts.push(NOT_KNOWN_YET);
    return [...parts, ...narrowed].join("; ") || "nobody";
}
