import { z } from "zod";
import * as answers from "../../../targets/leaseweb/answers";
import { apiDocument } from "../../simulators/leaseweb";
import type { JsonSchema } from "../../simulators/shared/document";

const resolve = (schema: JsonSchema): JsonSchema =>
    schema.$ref ? apiDocument.components.schemas[schema.$ref.split("/").at(-1)!]! : schema;

/** What we read that the document does not have, by its path. */
function differences(ours: JsonSchema & { anyOf?: JsonSchema[] }, published: JsonSchema, path: string): string[] {
    const theirs = resolve(published);
    const own = ours.anyOf?.find(({ type }) => type !== "null") ?? ours;
    const type = [own.type].flat().find((each) => each !== "null");
    if (type !== theirs.type) return [`${path}: ${type} and ${theirs.type}`];
    if (own.enum && [...own.enum].sort().join() !== [...(theirs.enum ?? [])].sort().join()) return [`${path}: values`];
    if (own.items) return differences(own.items, theirs.items!, `${path}[]`);
    const missing = (own.required ?? []).filter((name) => theirs.required && !theirs.required.includes(name));
    return [
        ...missing.map((name) => `${path}.${name} is not required there`),
        ...Object.entries(own.properties ?? {}).flatMap(([name, schema]) => {
            const other = theirs.properties?.[name];
            return other ? differences(schema, other, `${path}.${name}`) : [`${path}.${name} is not published`];
        }),
    ];
}

test.each([
    ["securityGroup", answers.group],
    ["securityGroupList", answers.groups],
    ["instanceSecurityGroups", answers.groups],
    ["securityGroupFirewallRuleResponse", answers.rule],
    ["errorResult", answers.problem.omit({ userMessage: true, reference: true, errorDetails: true })],
] as const)("what is read of %s is in the published document", (name, schema) => {
    const ours = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
    expect(differences(ours, apiDocument.components.schemas[name]!, name)).toEqual([]);
});

test("the published rule has no id, which revoking asks for: one that is there all the same is found", () => {
    const published = {
        protocol: "TCP",
        source: "0.0.0.0/0",
        startPort: 80,
        endPort: 80,
        icmpCode: null,
        icmpType: null,
        state: "ACTIVE",
    };
    expect(apiDocument.components.schemas["securityGroupFirewallRuleResponse"]!.properties).not.toHaveProperty("id");
    expect(answers.ruleWithId.parse(published)).not.toHaveProperty("id");
    const id = "7e59b33d-05f3-4078-b251-c7831ae8fe14";
    for (const name of ["id", "ruleId", "firewallRuleId", "uuid"])
        expect(answers.ruleWithId.parse({ ...published, [name]: id, more: 1 })).toMatchObject({ id });
    // The composite text of a client on the web is no id.
    expect(answers.ruleWithId.parse({ ...published, id: "TCP-80-80-0.0.0.0/0" })).not.toHaveProperty("id");
});
