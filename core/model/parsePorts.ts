import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import type { PortRange } from "./ports";

/** Reads one port or range of ports: `443`, `"443"`, `"8000-8100"`. Errors: VF003, VF004. */
export function parsePort(
    value: string | number,
    property?: string,
): { readonly range: PortRange } | { readonly problem: Diagnostic } {
    const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(String(value));
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!match || !isPort(first) || !isPort(last))
        return { problem: diagnostic("VF003", { value: quote(value) }, property) };
    if (first > last)
        return { problem: diagnostic("VF004", { value: quote(value), proposal: quote(`${last}-${first}`) }, property) };
    return { range: { first, last } };
}

function isPort(port: number): boolean {
    return port >= 1 && port <= 65535;
}
