import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixtureScenarios } from "../engine/scenarios/fixture";
import type { RecordedOperation } from "../engine/scenarios/scenario";
import { realEngine } from "../engine/support/engines";
import { record } from "../engine/support/record";

// The real engine tells the stories; `RECORD=1` writes down what it says, else it must say what is written.

const recordings = join(__dirname, "../engine/recorded");
const version = execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim();

describe(`the real engine (pulumi ${version})`, () => {
    test.each(fixtureScenarios.map((scenario) => [scenario.name, scenario] as const))(
        "%s",
        async (name, scenario) => {
            const file = join(recordings, `${name.replaceAll(" ", "-")}.json`);
            const told = await record(scenario, realEngine);
            if (process.env["RECORD"] === "1") {
                writeFileSync(file, `${JSON.stringify(told, undefined, 2)}\n`);
            }
            expect(told).toEqual(JSON.parse(readFileSync(file, "utf8")) as RecordedOperation[]);
        },
        600_000,
    );
});
