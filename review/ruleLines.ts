import type { StoredSet } from "../core/model/addressSets";
import type { StoredPolicy } from "../core/model/storedPolicy";
import type { ReportedLine } from "./report";

type Line = Omit<ReportedLine, "servers">;

/** The rules, sets and defaults that come, go or change, by name. */
export function ruleLines(before: StoredPolicy | undefined, after: StoredPolicy | undefined): Line[] {
    return [
        ...changed("", before?.rules ?? {}, after?.rules ?? {}, String),
        ...changed("set ", before?.sets ?? {}, after?.sets ?? {}, setWords),
        ...changed("default ", before?.defaults ?? {}, after?.defaults ?? {}, String),
    ];
}

function changed<Value>(
    prefix: string,
    before: Readonly<Record<string, Value>>,
    after: Readonly<Record<string, Value>>,
    words: (value: Value) => string,
): Line[] {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name): Line[] => {
        const [was, is] = [before, after].map((all) => (Object.hasOwn(all, name) ? words(all[name]!) : undefined));
        if (was === is) return [];
        return [
            {
                key: `${prefix}${name}`,
                ...(was !== undefined && { before: was }),
                ...(is !== undefined && { after: is }),
            },
        ];
    });
}

function setWords(set: StoredSet): string {
    if ("digest" in set) return `${set.count} entries (${set.digest})`;
    const entries = Object.keys(set);
    return entries.length > 8
        ? `${entries.length} entries: ${entries.slice(0, 8).join(", ")}, ...`
        : entries.join(", ") || "empty";
}
