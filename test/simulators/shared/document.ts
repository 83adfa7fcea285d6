import Ajv, { type ValidateFunction } from "ajv";

/** The excerpt of a published document, as far as it is looked at here. */
export interface ApiDocument {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface JsonSchema {
    readonly $ref?: string;
    readonly type?: string;
    readonly enum?: readonly string[];
    readonly required?: readonly string[];
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly items?: JsonSchema;
    readonly allOf?: readonly JsonSchema[];
}

interface Operation {
    readonly parameters?: readonly Parameter[];
    readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: JsonSchema } } };
    readonly responses?: Readonly<
        Record<string, { readonly content?: { readonly "application/json": { readonly schema: JsonSchema } } }>
    >;
}

interface Parameter {
    readonly name: string;
    readonly in: "path" | "query";
    readonly schema: JsonSchema;
}

export interface Route {
    /** `PUT /api/v1/users/{userId}/firewall-policies/{id}` */
    readonly name: string;
    readonly parameters: Readonly<Record<string, string>>;
    /** What does not fit the document: field and problem. */
    readonly problems: (query: URLSearchParams, body: unknown) => readonly FieldProblem[];
    /** What of an answer does not fit the document. */
    readonly answerProblems: (status: number, body: unknown) => readonly FieldProblem[];
}

export interface FieldProblem {
    readonly field: string;
    readonly message: string;
}

interface Compiled {
    readonly name: string;
    readonly method: string;
    readonly pattern: RegExp;
    readonly parameters: readonly { readonly place: Parameter; readonly validate: ValidateFunction }[];
    readonly body: ValidateFunction | undefined;
    readonly answers: ReadonlyMap<number, ValidateFunction>;
}

/** The operations of a document: `find` gives the one that a request is for, by its path without the base. */
export function openDocument(document: ApiDocument): {
    readonly find: (method: string, path: string) => Route | undefined;
} {
    const compiled = compile(document);
    return { find: (method, path) => findRoute(compiled, method, path) };
}

const DOCUMENT = "document";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function compile(document: ApiDocument): readonly Compiled[] {
    // Of the other formats nothing is looked at.
    const options = { strict: false, formats: { uuid: UUID }, logger: false } as const;
    const ajv = new Ajv({ ...options, coerceTypes: false });
    const coercing = new Ajv({ ...options, coerceTypes: true });
    for (const each of [ajv, coercing]) each.addSchema(document, DOCUMENT);
    /** The schema with its references led into the document. */
    const within = (schema: JsonSchema): object => (schema.$ref ? { $ref: `${DOCUMENT}${schema.$ref}` } : schema);

    return Object.entries(document.paths).flatMap(([path, operations]) => {
        const shared = (operations["parameters"] ?? []) as unknown as readonly Parameter[];
        return Object.entries(operations)
            .filter(([method]) => method !== "parameters")
            .map(([method, operation]) => ({
                name: `${method.toUpperCase()} ${path}`,
                method: method.toUpperCase(),
                pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+?)")}$`),
                parameters: [...shared, ...(operation.parameters ?? [])].map((place) => ({
                    place,
                    validate: coercing.compile({ type: "object", properties: { value: within(place.schema) } }),
                })),
                body:
                    operation.requestBody &&
                    ajv.compile(within(operation.requestBody.content["application/json"].schema)),
                answers: new Map(
                    Object.entries(operation.responses ?? {}).flatMap(([status, { content }]) => {
                        const schema = content?.["application/json"].schema;
                        if (!schema) return [];
                        const list = schema.items?.$ref ? { ...schema, items: within(schema.items) } : within(schema);
                        return [[Number(status), ajv.compile(list)] as const];
                    }),
                ),
            }));
    });
}

function findRoute(compiled: readonly Compiled[], method: string, path: string): Route | undefined {
    for (const { name, method: own, pattern, parameters, body, answers } of compiled) {
        const match = own === method ? pattern.exec(path) : null;
        if (!match) continue;
        const found = { ...match.groups };
        return {
            name,
            parameters: found,
            problems: (query, sent) => [
                ...parameters.flatMap(({ place, validate }) => {
                    const value = place.in === "path" ? found[place.name] : query.get(place.name);
                    if (value == null || validate({ value })) return [];
                    return problemsOf(validate, place.name);
                }),
                ...(body === undefined || body(sent) ? [] : problemsOf(body, "")),
            ],
            answerProblems: (status, sent) => {
                const validate = answers.get(status);
                return validate === undefined || validate(sent) ? [] : problemsOf(validate, "");
            },
        };
    }
    return undefined;
}

function problemsOf({ errors }: ValidateFunction, name: string): FieldProblem[] {
    return (errors ?? []).map(({ instancePath, message, params }) => ({
        field:
            name || [instancePath.slice(1).replaceAll("/", "."), params["missingProperty"]].filter(Boolean).join("."),
        message: message ?? "is not valid",
    }));
}
