import type { Finding } from "../core/analysis/findings/findings";

/** More of one kind are counted. */
const MOST_TOLD = 10;

/**
 * The messages of findings that were not told before, errors aside: these stop the check. 100 targets with one template
 * are told of once.
 */
export function findingMessages(
    findings: readonly Finding[],
    told: Set<string>,
): { readonly severity: "warning" | "info"; readonly text: string }[] {
    const fresh = findings.filter(({ message, severity }) => severity !== "error" && !told.has(message));
    const counts = new Map<string, number>();
    const messages = fresh.flatMap(({ code, severity, message }) => {
        told.add(message);
        const count = (counts.get(code) ?? 0) + 1;
        counts.set(code, count);
        return count > MOST_TOLD
            ? []
            : [{ severity: severity === "warning" ? "warning" : "info", text: message } as const];
    });
    const more = [...counts].flatMap(([code, count]) =>
        count > MOST_TOLD
            ? [{ severity: "info", text: `${code} is found ${count - MOST_TOLD} more times` } as const]
            : [],
    );
    return [...messages, ...more];
}
