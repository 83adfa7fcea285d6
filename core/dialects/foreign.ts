import { printable } from "../model/diagnostics";
import { formatPortList, formatRule } from "../model/formatRule";
import type { Rule } from "../model/rule";
import type { UnmanagedItem } from "./dialect";

/** Something of the listing that is not ours, before it has a key of its own. */
export type Foreign = Omit<UnmanagedItem, "key"> & { readonly subject: string };

export function foreignRule(line: string, place: string, position: number, handle: number): Foreign {
    return { subject: printable(line, 100), line, place, position, handle };
}

export function foreignObject(subject: string, line: string): Foreign {
    return { subject, line, place: subject, position: 0 };
}

/** A rule that was read in full; `reason`: why no packet reaches it. */
export function foreignModelRule(
    rule: Rule,
    place: Pick<UnmanagedItem, "place" | "position" | "handle">,
    reason?: string,
): Foreign {
    const line = formatRule(rule);
    if (reason !== undefined) return { ...place, subject: subjectOf(rule), line: `${line} (no effect: ${reason})` };
    return { ...place, subject: subjectOf(rule), line, rule };
}

/** What a rule is about, in few words: `tcp 3306`, `egress udp 53`, `icmp echo-request`. */
function subjectOf(rule: Rule): string {
    const protocols = rule.matches.map(({ protocol, types }) =>
        [protocol, types?.join(", ")].filter(Boolean).join(" "),
    );
    const ports = rule.to.ports && formatPortList(rule.to.ports);
    return [rule.direction === "egress" && "egress", protocols.join(" + "), ports].filter(Boolean).join(" ");
}

/** Numbered where several would have the same key. */
export function withKeys(items: readonly Foreign[]): UnmanagedItem[] {
    const seen = new Map<string, number>();
    return items.map(({ subject, ...item }) => {
        const count = (seen.get(subject) ?? 0) + 1;
        seen.set(subject, count);
        return { key: `(unmanaged) ${subject}${count > 1 ? ` (${count})` : ""}`, ...item };
    });
}
