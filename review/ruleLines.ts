import type { StoredSet } from "../core/model/addressSets";
import type { StoredPolicy } from "../core/model/storedPolicy";

/** A rule, a set or a setting that comes (no `before`), goes (no `after`) or changes. */
export interface RuleLine {
    /** `web/https`, `set office`, `default ingress`, `order of rules`. */
    readonly key: string;
    readonly before?: string;
    readonly after?: string;
}

/** What changes from one policy to the other, by name; all that the other says, where there is none before. */
export function ruleLines(before: StoredPolicy | undefined, after: StoredPolicy | undefined): RuleLine[] {
    return [
        ...changed("", before?.rules ?? {}, after?.rules ?? {}, String),
        ...changed("set ", before?.sets ?? {}, after?.sets ?? {}, setWords),
        ...changed("", before ? settingsOf(before) : {}, after ? settingsOf(after) : {}, String),
    ];
}

function changed<Value>(
    prefix: string,
    before: Readonly<Record<string, Value>>,
    after: Readonly<Record<string, Value>>,
    words: (value: Value) => string,
): RuleLine[] {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name): RuleLine[] => {
        const [was, is] = [before, after].map((all) => (Object.hasOwn(all, name) ? all[name] : undefined));
        if (JSON.stringify(was) === JSON.stringify(is)) return [];
        return [
            {
                key: `${prefix}${name}`,
                ...(was !== undefined && { before: words(was) }),
                ...(is !== undefined && { after: words(is) }),
            },
        ];
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
