import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStack } from "../../engine/stack";
import { previewProgram } from "../../engine/testing";
import { openWorkspace } from "./support/workspace";
import type { Workspace } from "./support/workspace";

// What the engine leaves out it names. All in one program would stop at the first, so every case has its own.

const rule = `new fixture.Rule("r", "accept any", OPTIONS)`;
const ruleset = `new fixture.Ruleset("s", { host: "/nowhere", templates: {} }, OPTIONS)`;
const withOptions = (text: string, options: string): string => text.replace("OPTIONS", options);

const cases: readonly (readonly [string, string, string])[] = [
    ["aliases", withOptions(rule, `{ aliases: [{ name: "old" }] }`), "aliases (fixture:index:Rule r)"],
    ["import", withOptions(ruleset, `{ import: "id-1" }`), "import ("],
    ["retainOnDelete", withOptions(ruleset, `{ retainOnDelete: true }`), "retainOnDelete ("],
    ["transforms", withOptions(rule, `{ transforms: [() => undefined] }`), "does not support transforms"],
    ["hooks", withOptions(rule, `{ hooks: { beforeCreate: [() => {}] } }`), "does not support resource hooks"],
    [
        "a provider of another package",
        `new pulumi.CustomResource("aws:s3:Bucket", "b", {})`,
        "resources of type aws:s3:Bucket",
    ],
    ["an explicit provider", `new pulumi.ProviderResource("aws", "p", {})`, "resources of type pulumi:providers:aws"],
    ["get", `new pulumi.CustomResource("aws:s3:Bucket", "b", {}, { id: "i" })`, "reading aws:s3:Bucket by id"],
    ["functions", `pulumi.runtime.invoke("aws:index:getRegion", {})`, "the function aws:index:getRegion"],
    ["remote components", `new pulumi.ComponentResource("x:index:Y", "y", {}, {}, true)`, "remote components"],
    ["archives", `new fixture.Rule("r", new pulumi.asset.FileArchive("."), {})`, "archives"],
    [
        "the rest of @pulumi/command",
        `new pulumi.CustomResource("command:remote:CopyToRemote", "c", {})`,
        "command:remote:CopyToRemote",
    ],
    ["a duplicate name", `${withOptions(rule, "{}")}; ${withOptions(rule, "{}")}`, "Duplicate resource URN"],
    ["a program that throws", `throw new pulumi.RunError("this program is wrong")`, "this program is wrong"],
];

describe("refused by name", () => {
    let workspace: Workspace;
    beforeAll(() => (workspace = openWorkspace()));
    afterAll(() => workspace.remove());

    test.each(cases)("%s", async (_name, program, message) => {
        const source = `const pulumi = require("@pulumi/pulumi"); const fixture = require("engine-fixture");\n${program};\n`;
        writeFileSync(join(workspace.directory, "index.js"), source);
        const { ok, errors } = await previewProgram({ projectDir: workspace.directory });
        expect(errors.join("\n")).toContain(message);
        expect(ok).toBe(false);
    });

    test("a folder without a project, and one without the SDK", () => {
        const open = (projectDir: string): unknown =>
            openStack({ projectDir, stack: "dev", stateDir: workspace.directory, passphrase: "" });
        expect(() => open("/nonexistent")).toThrow("no Pulumi.yaml in /nonexistent");
    });
});
