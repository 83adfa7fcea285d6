import { type Diagnostic, diagnostic, quote } from "./diagnostics";

export const NAME = /^[a-z0-9][a-z0-9._-]*$/;
export const LONGEST_NAME = 48;

/** Is it an allowed name of a template, rule or address set? */
export function isName(name: string): boolean {
    return NAME.test(name) && name.length <= LONGEST_NAME;
}

/** The path of an input below `parent`: `sets.office`; a name of another form is quoted: `sets["My Office"]`. */
export function inputPath(parent: string, name: string): string {
    return isName(name) ? `${parent}.${name}` : `${parent}[${quote(name)}]`;
}

/** VF012 with a proposal, or nothing. */
export function checkName(
    kind: "template" | "rule" | "address set" | "service",
    name: string,
    property?: string,
): Diagnostic[] {
    if (isName(name)) return [];
    return [diagnostic("VF012", { kind, value: quote(name), proposal: quote(nameFrom(name)) }, property)];
}

/** The allowed name nearest to any text: `Web Server (DE)` becomes `web-server-de`. */
export function nameFrom(text: string): string {
    const plain = text
        .normalize("NFKD")
        .replace(/\p{M}/gu, "")
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, "-")
        .replace(/^[._-]+/, "")
        .slice(0, LONGEST_NAME)
        .replace(/[._-]+$/, "");
    return plain || "name-1";
}

export const DESCRIPTION = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/;
export const LONGEST_DESCRIPTION = 200;

/** Is it a description: one line of plain text, at most 200 characters? */
export function isDescription(text: string): boolean {
    return text.length <= LONGEST_DESCRIPTION && DESCRIPTION.test(text);
}
