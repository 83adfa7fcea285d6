import type { StepJson } from "../../../engine/json";
import type { ResourceJson } from "../../../engine/stateFormat";
import type { Properties } from "../../../engine/values";
import type { RecordedStep } from "../scenarios/scenario";

const signatureKey = "4dabf18193072939515e22adb298388d";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Takes out of a recording what differs between two runs of the same scenario: what the scenario names, and how a secret is kept. */
export interface Normaliser {
    readonly steps: (steps: readonly StepJson[]) => RecordedStep[];
    readonly state: (resources: readonly ResourceJson[]) => Partial<ResourceJson>[];
    readonly text: (text: string) => string;
}

export function normaliser(
    varying: Readonly<Record<string, string>>,
    varyingProperties: readonly string[] = [],
): Normaliser {
    const replacements = [[unknown, "<unknown>"], ...Object.entries(varying).map(([stand, text]) => [text, stand])];
    const text = (value: string): string =>
        replacements.reduce((result, [found = "", stand = ""]) => result.replaceAll(found, stand), value);
    const value = (input: unknown): unknown => {
        if (typeof input === "string") {
            return text(input);
        }
        if (Array.isArray(input)) {
            return input.map(value);
        }
        if (typeof input !== "object" || input === null) {
            return input;
        }
        const object = input as Record<string, unknown>;
        if (object[signatureKey] !== undefined && ("plaintext" in object || "value" in object)) {
            const content =
                "plaintext" in object ? (JSON.parse(String(object["plaintext"])) as unknown) : object["value"];
            return { "<secret>": value(content) };
        }
        // Keys come in any order over the wire; a recording has them sorted.
        return Object.fromEntries(
            Object.keys(object)
                .sort()
                .map((key) => [key, value(object[key])]),
        );
    };
    const properties = (of: Properties = {}): unknown =>
        value(
            Object.fromEntries(
                Object.entries(of).map(([key, it]) => [key, varyingProperties.includes(key) ? `<${key}>` : it]),
            ),
        );
    return {
        text,
        steps: (steps) =>
            sorted(
                steps
                    .filter(({ urn }) => !urn.includes("pulumi:providers:"))
                    .map((step) => ({
                        op: step.op,
                        urn: step.urn,
                        ...(step.oldState && { oldInputs: properties(step.oldState.inputs) }),
                        ...(step.newState && { newInputs: properties(step.newState.inputs) }),
                        ...(step.diffReasons && { diffReasons: [...step.diffReasons].sort() }),
                        ...(step.replaceReasons && { replaceReasons: [...step.replaceReasons].sort() }),
                        detailedDiff: value(step.detailedDiff),
                    })),
            ),
        state: (resources) =>
            sorted(resources.filter(({ type }) => !type.startsWith("pulumi:providers:"))).map((resource) => ({
                urn: resource.urn,
                type: resource.type,
                custom: resource.custom,
                inputs: properties(resource.inputs) as never,
                outputs: properties(resource.outputs) as never,
                ...(resource.parent && { parent: resource.parent }),
                ...(resource.id && { id: "<id>" }),
                ...(resource.initErrors && { initErrors: resource.initErrors.map(text) }),
                ...(resource.dependencies && { dependencies: [...resource.dependencies].sort() }),
                ...dependenciesByProperty(resource),
                ...(resource.delete && { delete: resource.delete }),
                ...(resource.additionalSecretOutputs && {
                    additionalSecretOutputs: resource.additionalSecretOutputs,
                }),
            })),
    };
}

// Properties that depend on nothing are only the names of the library's inputs.
function dependenciesByProperty(resource: ResourceJson): Pick<ResourceJson, "propertyDependencies"> {
    const some = Object.entries(resource.propertyDependencies ?? {})
        .filter(([, urns]) => urns.length > 0)
        .map(([key, urns]) => [key, [...urns].sort()] as const)
        .sort();
    return some.length === 0 ? {} : { propertyDependencies: Object.fromEntries(some) };
}

// Steps that do not depend on one another may come in any order.
function sorted<T extends { readonly urn: string }>(items: readonly T[]): T[] {
    return [...items].sort((a, b) => (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0));
}
