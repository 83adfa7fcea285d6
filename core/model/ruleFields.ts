import { z } from "zod";
import type { Diagnostic } from "./diagnostics";
import { NOT_KNOWN_YET } from "./formatRule";
import { emptyFields, shapeProblem, type ShapeWords } from "./inputShape";

const oneOrMore = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item)]);
const textOrNumber = z.union([z.string(), z.number()]);

/** The fields of a rule object. A value that is not known yet reads `(not known yet)`. */
export const ruleFields = z.strictObject({
    direction: z.string().optional(),
    action: z.string().optional(),
    protocol: oneOrMore(textOrNumber).optional(),
    // A service of the user travels whole and is not expanded by the component: names beside it may come later, mistakes
    // (VF015) are told by name, and one from a data file is checked as defineService does.
    service: oneOrMore(z.union([z.string(), z.record(z.string(), z.unknown())])).optional(),
    from: oneOrMore(z.string()).optional(),
    to: oneOrMore(z.string()).optional(),
    ports: oneOrMore(textOrNumber).optional(),
    sourcePorts: oneOrMore(textOrNumber).optional(),
    icmpTypes: oneOrMore(textOrNumber).optional(),
    fromExcept: oneOrMore(z.string()).optional(),
    toExcept: oneOrMore(z.string()).optional(),
    interface: oneOrMore(z.string()).optional(),
    state: oneOrMore(z.string()).optional(),
    tcpFlags: oneOrMore(z.string()).optional(),
    limit: z.string().optional(),
    log: z.union([z.boolean(), z.literal(NOT_KNOWN_YET), z.strictObject({ prefix: z.string() })]).optional(),
    rejectWith: z.string().optional(),
    expires: z.string().optional(),
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
    fromExcept: "no exception",
    toExcept: "no exception",
    interface: "every interface",
    state: "every state",
    tcpFlags: "any flags",
    limit: "no limit",
    log: "no log",
    rejectWith: "port-unreachable",
    expires: "no end",
} as const;

/** The types of the fields, for messages. */
const EXPECTED: Readonly<Record<keyof RuleFields, string>> = {
    direction: "text",
    action: "text",
    protocol: "text, a number or a list of these",
    service: "a name, a value of defineService or a list of these",
    from: "text or a list of texts",
    to: "text or a list of texts",
    ports: "a number, text or a list of these",
    sourcePorts: "a number, text or a list of these",
    icmpTypes: "text, a number or a list of these",
    fromExcept: "text or a list of texts",
    toExcept: "text or a list of texts",
    interface: "text or a list of texts",
    state: "text or a list of texts",
    tcpFlags: "text or a list of texts",
    limit: "text",
    log: "true, false or { prefix }",
    rejectWith: "text",
    expires: "text",
    priority: "a number",
    description: "text",
    enabled: "true or false",
};

const WORDS: ShapeWords = {
    whole: "a rule",
    wholeExpected: "an object or a canonical line",
    fields: EXPECTED,
    fix: "The fields of a rule are in docs/rules.md.",
};

/**
 * Checks which fields a rule object has and of which types; what they say is not looked at.
 *
 * Errors: VF009 (unknown field), VF010 (given but empty), VF024 (another type).
 *
 * @param path where the rule stands in the inputs: `templates[0].rules.ssh`.
 */
export function readRuleFields(said: unknown, path: string): { fields: RuleFields } | { problems: Diagnostic[] } {
    const input = withFlatLists(said);
    const problems = emptyFields(input, path, ABSENT_MEANS);
    if (problems.length) return { problems };
    const shape = ruleFields.safeParse(input);
    if (shape.success) return { fields: shape.data };
    return { problems: shape.error.issues.flatMap((issue) => shapeProblem(issue, input, path, WORDS)) };
}

/** An item of a list may be a list that came later. */
function withFlatLists(input: unknown): unknown {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
    const flat = (value: unknown): unknown => (Array.isArray(value) ? value.flat() : value);
    return Object.fromEntries(Object.entries(input).map(([field, value]) => [field, flat(value)]));
}
