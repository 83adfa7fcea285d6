import { createHash } from "node:crypto";
import { type AddressRange, type Family, formatPrefix, toPrefixes } from "../../model/addresses";

/**
 * Long lists of networks as sets of ipset, which are asked in one step however long they are. A set is named after what it
 * holds: another list is another set, so that rules change from one to the other in the transaction that loads them, and a
 * list that stays is not loaded again.
 */
export interface IpSet {
    readonly name: string;
    readonly family: Family;
    /** In order, merged. */
    readonly ranges: readonly AddressRange[];
}

/** The set that is to stand for these ranges; undefined where each is written out in a rule of its own. */
export type SetFor = (family: Family, ranges: readonly AddressRange[]) => string | undefined;

export const WRITTEN_OUT: SetFor = () => undefined;

/** Shorter lists are not worth a set. */
const MOST_WRITTEN_OUT = 8;

/** Sets for lists that are longer than `most`, and those that were asked for. */
export function openIpSets(most = MOST_WRITTEN_OUT): { readonly setFor: SetFor; readonly sets: () => IpSet[] } {
    const used = new Map<string, IpSet>();
    return {
        setFor(family, ranges) {
            if (ranges.length <= most) return undefined;
            const name = ipSetName(family, ranges);
            used.set(name, { name, family, ranges });
            return name;
        },
        sets: () => [...used.values()],
    };
}

/** The family is in the name, since a name belongs to one set only. At most 31 characters, says the kernel. */
export function ipSetName(family: Family, ranges: readonly AddressRange[]): string {
    const hash = createHash("sha256");
    for (const { first, last } of ranges) hash.update(`${first}-${last} `);
    return `vpsfw${family}-${hash.digest("hex").slice(0, 16)}`;
}

/** The programs' own, up to which nothing has to be said. */
const USUAL_SIZE = 65_536;

/** What `ipset restore` is to read: it knows prefixes, and no prefix of length 0. */
export function renderIpSet({ name, family, ranges }: IpSet): string[] {
    const prefixes = toPrefixes(ranges).flatMap((prefix) =>
        prefix.length > 0 ? [prefix] : halvesOf(prefix.family).map((address) => ({ family, address, length: 1 })),
    );
    // As many places as entries from the beginning: else the kernel makes room again and again.
    const places = 2 ** Math.ceil(Math.log2(Math.max(prefixes.length, 64)));
    const inet = family === 4 ? "inet" : "inet6";
    return [
        `create ${name} hash:net family ${inet} hashsize ${places} maxelem ${Math.max(places, USUAL_SIZE)}`,
        ...prefixes.map((prefix) => `add ${name} ${formatPrefix(prefix)}`),
    ];
}

function halvesOf(family: Family): bigint[] {
    return [0n, 1n << (family === 4 ? 31n : 127n)];
}
