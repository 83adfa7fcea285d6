import { printable } from "../core/model/diagnostics";
import type { StoredSet } from "../core/model/addressSets";
import type { StoredPolicy } from "../core/model/storedPolicy";

/**
 * What changes from one policy to the other, a line each: `+ web/https  accept ...`, `~ set office  192.0.2.1 => 192.0.2.2`.
 * All that it says, where there is none before.
 */
export function policyChanges(before: StoredPolicy | undefined, after: StoredPolicy): string[] {
    return [
        ...changes("", before?.rules ?? {}, after.rules, String),
        ...changes("set ", before?.sets ?? {}, after.sets ?? {}, setWords),
        ...changes("", before ? settingsOf(before) : {}, settingsOf(after), String),
    ];
}

function changes<Value>(
    prefix: string,
    before: Readonly<Record<string, Value>>,
    after: Readonly<Record<string, Value>>,
    words: (value: Value) => string,
): string[] {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name) => {
        const [was, is] = [before[name], after[name]];
        if (JSON.stringify(was) === JSON.stringify(is)) return [];
        const said = [was, is].flatMap((value) => (value === undefined ? [] : [words(value)])).join(" => ");
        const sign = was === undefined ? "+" : is === undefined ? "-" : "~";
        return [printable(`${sign} ${prefix}${name}  ${said}`)];
    });
}

function setWords(set: StoredSet): string {
    if ("digest" in set) return `${set.count} entries (${set.digest})`;
    const entries = Object.keys(set);
    return entries.length > 8 ? `${entries.length} entries` : entries.join(", ") || "empty";
}

function settingsOf({ templates, order, defaults }: StoredPolicy): Record<string, string> {
    return {
        ...(templates !== undefined && { "order of templates": templates }),
        ...(order !== undefined && { "order of rules": order }),
        "default ingress": defaults.ingress,
        "default egress": defaults.egress,
    };
}
