import { type AddressRange, type Family, mergeRanges } from "../../model/addresses";
import { ipSetName } from "./ipsets";
import type { ListedSets } from "./listing";
import { readPrefix } from "./readAddress";

/** What `ipset save` may say of one of ours without changing what is in it. */
const PLAIN: ReadonlySet<string> = new Set(["hashsize", "maxelem", "bucketsize", "initval"]);

/** More than any host has. */
const MOST_ENTRIES = 10_000_000;

/** Reads lines of `ipset save` of sets of a family. Of one that is of another kind, nothing is known. */
export function openSetReader(family: Family, fail: (problem: string) => never) {
    const entries = new Map<string, AddressRange[] | "unknown">();
    let count = 0;
    return {
        read(line: string): void {
            const [command, name = "", ...words] = line.split(" ").filter(Boolean);
            if (command === "create") {
                if (entries.has(name)) fail("a set stands there twice");
                entries.set(name, isOurKind(words, family) ? [] : "unknown");
                return;
            }
            if (++count > MOST_ENTRIES) fail(`its sets have more than ${MOST_ENTRIES} entries`);
            const found = entries.get(name) ?? fail("an entry is of no set");
            if (found === "unknown") return;
            const range = words.length === 1 ? readPrefix(words[0]!, family) : undefined;
            if (range) found.push(range);
            else entries.set(name, "unknown");
        },
        sets(): ListedSets {
            const known = [...entries].flatMap(([name, found]) =>
                found === "unknown" ? [] : [[name, found] as const],
            );
            return new Map(
                known.map(([name, found]) => {
                    const ranges = mergeRanges(found);
                    return [name, { set: ipSetName(family, ranges), ranges }];
                }),
            );
        },
    };
}

function isOurKind([type, ...options]: readonly string[], family: Family): boolean {
    if (type !== "hash:net" || options.length % 2 !== 0) return false;
    const said = new Map(Array.from({ length: options.length / 2 }, (_, i) => [options[2 * i]!, options[2 * i + 1]!]));
    if (said.get("family") !== (family === 4 ? "inet" : "inet6")) return false;
    said.delete("family");
    return [...said.keys()].every((option) => PLAIN.has(option));
}
