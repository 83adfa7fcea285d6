import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import fc from "fast-check";
import { z } from "zod";
import { checkPolicy } from "../../../core/model/checkPolicy";
import { presets } from "../../../core/model/presets";
import { ruleFields as ruleShape } from "../../../core/model/ruleFields";
import { checkRule } from "../../../core/model/ruleInput";
import { serviceNames } from "../../../core/model/services";
import type { TemplateData } from "../../../core/model/templateData";
import { ruleFields } from "../arbitraries";
import { template } from "../templateArbitrary";

const root = join(__dirname, "../../..");
const read = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8")) as Record<string, unknown>;

/** The file that the package has; docs.test.ts holds it to what the code makes. */
const schema = read("schema/template.schema.json");
const validate = new Ajv({ strict: true, allErrors: true }).compile(schema);

const sets = { office: { entries: ["198.51.100.0/24"] }, vpn: { entries: [] } };
const codes = (input: unknown) =>
    checkPolicy({ templates: [{ name: "web", ...(input as TemplateData) }], sets, defaults: { egress: "drop" } })
        .problems.map(({ code }) => code)
        .filter((code) => code !== "VF056");

const ssh = { service: "ssh" };
const withRule = (rule: unknown) => ({ rules: { rule } });

test("the package exports it", () => {
    const { exports, files } = read("package.json") as { exports: Record<string, unknown>; files: string[] };
    expect(exports["./template.schema.json"]).toBe("./schema/template.schema.json");
    expect(files).toContain("schema");
    expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
});

test("every field of a rule is in it with words for readers", () => {
    const { $defs } = schema as { $defs: Record<string, { properties: Record<string, { description?: string }> }> };
    const rule = $defs["rule"]!.properties;
    expect(Object.keys(rule)).toEqual(Object.keys(z.toJSONSchema(ruleShape).properties!));
    for (const fields of [rule, $defs["template"]!.properties, $defs["ownService"]!.properties])
        for (const [field, { description = "" }] of Object.entries(fields))
            expect(`${field}: ${description}`).toMatch(/^\w+: .{10,}\.$/);
});

test("what the checker accepts the schema accepts: rules", () => {
    fc.assert(
        fc.property(ruleFields, (fields) => {
            expect(checkRule(fields, "r").problems).toEqual([]);
            validate(withRule(fields));
            expect(validate.errors).toBeNull();
        }),
        { numRuns: 300 },
    );
});

test("what the checker accepts the schema accepts: templates", () => {
    fc.assert(
        fc.property(template, (input) => {
            // Only a program can tell that nothing is left of a template.
            const accepted = codes(input).length === 0;
            if (accepted) validate(input);
            expect(accepted ? validate.errors : null).toBeNull();
        }),
        { numRuns: 40 },
    );
});

test.each<[string, unknown]>([
    ["every preset", { extends: Object.values(presets) }],
    [
        "a rule for every service",
        { rules: Object.fromEntries(serviceNames().map((service, i) => [`r${i}`, { service }])) },
    ],
    [
        "a service of one's own",
        withRule({ service: ["ssh", { name: "panel", protocol: "tcp", ports: [9443, "9500-9600"] }] }),
    ],
    ["lines", { rules: { a: "accept tcp from anywhere to port 22", b: "egress drop any to anywhere IPv6" } }],
    [
        "everything that a template has",
        { description: "d", extends: ["minimum", { rules: { ssh } }], remove: ["http"], requires: { egress: "drop" } },
    ],
    ["any port", withRule({ protocol: ["tcp", 17], ports: "Any", sourcePorts: ["any"] })],
    ["lists in text", withRule({ protocol: "protocol 6", ports: "80, 443,8000 - 8100", priority: "900" })],
])("both accept %s", (_, input) => {
    expect(codes(input)).toEqual([]);
    validate(input);
    expect(validate.errors).toBeNull();
});

test.each<[string, unknown]>([
    ["nothing", {}],
    ["no rules", { rules: {} }],
    ["an unknown field of a template", { rules: { ssh }, rule: {} }],
    ["an unknown field of a rule", withRule({ ...ssh, form: "10.0.0.1" })],
    ["an empty rule", withRule({})],
    ["a rule that is null", withRule(null)],
    ["a name with capitals", { rules: { SSH: ssh } }],
    ["a name of 49 characters", { rules: { ["x".repeat(49)]: ssh } }],
    ["an unknown preset", { extends: "minimun" }],
    ["a forgotten parent", { extends: null, rules: { ssh } }],
    ["a parent with a mistake", { extends: [{ rules: { ssh: { service: "shs" } } }] }],
    ["remove as text", { extends: "minimum", remove: "ssh" }],
    ["an empty remove", { extends: "minimum", remove: [] }],
    ["a default that is none", { rules: { ssh }, requires: { egress: "reject" } }],
    ["an unknown service", withRule({ service: "htpps" })],
    ["a service and a port", withRule({ ...ssh, ports: 2222 })],
    ["ports without a protocol", withRule({ ports: 22 })],
    ["port 0", withRule({ protocol: "tcp", ports: 0 })],
    ["port 65536", withRule({ protocol: "tcp", ports: [22, 65536] })],
    ["a fraction of a port", withRule({ protocol: "tcp", ports: 22.5 })],
    ["a port with a leading zero", withRule({ protocol: "tcp", ports: "022" })],
    ["an empty list of ports", withRule({ protocol: "tcp", ports: [] })],
    ["a host name", withRule({ ...ssh, from: "office.example.net" })],
    ["an empty address", withRule({ ...ssh, from: "" })],
    ["a forgotten address", withRule({ ...ssh, from: null })],
    ["an action of another tool", withRule({ ...ssh, action: "allow" })],
    ["a direction of another tool", withRule({ ...ssh, direction: "in" })],
    ["a protocol by a name it has not", withRule({ protocol: "gre" })],
    ["protocol 256", withRule({ protocol: 256 })],
    ["types without a protocol", withRule({ icmpTypes: "echo-request" })],
    ["a negative priority", withRule({ ...ssh, priority: -1 })],
    ["a priority too high", withRule({ ...ssh, priority: 1_000_001 })],
    ["a description of two lines", withRule({ ...ssh, description: "a\nb" })],
    ["a long description", withRule({ ...ssh, description: "x".repeat(201) })],
    ["a word for enabled", withRule({ ...ssh, enabled: "yes" })],
    ["a line that begins with nothing known", withRule("allow tcp from anywhere to port 22")],
    ["a service of one's own without a protocol", withRule({ service: { name: "panel", ports: 1 } })],
])("both refuse %s", (_, input) => {
    expect(codes(input).length).toBeGreaterThan(0);
    expect(validate(input)).toBe(false);
});
