import { type Family, wholeFamily } from "../../model/addresses";
import { normalAddresses } from "../../model/normalRule";
import type { NamedSet } from "../../model/policy";
import type { Addresses, AddressList, SetReference } from "../../model/rule";
import { distinct, identity } from "./distinct";
import type { AddressPart, Clause, EndPart } from "./readRule";

/** An address set as the listing holds it, in one set of nft or several. */
export interface ReadSet {
    readonly set: NamedSet;
    /** How a line refers to it: worked out once, since sets can be long. */
    readonly reference: SetReference;
    readonly identifiers: readonly string[];
    /** As rules ask them, each in the form of `askedText`. */
    readonly asked: readonly string[];
}

/** How a rule asks a set of nft: with the whole address, or with what is left of it behind a mask. */
export function askedText(identifier: string, mask: string | undefined): string {
    return mask === undefined ? identifier : `${identifier} & ${mask}`;
}

/** The different parts at one end: those of what decides, and those that notes add. */
export interface Ends {
    /** What packets can meet, and what notes say that none can. */
    readonly live: readonly EndPart[];
    /** Exceptions of a family of which nothing is said. */
    readonly lost: readonly EndPart[];
}

/** What a note leaves out it does not say. */
export function gatherEnds(clauses: readonly Clause[], end: "from" | "to"): Ends {
    const said = clauses.filter((clause) => !clause.note || clause[end].said.kind !== "any");
    const lost = clauses.filter(
        (clause) => clause.note && clause[end].said.kind === "any" && clause[end].not.length > 0,
    );
    // A note says all of a family in words, where a rule that decides only excepts.
    const parts = [
        ...said.filter(({ note }) => !note).map((clause) => clause[end]),
        ...said.filter(({ note }) => note).map((clause) => withoutWhole(clause[end])),
    ];
    return { live: distinct(parts), lost: distinct(lost.map((clause) => clause[end])) };
}

function withoutWhole(part: EndPart): EndPart {
    const { said, not } = part;
    const [range, ...more] = said.kind === "ranges" ? said.ranges : [];
    const whole = range && more.length === 0 && identity(range) === identity(wholeFamily(range.family));
    return whole && not.length > 0 ? { said: { kind: "any" }, not } : part;
}

export function familyOfEnd({ said, not }: EndPart): Family | undefined {
    return familyOfAddresses(said) ?? (not[0] && familyOfAddresses(not[0]));
}

function familyOfAddresses(part: AddressPart): Family | undefined {
    if (part.kind === "any") return undefined;
    return part.kind === "none" ? 4 : part.family;
}

/** What all parts at one end say together: addresses, and what is excepted, the same for all parts of a family. */
export function readEnds({ live, lost }: Ends, sets: readonly ReadSet[]): Addresses | undefined {
    if (live.every(({ said, not }) => said.kind === "any" && not.length === 0) && lost.length === 0)
        return { kind: "anywhere" };
    const exceptions = new Map<Family, string>();
    for (const part of [...live, ...lost]) {
        const family = familyOfEnd(part);
        if (family === undefined || part.not.some((each) => familyOfAddresses(each) !== family)) return undefined;
        const said = identity([...part.not].map(identity).sort());
        if ((exceptions.get(family) ?? said) !== said) return undefined;
        exceptions.set(family, said);
    }
    // What is only excepted means all others of the family.
    const positive = live.map(({ said, not }): AddressPart => {
        if (said.kind !== "any") return said;
        const family = familyOfAddresses(not[0]!)!;
        return { kind: "ranges", family, ranges: [wholeFamily(family)] };
    });
    const list = readList(positive, sets);
    const except = readList(distinct([...live, ...lost].flatMap(({ not }) => not)), sets);
    return list && except && normalAddresses(list, except);
}

function readList(parts: readonly AddressPart[], sets: readonly ReadSet[]): AddressList | undefined {
    const ranges = parts.flatMap((part) => (part.kind === "ranges" ? part.ranges : []));
    const asked = parts.flatMap((part) => (part.kind === "set" ? [askedText(part.identifier, part.mask)] : []));
    const named = sets.filter((set) => set.asked.some((each) => asked.includes(each)));
    // Every set known, and not one family or length of it alone.
    const expected = named.flatMap((set) => set.asked);
    if (expected.length !== asked.length || parts.some(({ kind }) => kind === "any")) return undefined;
    // A range at the same end for one family twice would have been written as one.
    const families = parts.flatMap((part) => (part.kind === "ranges" ? [part.family] : []));
    if (new Set(families).size !== families.length) return undefined;
    return { ranges, sets: named.map(({ reference }) => reference), unknown: false };
}
