import type { Exposure } from "../core/analysis/exposure";
import type { NamedTemplate, RawPolicy } from "../core/model/checkPolicy";
import { type Diagnostic, diagnostic, printable, quote } from "../core/model/diagnostics";
import { NOT_KNOWN_YET } from "../core/model/formatRule";
import { inputPath } from "../core/model/names";
import { propose } from "../core/model/nearest";
import type { StoredPolicy } from "../core/model/storedPolicy";
import { isUnknown } from "./unknowns";

// What users say of the rules of any target, as the engine hands it over: unchecked, with unknown values in it.

export type Raw = Readonly<Record<string, unknown>>;

/** A problem as the engine reports it: the input it blames and the whole message. */
export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

export function policyFrom({ templates, sets, defaults }: Raw): RawPolicy {
    return {
        templates: Array.isArray(templates) ? templates.map(templateFrom) : [],
        sets: isRecord(sets) ? sets : {},
        defaults: isRecord(defaults) ? defaults : {},
    };
}

function templateFrom(template: unknown): NamedTemplate & Required<Pick<NamedTemplate, "rules">> {
    const { name, rules, requires, findings } = isRecord(template) ? template : {};
    const named = {
        name: wordOf(name),
        ...(requires !== undefined && { requires: requires as NonNullable<NamedTemplate["requires"]> }),
        ...(findings !== undefined && { findings }),
    };
    // Rules that are not known at all, not even by name: a single one of which nothing is known.
    if (rules === NOT_KNOWN_YET) return { ...named, rules: { "not-known-yet": NOT_KNOWN_YET } };
    return { ...named, rules: isRecord(rules) ? rules : {} };
}

/** Anything as text; an object has no say in it, so that its own `toString` is never called. */
export function wordOf(value: unknown): string {
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A default that is not known yet stays so, and nothing is said of the traffic that it decides. */
export function withUnknownDefaults<Inputs extends StoredPolicy & { readonly exposure: Exposure }>(
    inputs: Inputs,
    raw: unknown,
): Inputs {
    const unknown = Object.entries(isRecord(raw) ? raw : {}).filter(([, value]) => isUnknown(value));
    if (unknown.length === 0) return inputs;
    const known = Object.entries(inputs.exposure).filter(([what]) => !unknown.some(([d]) => what.startsWith(`${d} `)));
    return {
        ...inputs,
        defaults: { ...inputs.defaults, ...Object.fromEntries(unknown) },
        exposure: Object.fromEntries([...known, ...unknown.map(([d]) => [`${d} any`, NOT_KNOWN_YET])]) as Exposure,
    };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The engine keeps no order of keys, and neither may a digest. */
export function sortedKeys(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sortedKeys);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, sortedKeys(item)]));
}

/** Where in the inputs each template and rule stands -> what a reader of the program calls it: `web`, `web/ssh`. */
export function placesOf(templates: unknown): ReadonlyMap<string, string> {
    const all = Array.isArray(templates) ? templates.map(templateFrom) : [];
    return new Map(
        all.flatMap(({ name, rules }, index) => [
            [`templates[${index}]`, name] as const,
            ...Object.keys(rules).map(
                (rule) => [inputPath(`templates[${index}].rules`, rule), `${name}/${rule}`] as const,
            ),
        ]),
    );
}

/** Names the rule and the field in front of the text: `VF003 web/ssh ports: ...`. */
export function failureOf(
    { message, code, property = "" }: Diagnostic,
    places: ReadonlyMap<string, string>,
): CheckFailure {
    const field = /\.([a-zA-Z]+)$/.exec(property)?.[1] ?? "";
    const whole = places.get(property);
    const place = whole ?? places.get(property.slice(0, -field.length - 1));
    const where = printable(place === undefined ? property : whole === undefined ? `${place} ${field}` : place, 100);
    return { property: printable(property) || "templates", reason: `${code} ${where}:${message.slice(code.length)}` };
}

/** VF009 for each field that nobody knows, with the nearest that there is. */
export function unknownFields(raw: Raw, known: readonly string[]): Diagnostic[] {
    return Object.keys(raw)
        .filter((key) => !known.includes(key) && !key.startsWith("__"))
        .map((key) =>
            diagnostic(
                "VF009",
                { value: quote(key), proposal: propose(key, known, `Fields are ${known.join(", ")}.`) },
                key,
            ),
        );
}
