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
    const narrowed: (NarrowedAccept & { perhapsDropped: boolean })[] = [];
    for (const { rule, far, own, plain } of rules.flatMap(({ rule }) => partsOf(rule, direction, sets, families))) {
        if (undecided.length === 0) break;
        const taken = intersection(far.space, undecided);
        if (rule.action !== "accept") {
            if (plain) perhapsDropped ||= far.unknown;
            else droppedInPart = union(droppedInPart, far.unknown ? undecided : taken);
        } else {
            if (meets(far.unknown ? undecided : taken, droppedInPart)) return NOT_ANALYSED;
            if (plain) {
                who = union(who, taken);
                unknownDropped ||= perhapsDropped && taken.length > 0;
                if (far.unknown) perhapsAccepted = union(perhapsAccepted, undecided);
            } else {
                const accept = { who: { space: taken, unknown: far.unknown }, own, ports: rule.from.ports };
                narrowed.push({ ...accept, perhapsDropped });
            }
        }
        if (plain) undecided = difference(undecided, far.space);
    }
    if (defaults[direction] === "accept") {
        if (meets(undecided, droppedInPart)) return NOT_ANALYSED;
        who = union(who, undecided);
        unknownDropped ||= perhapsDropped && undecided.length > 0;
    }
    const others = narrowed
        .map((accept) => ({ ...accept, who: { ...accept.who, space: difference(accept.who.space, who) } }))
        .filter((accept) => accept.who.unknown || accept.who.space.length > 0);
    if (others.some((accept) => accept.perhapsDropped)) return NOT_ANALYSED;
    return {
        kind: "exact",
        who,
        narrowed: formatNarrowed(others, direction, families),
        unknownAccepted: difference(perhapsAccepted, who).length > 0,
        unknownDropped,
    };
}

/** A rule for packets of some families: the other end and the server's own. */
interface Part {
    readonly rule: Rule;
    readonly far: End;
    readonly own: End;
    /** It says nothing of the server's own end and of source ports. */
    readonly plain: boolean;
}

/** A packet has one family, so a rule for both is a rule for each; one that is not all known stays whole. */
function partsOf(rule: Rule, direction: Direction, sets: readonly NamedSet[], families: readonly Family[]): Part[] {
    const from = endOf(rule.from.addresses, sets);
    const to = endOf(rule.to.addresses, sets);
    const can = (end: End, family: Family) => end.unknown || end.space.some((range) => range.family === family);
    const common = families.filter((family) => can(from, family) && can(to, family));
    if (common.length === 0) return [];
    const [far, own] = direction === "ingress" ? [from, to] : [to, from];
    const part = (of: readonly Family[]): Part => {
        const plain = !rule.from.ports && !own.unknown && sameSpace(ofFamilies(own.space, of), everybody(of));
        const cut = ({ space, unknown }: End): End => ({ space: ofFamilies(space, of), unknown });
        return { rule, far: cut(far), own: cut(own), plain };
    };
    return from.unknown || to.unknown ? [part(common)] : common.map((family) => part([family]));
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
