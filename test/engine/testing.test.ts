import { previewProgram } from "../../engine/testing";
import type { ProgramPreview } from "../../engine/testing";
import { openWorkspace } from "./support/workspace";

// The published entry, used as a user's own test would use it.

describe("previewProgram", () => {
    let preview: ProgramPreview;

    beforeAll(async () => {
        const workspace = openWorkspace();
        try {
            workspace.write({
                templates: { web: { ssh: "accept tcp from  anywhere to port 22" } },
                hosts: { a: { templates: ["web"], token: true }, b: { templates: ["web"], after: "a" } },
            });
            const secretConfig = { token: "s3cret-token" };
            preview = await previewProgram({ projectDir: workspace.directory, secretConfig });
        } finally {
            workspace.remove();
        }
    });

    test("finds a resource by type and name, and refuses to guess", () => {
        expect(preview.errors).toEqual([]);
        expect(preview.step("Rule", "web/ssh").newState?.inputs).toEqual({
            rule: "accept tcp from  anywhere to port 22",
        });
        expect(preview.step("pulumi-nodejs:dynamic/fixture:Ruleset", "a").newState?.inputs).toMatchObject({
            rules: { "web/ssh": "accept tcp from anywhere to port 22" },
        });
        expect(() => preview.step("Rule", "web/http")).toThrow(
            "0 resources are a Rule web/http; there are: pulumi:pulumi:Stack fixture-test",
        );
    });

    test("shows no secret, and what is not known yet as such", () => {
        expect(JSON.stringify(preview)).not.toContain("s3cret-token");
        expect(preview.step("pulumi-nodejs:dynamic/fixture:Ruleset", "a").newState?.inputs).toMatchObject({
            token: "[secret]",
            credentials: { user: "root", key: "[secret]" },
        });
        expect(preview.text).toMatch(/note +: \[unknown\]/);
    });
});
