import { z } from "zod";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { emptyFields, inside, shapeProblem, type ShapeWords } from "./inputShape";
import { isDescription, isName } from "./names";
import { propose } from "./nearest";
import type { Defaults } from "./policy";
import { presets } from "./presets";
import { type FlatTemplate, presetNames } from "./templateData";

const parent = z.union([z.string(), z.record(z.string(), z.unknown())]);

/** The fields of a template. What a rule says is checkRule's. */
export const templateFields = z.strictObject({
    description: z.string().optional(),
    extends: z.union([parent, z.array(parent)]).optional(),
    rules: z.record(z.string(), z.unknown()).optional(),
    remove: z.array(z.string()).optional(),
    requires: z.record(z.string(), z.unknown()).optional(),
    // What a setting says is checkFindingSettings's.
    findings: z.unknown().optional(),
});
type TemplateFields = z.infer<typeof templateFields>;

/** What leaving a field out means, for those where an empty value is a mistake. */
const ABSENT_MEANS = {
    extends: "that it inherits nothing",
    rules: "that it has no rules of its own",
    remove: "that it keeps all it inherits",
    requires: "that every default action will do",
} as const;

const WORDS: ShapeWords = {
    whole: "a template",
    wholeExpected: "an object",
    fields: {
        description: "text",
        extends: "the name of a preset, a template or a list of these",
        rules: "an object of rules by name",
        remove: "a list of names",
        requires: "an object of default actions",
        findings: "an object of severities by code",
    },
    fix: "The fields of a template are in docs/templates.md.",
} satisfies ShapeWords & { fields: Record<keyof TemplateFields, string> };

/** Templates are values and can't inherit from themselves, but a value of JavaScript can be made to hold itself. */
const DEEPEST = 16;

const MOST_LISTED = 8;

export type ReadTemplate<Rule = unknown> =
    { readonly template: FlatTemplate<Rule> } | { readonly problems: readonly Diagnostic[] };

/**
 * Checks a template as data, save its rules, and puts everything into it that it inherits.
 *
 * Errors: VF009 (unknown field), VF010 (given but empty), VF014, VF024 (another type), VF028 (description), VF055 and VF059
 * (`remove`), VF057 and VF058 (`extends`).
 *
 * @param path where the template stands in the inputs, for messages.
 */
export function readTemplate(input: unknown, path = ""): ReadTemplate {
    return read(input, path, 0);
}

function read(input: unknown, path: string, depth: number): ReadTemplate {
    if (depth > DEEPEST) return { problems: [diagnostic("VF058", { most: DEEPEST }, path)] };
    const empty = emptyFields(input, path, ABSENT_MEANS);
    if (empty.length) return { problems: empty };
    const shape = templateFields.safeParse(input);
    if (!shape.success)
        return { problems: shape.error.issues.flatMap((issue) => shapeProblem(issue, input, path, WORDS)) };
    // The input itself: zod leaves out a rule with the name __proto__, of which checkPolicy has to complain.
    const fields = input as TemplateFields;
    const { description } = fields;
    const parents = list(fields.extends).map((one, index) =>
        readParent(one, `${inside(path, "extends")}[${index}]`, depth),
    );
    const flat = parents.flatMap((one) => ("template" in one ? [one.template] : []));
    const inherited = new Map(flat.flatMap(({ rules }) => Object.entries(rules)));
    const own = Object.entries(fields.rules ?? {});
    const required = readRequires(fields.requires ?? {}, inside(path, "requires"));
    const problems = [
        ...parents.flatMap((one) => ("problems" in one ? one.problems : [])),
        // What is inherited is not known where something is wrong with a parent.
        ...(flat.length === parents.length ? checkRemoved(fields, inherited, inside(path, "remove")) : []),
        ...required.problems,
        ...(isDescription(description ?? "") ? [] : [diagnostic("VF028", {}, inside(path, "description"))]),
    ];
    if (problems.length) return { problems };
    for (const name of fields.remove ?? []) inherited.delete(name);
    return {
        template: {
            ...(description !== undefined && { description }),
            rules: Object.fromEntries([...inherited, ...own]),
            requires: Object.assign(
                {},
                ...flat.map(({ requires }) => requires),
                required.requires,
            ) as FlatTemplate["requires"],
            ...findingsOf(flat, fields.findings),
        },
    };
}

/** Settings are inherited code by code. What is no object is passed on, for its own check to refuse it. */
function findingsOf(parents: readonly FlatTemplate[], own: unknown): Pick<FlatTemplate, "findings"> {
    const all = [...parents.map(({ findings }) => findings), own].filter((findings) => findings !== undefined);
    if (all.length === 0) return {};
    const odd = all.find((findings) => typeof findings !== "object" || findings === null || Array.isArray(findings));
    return { findings: odd ?? (Object.assign({}, ...all) as object) };
}

const list = <Item>(value: Item | Item[] | undefined): Item[] =>
    value === undefined ? [] : Array.isArray(value) ? value : [value];

function readParent(input: string | object, path: string, depth: number): ReadTemplate {
    if (typeof input !== "string") return read(input, path, depth + 1);
    const preset = presetNames.find((name) => name === input);
    if (preset) return read(presets[preset], path, depth + 1);
    const proposal = propose(input, presetNames, `Presets are ${presetNames.join(", ")}.`);
    return { problems: [diagnostic("VF057", { value: quote(input), proposal }, path)] };
}

function checkRemoved(
    { rules = {}, remove = [] }: TemplateFields,
    inherited: ReadonlyMap<string, unknown>,
    path: string,
): Diagnostic[] {
    return remove.flatMap((name) => {
        if (Object.hasOwn(rules, name)) return [diagnostic("VF059", { value: quote(name) }, path)];
        if (inherited.has(name)) return [];
        const names = [...inherited.keys()].filter(isName);
        const otherwise = names.length ? `It inherits ${shortList(names)}.` : "It inherits nothing: say extends.";
        return [diagnostic("VF055", { value: quote(name), proposal: propose(name, names, otherwise) }, path)];
    });
}

function shortList(names: readonly string[]): string {
    const more = names.length - MOST_LISTED;
    return [...names.slice(0, MOST_LISTED), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

const DIRECTIONS = ["ingress", "egress"] as const;

function readRequires(
    raw: Readonly<Record<string, unknown>>,
    path: string,
): { requires: Partial<Defaults>; problems: Diagnostic[] } {
    const unknown = Object.keys(raw).filter((key) => key !== "ingress" && key !== "egress");
    const problems = unknown.map((key) => {
        const proposal = propose(key, DIRECTIONS, "Fields are ingress, egress.");
        return diagnostic("VF009", { value: quote(key), proposal }, path);
    });
    const requires = DIRECTIONS.filter((direction) => Object.hasOwn(raw, direction)).flatMap((direction) => {
        const value = raw[direction];
        if (value === "accept" || value === "drop") return [[direction, value] as const];
        const problem = { field: `requires.${direction}`, value: quote(value), proposal: "It is accept or drop." };
        problems.push(diagnostic("VF014", problem, path));
        return [];
    });
    return { requires: Object.fromEntries(requires), problems };
}
