import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Action, ProgramData, Scenario } from "./scenario";

// The stories on the fixture, whose hosts are files: no lab, no network, the whole engine.

const ssh = "accept tcp from anywhere to port 22";
const https = "accept tcp from anywhere to port 443";
const scanners = "drop any from 203.0.113.0/24";

const one = (rules: Readonly<Record<string, string>>): ProgramData => ({
    templates: { web: rules },
    hosts: { a: { templates: ["web"] } },
});

function change(host: string, edit: (state: Record<string, unknown>) => void): Action {
    return (directory) => {
        const file = join(directory, `${host}.json`);
        let state: Record<string, unknown> = {};
        try {
            state = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
        } catch {
            // The host does not exist yet.
        }
        edit(state);
        writeFileSync(file, JSON.stringify(state));
    };
}

const failing = (fail: Readonly<Record<string, string>>): Action => change("a", (state) => (state["fail"] = fail));
const addByHand = change("a", (state) => {
    state["rules"] = { ...(state["rules"] as object), "(unmanaged) tcp 3306": "accept tcp from anywhere to port 3306" };
});

export const fixtureScenarios: readonly Scenario[] = [
    {
        name: "rules",
        operations: [
            { name: "create", run: "up", program: one({ ssh, scanners }) },
            { name: "nothing to do", run: "up" },
            {
                name: "one rule changed",
                run: "up",
                program: one({ ssh: "accept tcp from 10.0.0.0/8 to port 22", scanners }),
            },
            { name: "rule added", run: "up", program: one({ ssh, scanners, https }) },
            { name: "rule renamed", run: "up", program: one({ ssh, scanners, web: https }) },
            { name: "rule removed", run: "up", program: one({ ssh }) },
            { name: "destroy", run: "destroy" },
        ],
    },
    {
        name: "drift",
        operations: [
            { name: "create", run: "up", program: one({ ssh }) },
            { name: "drift seen", run: "preview", refresh: true, before: addByHand },
            { name: "drift healed", run: "up", refresh: true },
            { name: "drift taken into the state", run: "refresh", before: addByHand },
            { name: "drift in the state healed", run: "up" },
            { name: "removed by hand", run: "refresh", before: change("a", (state) => delete state["rules"]) },
            { name: "made again", run: "up" },
        ],
    },
    {
        name: "failures",
        operations: [
            {
                name: "create fails",
                run: "up",
                program: one({ ssh }),
                before: failing({ create: "plain" }),
                fails: true,
            },
            { name: "create stops half way", run: "up", before: failing({ create: "partial" }), fails: true },
            { name: "update takes it up", run: "up", before: failing({}) },
            {
                name: "update fails",
                run: "up",
                program: one({ ssh, https }),
                before: failing({ update: "plain" }),
                fails: true,
            },
            { name: "update stops half way", run: "up", before: failing({ update: "partial" }), fails: true },
            { name: "refresh clears the errors", run: "refresh", before: failing({}) },
            { name: "update goes through", run: "up" },
            { name: "host unknown", run: "refresh", before: failing({ read: "plain" }), fails: true },
            { name: "delete fails", run: "destroy", before: failing({ delete: "plain" }), fails: true },
            { name: "bad input", run: "preview", program: one({ ssh: "allow everything" }), fails: true },
        ],
    },
    {
        name: "secrets",
        secretConfig: { token: "s3cret-token" },
        operations: [
            {
                name: "create",
                run: "up",
                program: { ...one({ ssh }), hosts: { a: { templates: ["web"], token: true } } },
            },
            {
                name: "changed beside a secret",
                run: "up",
                program: { ...one({ https }), hosts: { a: { templates: ["web"], token: true } } },
            },
            { name: "refresh", run: "refresh" },
            { name: "secret taken away", run: "up", program: one({ https }) },
        ],
    },
    {
        name: "two hosts",
        operations: [
            {
                name: "create, one after the other",
                run: "up",
                program: {
                    templates: { web: { ssh }, db: { scanners } },
                    hosts: { a: { templates: ["web"] }, b: { templates: ["web", "db"], after: "a" } },
                },
            },
            {
                name: "one rule of the common template",
                run: "up",
                program: {
                    templates: { web: { ssh: https }, db: { scanners } },
                    hosts: { a: { templates: ["web"] }, b: { templates: ["web", "db"], after: "a" } },
                },
            },
            {
                name: "one host leaves",
                run: "up",
                program: { templates: { web: { ssh: https } }, hosts: { a: { templates: ["web"] } } },
            },
            { name: "destroy", run: "destroy" },
        ],
    },
];
