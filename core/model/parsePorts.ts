import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import type { PortRange } from "./ports";

const LAST_PORT = 65535;

/**
 * Reads one port or range of ports: `443`, `"443"`, `"8000-8100"`. No leading zeros: some readers take 022 for octal.
 *
 * Errors: VF003, VF004.
 */
export function parsePort(
    value: string | number,
    property?: string,
): { readonly range: PortRange } | { readonly problem: Diagnostic } {
    const match = /^\s*([1-9]\d{0,4})\s*(?:-\s*([1-9]\d{0,4})\s*)?$/.exec(String(value));
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!match || first > LAST_PORT || last > LAST_PORT)
        return { problem: diagnostic("VF003", { value: quote(value) }, property) };
    if (first > last)
        return { problem: diagnostic("VF004", { value: quote(value), proposal: quote(`${last}-${first}`) }, property) };
    return { range: { first, last } };
}
