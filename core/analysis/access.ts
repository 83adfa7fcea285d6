import type { Family } from "../model/addresses";
import type { KeyedRule, Policy } from "../model/policy";
import type { Addresses, Direction, Peer } from "../model/rule";
import { addressesOf } from "../model/storedPolicy";
import {
    type AddressSpace,
    difference,
    everybody,
    intersection,
    NOBODY,
    ofFamilies,
    sameSpace,
    union,
} from "./addressAlgebra";

/** Who gets through, for packets that only differ in their addresses and their source port. */
export type Access =
    | { readonly kind: "not analysed" }
    | {
          readonly kind: "exact";
          readonly who: AddressSpace;
          /** Accepts narrowed by this server's own address or by the source port. */
          readonly narrowed: readonly Narrowed[];
          /** Some address that is not known yet is accepted too. */
          readonly unknownAccepted: boolean;
          /** Some address that is not known yet is dropped before. */
          readonly unknownDropped: boolean;
      };

export interface Narrowed {
    readonly who: AddressSpace;
    /** This server's own addresses. */
    readonly own: AddressSpace;
    /** Where the server stands in the packet: its destination, or its source. */
    readonly ownEnd: "to" | "from";
    readonly sourcePorts: Peer["ports"] | undefined;
    readonly unknown: boolean;
}

/** Decides `rules` one after the other, the first that matches wins, then the default action. All of them apply to the packets asked about. */
export function accessOf(
    rules: readonly KeyedRule[],
    direction: Direction,
    { sets, defaults }: Policy,
    families: readonly Family[],
): Access {
    const everyone = everybody(families);
    const spaceOf = (addresses: Addresses): { space: AddressSpace; unknown: boolean } => {
        if (addresses.kind === "anywhere")
            return { space: everybody(addresses.family ? [addresses.family] : [4, 6]), unknown: false };
        const { ranges, unknown } = addressesOf(addresses, sets);
        return { space: union(ranges, NOBODY), unknown };
    };
    let undecided = everyone;
    let who = NOBODY;
    let unknownAccepted = false;
    let unknownDropped = false;
    let dropped = NOBODY;
    let droppedInPart = NOBODY;
    const narrowed: Narrowed[] = [];
    for (const { rule } of rules) {
        const [far, own] = direction === "ingress" ? [rule.from, rule.to] : [rule.to, rule.from];
        const { space, unknown } = spaceOf(far.addresses);
        const sourcePorts = rule.from.ports;
        const plain = own.addresses.kind === "anywhere" && own.addresses.family === undefined && !sourcePorts;
        if (rule.action !== "accept") {
            unknownDropped ||= unknown;
            if (plain) dropped = union(dropped, space);
            else droppedInPart = union(droppedInPart, unknown ? everyone : space);
        } else if (plain) {
            who = union(who, intersection(space, undecided));
            unknownAccepted ||= unknown;
        } else {
            const ownSpace = spaceOf(own.addresses);
            narrowed.push({
                who: ofFamilies(space, families),
                own: ownSpace.space,
                ownEnd: direction === "ingress" ? "to" : "from",
                sourcePorts,
                unknown: unknown || ownSpace.unknown,
            });
        }
        if (plain) undecided = difference(undecided, space);
    }
    if (defaults[direction] === "accept") who = union(who, undecided);
    const open = narrowed.filter((one) => one.unknown || difference(one.who, who).length > 0);
    const openTo = union(
        open.flatMap((one) => one.who),
        NOBODY,
    );
    // What these rules mean together is more than who: said only where they can't meet.
    const meets = (a: AddressSpace, b: AddressSpace) => intersection(a, b).length > 0;
    if (meets(droppedInPart, union(who, openTo)) || meets(dropped, openTo)) return { kind: "not analysed" };
    return { kind: "exact", who, narrowed: open, unknownAccepted, unknownDropped: unknownDropped && who.length > 0 };
}

export function sameAccess(a: Access, b: Access): boolean {
    if (a.kind !== "exact" || b.kind !== "exact") return a.kind === b.kind;
    return (
        sameSpace(a.who, b.who) &&
        a.unknownAccepted === b.unknownAccepted &&
        a.unknownDropped === b.unknownDropped &&
        a.narrowed.length === b.narrowed.length &&
        a.narrowed.every((one, i) => sameNarrowed(one, b.narrowed[i]!))
    );
}

function sameNarrowed(a: Narrowed, b: Narrowed): boolean {
    return (
        sameSpace(a.who, b.who) &&
        sameSpace(a.own, b.own) &&
        a.unknown === b.unknown &&
        JSON.stringify(a.sourcePorts) === JSON.stringify(b.sourcePorts)
    );
}
