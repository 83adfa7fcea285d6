import type { Family } from "../model/addresses";
import type { KeyedRule, NamedSet, Policy } from "../model/policy";
import type { Direction, Rule } from "../model/rule";
import {
    type AddressSpace,
    difference,
    everybody,
    intersection,
    meets,
    NOBODY,
    ofFamilies,
    sameSpace,
    union,
} from "./addressAlgebra";
import { type End, endOf } from "./end";
import { formatNarrowed, type NarrowedAccept } from "./narrowed";

/** Who gets through, for packets that only differ in their addresses and their source port. */
export type Access =
    | { readonly kind: "not analysed" }
    | {
          readonly kind: "exact";
          readonly who: AddressSpace;
          /** Who else gets through, but only to some of this server's addresses or from some source ports: in words. */
          readonly narrowed: readonly string[];
          /** Some address that is not known yet is accepted too. */
          readonly unknownAccepted: boolean;
          /** Some address that is not known yet is dropped before. */
          readonly unknownDropped: boolean;
      };

const NOT_ANALYSED: Access = { kind: "not analysed" };

/**
 * Decides `rules` one after the other, the first that matches wins, then the default action. All of them apply to the
 * packets asked about.
 */
export function accessOf(
    rules: readonly KeyedRule[],
    direction: Direction,
    { sets, defaults }: Policy,
    families: readonly Family[],
): Access {
    let undecided = everybody(families);
    let who = NOBODY;
    let perhapsAccepted = NOBODY;
    let perhapsDropped = false;
    let unknownDropped = false;
    // Dropped for some of this server's addresses or some source ports: accepts behind that are not analysed.
    let droppedInPart = NOBODY;
    const narrowed: NarrowedAccept[] = [];
    for (const { rule } of rules) {
        if (undecided.length === 0) break;
        const ends = endsOf(rule, direction, sets, families);
        if (!ends) continue;
        const { far, own, plain } = ends;
        const taken = intersection(far.space, undecided);
        if (rule.action !== "accept") {
            if (plain) perhapsDropped ||= far.unknown;
            else droppedInPart = union(droppedInPart, far.unknown ? undecided : taken);
        } else {
            const hidden = droppedInPart.length > 0 && (far.unknown || meets(taken, droppedInPart));
            if (hidden || (!plain && perhapsDropped)) return NOT_ANALYSED;
            if (plain) {
                who = union(who, taken);
                unknownDropped ||= perhapsDropped && taken.length > 0;
                if (far.unknown) perhapsAccepted = union(perhapsAccepted, undecided);
            } else narrowed.push({ who: { space: taken, unknown: far.unknown }, own, ports: rule.from.ports });
        }
        if (plain) undecided = difference(undecided, far.space);
    }
    if (defaults[direction] === "accept") {
        if (meets(undecided, droppedInPart)) return NOT_ANALYSED;
        who = union(who, undecided);
        unknownDropped ||= perhapsDropped && undecided.length > 0;
    }
    const others = narrowed.map((one) => ({ ...one, who: { ...one.who, space: difference(one.who.space, who) } }));
    return {
        kind: "exact",
        who,
        narrowed: formatNarrowed(others, direction, families),
        unknownAccepted: difference(perhapsAccepted, who).length > 0,
        unknownDropped,
    };
}

/**
 * The far and the server's own end of a rule, cut to the families that both can have, since a packet has one.
 * `plain`: the rule says nothing of the own end and of source ports. Nothing where no packet can match.
 */
function endsOf(rule: Rule, direction: Direction, sets: readonly NamedSet[], families: readonly Family[]) {
    const from = endOf(rule.from.addresses, sets);
    const to = endOf(rule.to.addresses, sets);
    const can = (end: End, family: Family) => end.unknown || end.space.some((range) => range.family === family);
    const common = families.filter((family) => can(from, family) && can(to, family));
    if (common.length === 0) return undefined;
    const cut = ({ space, unknown }: End): End => ({ space: ofFamilies(space, common), unknown });
    const [far, own] = direction === "ingress" ? [cut(from), cut(to)] : [cut(to), cut(from)];
    const plain = !rule.from.ports && !own.unknown && sameSpace(own.space, everybody(common));
    return { far, own, plain };
}

export function sameAccess(a: Access, b: Access): boolean {
    if (a.kind !== "exact" || b.kind !== "exact") return a.kind === b.kind;
    return (
        sameSpace(a.who, b.who) &&
        a.unknownAccepted === b.unknownAccepted &&
        a.unknownDropped === b.unknownDropped &&
        a.narrowed.join() === b.narrowed.join()
    );
}
