import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStack } from "../../engine/stack";
import type { Stack } from "../../engine/stack";
import { openWorkspace } from "./support/workspace";
import type { Workspace } from "./support/workspace";

// The options of a registration that the engine does implement, each by what it changes.

describe("options", () => {
    let workspace: Workspace;
    let stack: Stack;
    beforeEach(() => {
        workspace = openWorkspace();
        const { directory } = workspace;
        stack = openStack({
            projectDir: directory,
            stack: "dev",
            stateDir: join(directory, ".state"),
            passphrase: "p",
        });
    });
    afterEach(() => workspace.remove());

    const program = (text: string): void =>
        writeFileSync(
            join(workspace.directory, "index.js"),
            `const pulumi = require("@pulumi/pulumi"); const { Ruleset, Rule } = require("engine-fixture");
             const host = (name) => require("node:path").join(__dirname, name + ".json");
             const set = (name, rule, more, options) =>
                 new Ruleset(name, { host: host(name), templates: { web: { r: rule } }, ...more }, options);\n${text};\n`,
        );
    const rulesOf = (name: string): unknown =>
        (JSON.parse(readFileSync(join(workspace.directory, `${name}.json`), "utf8")) as { rules?: unknown }).rules;

    test("ignoreChanges keeps the old value, hideDiffs keeps quiet", async () => {
        program(
            `set("a", "accept tcp from anywhere to port 22", { note: "one", long: "x" }, { ignoreChanges: ["note"], hideDiffs: ["long"] })`,
        );
        await stack.up();
        program(
            `set("a", "accept tcp from anywhere to port 22", { note: "two", long: "y" }, { ignoreChanges: ["note"], hideDiffs: ["long"] })`,
        );
        const { steps, text } = await stack.preview({ diff: true });
        expect(steps.find(({ op }) => op === "update")?.detailedDiff).toEqual({
            long: { kind: "update", inputDiff: true },
        });
        expect(text).toContain("~ long (hidden)");
        expect(text).not.toContain('"y"');
    });

    test("replaceOnChanges makes a new one first and deletes the old one last", async () => {
        program(`set("a", "accept tcp from anywhere to port 22", { version: 1 }, { replaceOnChanges: ["version"] })`);
        await stack.up();
        program(`set("a", "accept tcp from anywhere to port 22", { version: 2 }, { replaceOnChanges: ["version"] })`);
        const preview = await stack.preview();
        expect(preview.json.changeSummary).toEqual({ same: 1, replace: 1 });
        expect(preview.steps.find(({ op }) => op === "replace")?.replaceReasons).toEqual(["version"]);
        const up = await stack.up();
        expect(up.ok).toBe(true);
        expect(up.steps.map(({ op }) => op)).toEqual(["create-replacement", "replace", "delete-replaced"]);
        expect(up.state.resources.filter(({ custom }) => custom)).toHaveLength(1);
        // The fixture's delete is not careful, as the real provider is: the order is what shows here.
        expect(rulesOf("a")).toBeUndefined();
    });

    test("deleteBeforeReplace deletes the old one first", async () => {
        const options = `{ replaceOnChanges: ["version"], deleteBeforeReplace: true }`;
        program(`set("a", "accept tcp from anywhere to port 22", { version: 1 }, ${options})`);
        await stack.up();
        program(`set("a", "accept tcp from anywhere to port 22", { version: 2 }, ${options})`);
        const up = await stack.up();
        expect(up.steps.map(({ op }) => op)).toEqual(["delete-replaced", "replace", "create-replacement"]);
        expect(rulesOf("a")).toEqual({ "web/r": "accept tcp from anywhere to port 22" });
        const { state } = await stack.up();
        expect(
            state.resources.filter(({ custom }) => custom).map(({ pendingReplacement }) => pendingReplacement),
        ).toEqual([false]);
    });

    test("protect stops a delete, deletedWith skips it, additionalSecretOutputs hides a derived output", async () => {
        program(`const a = set("a", "drop any", {}, { additionalSecretOutputs: ["exposure"] }); set("b", "drop any", {}, { deletedWith: a, protect: false });
                 set("c", "drop any", {}, { protect: true })`);
        const up = await stack.up();
        expect(up.ok).toBe(true);
        expect(up.steps.find(({ urn }) => urn.endsWith("::a"))?.newState?.outputs?.["exposure"]).toBe("[secret]");
        const destroy = await stack.destroy();
        expect(destroy.ok).toBe(false);
        expect(destroy.diagnostics.map(({ message }) => message).join("\n")).toContain("it is protected");
        program(
            `const a = set("a", "drop any", {}); set("b", "drop any", {}, { deletedWith: a }); set("c", "drop any", {})`,
        );
        await stack.up();
        const again = await stack.destroy();
        expect(again.ok).toBe(true);
        expect(again.state.resources).toEqual([]);
        expect(rulesOf("a")).toBeUndefined();
        expect(rulesOf("b")).toEqual({ "web/r": "drop any" });
    });

    test("what a program says and what a provider says are messages", async () => {
        program(`console.log("from the program"); pulumi.log.warn("a warning"); set("a", "drop any", {})`);
        const heard: string[] = [];
        const { ok, diagnostics } = await stack.up({ onMessage: ({ message }) => heard.push(message) });
        expect(ok).toBe(true);
        expect(heard).toEqual(expect.arrayContaining(["from the program", "a warning", "a.json applying"]));
        expect(diagnostics.filter(({ severity }) => severity === "debug")).toEqual([]);
    });
});
