import { z } from "zod";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { NOT_KNOWN_YET } from "./formatRule";
import { propose } from "./nearest";

const oneOrMore = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item)]);
const textOrNumber = z.union([z.string(), z.number()]);

/** The fields of a rule object. A value that is not known yet reads `(not known yet)`. */
const ruleFields = z.strictObject({
    direction: z.string().optional(),
    action: z.string().optional(),
    protocol: oneOrMore(textOrNumber).optional(),
    service: oneOrMore(z.string()).optional(),
    from: oneOrMore(z.string()).optional(),
    to: oneOrMore(z.string()).optional(),
    ports: oneOrMore(textOrNumber).optional(),
    sourcePorts: oneOrMore(textOrNumber).optional(),
    icmpTypes: oneOrMore(textOrNumber).optional(),
    priority: textOrNumber.optional(),
    description: z.string().optional(),
    enabled: z.union([z.boolean(), z.literal(NOT_KNOWN_YET)]).optional(),
});
export type RuleFields = z.infer<typeof ruleFields>;

/** What leaving a field out means, for those where an empty value is a mistake. */
const ABSENT_MEANS = {
    from: "anywhere",
    to: "anywhere",
    ports: "every port",
    sourcePorts: "every port",
    protocol: "every protocol",
    service: "no service",
    icmpTypes: "every type",
} as const;

/** The types of the fields, for messages. */
const EXPECTED: Readonly<Record<keyof RuleFields, string>> = {
    direction: "text",
    action: "text",
    protocol: "text, a number or a list of these",
    service: "text or a list of texts",
    from: "text or a list of texts",
    to: "text or a list of texts",
    ports: "a number, text or a list of these",
    sourcePorts: "a number, text or a list of these",
    icmpTypes: "text, a number or a list of these",
    priority: "a number",
    description: "text",
    enabled: "true or false",
};

/**
 * Checks which fields a rule object has and of which types; what they say is not looked at.
 *
 * Errors: VF009 (unknown field), VF010 (given but empty), VF024 (another type).
 *
 * @param path where the rule stands in the inputs: `templates[0].rules.ssh`.
 */
export function readRuleFields(input: unknown, path: string): { fields: RuleFields } | { problems: Diagnostic[] } {
    const problems = emptyFields(input, path);
    if (problems.length) return { problems };
    const shape = ruleFields.safeParse(input);
    if (shape.success) return { fields: shape.data };
    return { problems: shape.error.issues.flatMap((issue) => shapeProblem(issue, input, path)) };
}

function emptyFields(input: unknown, path: string): Diagnostic[] {
    if (typeof input !== "object" || input === null) return [];
    const fields = input as Record<string, unknown>;
    return Object.entries(ABSENT_MEANS).flatMap(([field, meaning]) => {
        if (!Object.hasOwn(fields, field)) return [];
        const value = fields[field];
        const items: unknown[] = Array.isArray(value) ? value : [value];
        const empty = items.length === 0 || items.some(isEmpty);
        return empty ? [diagnostic("VF010", { field, meaning }, `${path}.${field}`)] : [];
    });
}

function isEmpty(item: unknown): boolean {
    return item === undefined || item === null || (typeof item === "string" && item.trim() === "");
}

function shapeProblem(issue: z.core.$ZodIssue, input: unknown, path: string): Diagnostic[] {
    if (issue.code === "unrecognized_keys") {
        const known = Object.keys(ruleFields.shape);
        return issue.keys.map((key) =>
            diagnostic(
                "VF009",
                { value: quote(key), proposal: propose(key, known, `Fields are ${known.join(", ")}.`) },
                path,
            ),
        );
    }
    const fix = "The fields of a rule are in docs/rules.md.";
    const field = issue.path[0] as keyof RuleFields | undefined;
    if (field === undefined) {
        const problem = { field: "a rule", expected: "an object or a canonical line", value: quote(input), fix };
        return [diagnostic("VF024", problem, path)];
    }
    const value = quote((input as RuleFields)[field]);
    return [diagnostic("VF024", { field, expected: EXPECTED[field], value, fix }, `${path}.${field}`)];
}
