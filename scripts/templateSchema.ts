import { z } from "zod";
import { definitionShape } from "../core/model/defineService";
import { ruleFields } from "../core/model/ruleFields";
import { templateFields } from "../core/model/templateInput";
import {
    type FieldWords,
    type JsonSchema,
    ref,
    ruleWords,
    serviceWords,
    sharedSchemas,
    templateWords,
} from "./fieldWords";

/**
 * The JSON Schema of a template as data, for YAML and editors: the fields that the checker takes, with words for readers.
 * It accepts whatever the checker accepts; what only a program can tell stays the checker's.
 */
export function templateSchema(): JsonSchema {
    return {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: "Firewall template",
        description: "A template of pulumi-vps-firewall as data: rules by name, its own and those of what it extends.",
        ...ref("template"),
        // Only what is nested may be empty.
        type: "object",
        anyOf: [
            { required: ["extends"], properties: { extends: true } },
            { required: ["rules"], properties: { rules: { type: "object", minProperties: 1 } } },
        ],
        $defs: {
            template: objectSchema(templateFields, templateWords),
            rule: {
                title: "rule",
                description: "One rule: who may send what. Fields that are left out say anything.",
                ...objectSchema(ruleFields, ruleWords),
                minProperties: 1,
                dependentRequired: { ports: ["protocol"], icmpTypes: ["protocol"] },
                dependentSchemas: { service: { properties: { protocol: false, ports: false, icmpTypes: false } } },
            },
            ownService: objectSchema(definitionShape, serviceWords),
            ...sharedSchemas,
        },
    };
}

/** What zod makes of the shape, with the words for each field that has some. */
function objectSchema(shape: z.ZodObject, words: Readonly<Record<string, FieldWords | undefined>>): JsonSchema {
    const { $schema: _, properties = {}, ...rest } = z.toJSONSchema(shape);
    const described = Object.entries(properties).map(([field, generated]) => {
        const { holds = generated as JsonSchema, ...said } = words[field] ?? {};
        return [field, { ...said, ...holds }];
    });
    return { ...rest, properties: Object.fromEntries(described) };
}
