import { z } from "zod";
import * as answers from "../../../targets/netcup/answers";
import type { NetcupFirewallSave, NetcupPolicySave, FirewallRule } from "../../../targets/netcup";
import { apiDocument, type JsonSchema } from "../../simulators/netcup";

const schemas = apiDocument.components.schemas;
const resolve = (schema: JsonSchema): JsonSchema => {
    const inner = schema.$ref ?? schema.allOf?.[0]?.$ref;
    return inner ? schemas[inner.split("/").at(-1)!]! : schema;
};

/** What we read that the document does not have, by its path. */
function differences(ours: JsonSchema & { anyOf?: JsonSchema[] }, published: JsonSchema, path: string): string[] {
    const theirs = resolve(published);
    const own = ours.anyOf?.find(({ type }) => type !== "null") ?? ours;
    const type = [own.type].flat().find((each) => each !== "null");
    if (type !== theirs.type && !(type === "number" && theirs.type === "integer"))
        return [`${path}: ${type} and ${theirs.type}`];
    if (own.enum && [...own.enum].sort().join() !== [...(theirs.enum ?? [])].sort().join()) return [`${path}: values`];
    if (own.items) return differences(own.items, theirs.items!, `${path}[]`);
    return Object.entries(own.properties ?? {}).flatMap(([name, schema]) => {
        const other = theirs.properties?.[name];
        return other ? differences(schema, other, `${path}.${name}`) : [`${path}.${name} is not published`];
    });
}

describe("what is read of the panel's answers is in its document", () => {
    const pairs: readonly (readonly [string, z.ZodType])[] = [
        ["FirewallRule", answers.rule],
        ["FirewallPolicy", answers.policySummary],
        ["FirewallPolicy", answers.policy],
        ["ServerFirewall", answers.firewall],
        ["ServerListMinimal", answers.server],
        ["Server", answers.serverDetails],
        ["Interface", answers.networkInterface],
        ["TaskInfo", answers.task],
        ["FirewallPolicyUpdateResult", answers.policyUpdate],
        ["ResponseError", answers.problem.pick({ code: true, message: true })],
        ["ValidationError", answers.problem.pick({ code: true, message: true, errors: true })],
    ];
    test.each(pairs)("%s", (name, schema) => {
        const ours = z.toJSONSchema(schema, { io: "input" }) as unknown as JsonSchema;
        expect(Object.keys(ours.properties ?? {})).not.toEqual([]);
        expect(differences(ours, schemas[name]!, name)).toEqual([]);
    });

    test("a field that is not published is found", () => {
        const ours = z.toJSONSchema(z.object({ id: z.string(), color: z.string() })) as unknown as JsonSchema;
        expect(differences(ours, schemas["FirewallPolicy"]!, "P")).toEqual([
            "P.id: string and integer",
            "P.color is not published",
        ]);
    });
});

describe("what is sent has the fields of the document", () => {
    // The compiler holds these to the types, the test to the document.
    const rule: Required<{ [K in Exclude<keyof FirewallRule, "numberOfEffectiveRules">]: true }> = {
        direction: true,
        protocol: true,
        action: true,
        description: true,
        sources: true,
        sourcePorts: true,
        destinations: true,
        destinationPorts: true,
    };
    const policy: Required<{ [K in keyof NetcupPolicySave]: true }> = { name: true, description: true, rules: true };
    const firewall: Required<{ [K in keyof NetcupFirewallSave]: true }> = {
        copiedPolicies: true,
        userPolicies: true,
        active: true,
    };
    test.each([
        ["FirewallRule", rule, ["numberOfEffectiveRules"]],
        ["FirewallPolicySave", policy, []],
        ["ServerFirewallSave", firewall, []],
    ])("%s", (name, fields, notSent) => {
        const published = Object.keys(schemas[name]!.properties ?? {});
        expect([...Object.keys(fields), ...notSent].sort()).toEqual(published.sort());
    });
});
