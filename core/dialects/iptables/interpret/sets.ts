import { type AddressRange, mergeRanges } from "../../../model/addresses";
import { addressesOf } from "./numbers";
import type { Option } from "./readSave";

/** What `ipset save` prints of a set that holds plain networks for as long as it is there. */
const LASTING: readonly string[] = ["family", "hashsize", "maxelem", "bucketsize", "initval", "inet", "inet6"];

/** The sets that stand in front of the tables which ask them. */
export function openSets(): {
    /** `create NAME hash:net family inet ...`, `add NAME 192.0.2.0/24`. */
    readonly read: (words: readonly string[]) => void;
    /** The option with what its set holds, if it names one that is understood. */
    readonly resolved: (option: Option) => Option;
} {
    const sets = new Map<string, AddressRange[] | undefined>();
    const merged = new Map<string, readonly AddressRange[]>();
    return {
        read([command, name = "", ...words]) {
            if (command === "create") {
                const [type, ...options] = words;
                const plain = options.every((word) => LASTING.includes(word) || /^(\d+|0x[0-9a-f]+)$/.test(word));
                sets.set(name, !sets.has(name) && type === "hash:net" && plain ? [] : undefined);
                return;
            }
            const range = words.length === 1 ? addressesOf(words[0]!) : undefined;
            const found = sets.get(name);
            if (range) found?.push(range);
            else sets.set(name, undefined);
        },
        resolved(option) {
            if (option.name !== "--match-set") return option;
            const name = option.values[0] ?? "";
            const found = sets.get(name);
            if (!found) return option;
            const members = merged.get(name) ?? mergeRanges(found);
            merged.set(name, members);
            return { ...option, members };
        },
    };
}
