import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openWorkspace } from "../support/workspace";
import type { ProgramData } from "../support/workspace";
import type { Operation, Story } from "./scenario";

// The stories on the fixture, whose hosts are files: no lab, no network, the whole engine.

const ssh = "accept tcp from anywhere to port 22";
const https = "accept tcp from anywhere to port 443";
const scanners = "drop any from 203.0.113.0/24";

const one = (rules: Readonly<Record<string, string>>): ProgramData => ({
    templates: { web: rules },
    hosts: { a: { templates: ["web"] } },
});

/** An operation whose program and hosts are data. */
interface FixtureOperation extends Omit<Operation, "before"> {
    /** The program from here on. */
    readonly program?: ProgramData;
    /** What happens to the host `a`. */
    readonly host?: (state: Record<string, unknown>) => void;
}

function story(
    name: string,
    operations: readonly FixtureOperation[],
    secretConfig: Readonly<Record<string, string>> = {},
): Story {
    return {
        name,
        begin: () => {
            const { directory, write, remove } = openWorkspace();
            return {
                stack: {
                    projectDir: directory,
                    stack: "dev",
                    stateDir: join(directory, ".state"),
                    passphrase: "correct horse",
                    secretConfig,
                },
                varying: { "<dir>": directory },
                operations: operations.map(({ program, host, ...operation }) => ({
                    ...operation,
                    before: () => {
                        if (program) {
                            write(program);
                        }
                        if (host) {
                            editHost(join(directory, "a.json"), host);
                        }
                    },
                })),
                close: remove,
            };
        },
    };
}

function editHost(file: string, edit: (state: Record<string, unknown>) => void): void {
    let state: Record<string, unknown> = {};
    try {
        state = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    } catch {
        // The host does not exist yet.
    }
    edit(state);
    writeFileSync(file, JSON.stringify(state));
}

const failing =
    (fail: Readonly<Record<string, string>>) =>
    (state: Record<string, unknown>): void => {
        state["fail"] = fail;
    };
const addByHand = (state: Record<string, unknown>): void => {
    state["rules"] = { ...(state["rules"] as object), "(unmanaged) tcp 3306": "accept tcp from anywhere to port 3306" };
};
const removeByHand = (state: Record<string, unknown>): void => {
    delete state["rules"];
};

export const fixtureStories: readonly Story[] = [
    story("rules", [
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
    ]),
    story("drift", [
        { name: "create", run: "up", program: one({ ssh }) },
        { name: "drift seen", run: "preview", refresh: true, host: addByHand },
        { name: "drift healed", run: "up", refresh: true },
        { name: "drift taken into the state", run: "refresh", host: addByHand },
        { name: "drift in the state healed", run: "up" },
        { name: "removed by hand", run: "refresh", host: removeByHand },
        { name: "made again", run: "up" },
    ]),
    story("failures", [
        {
            name: "create fails",
            run: "up",
            program: one({ ssh }),
            host: failing({ create: "plain" }),
            fails: true,
        },
        { name: "create stops half way", run: "up", host: failing({ create: "partial" }), fails: true },
        { name: "update takes it up", run: "up", host: failing({}) },
        {
            name: "update fails",
            run: "up",
            program: one({ ssh, https }),
            host: failing({ update: "plain" }),
            fails: true,
        },
        { name: "update stops half way", run: "up", host: failing({ update: "partial" }), fails: true },
        { name: "refresh clears the errors", run: "refresh", host: failing({}) },
        { name: "update goes through", run: "up" },
        { name: "host unknown", run: "refresh", host: failing({ read: "plain" }), fails: true },
        { name: "delete fails", run: "destroy", host: failing({ delete: "plain" }), fails: true },
        { name: "bad input", run: "preview", program: one({ ssh: "allow everything" }), fails: true },
    ]),
    story(
        "secrets",
        [
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
        { token: "s3cret-token" },
    ),
    story("two hosts", [
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
    ]),
];
