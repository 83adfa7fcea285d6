import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtureScenarios } from "./scenarios/fixture";
import type { RecordedOperation } from "./scenarios/scenario";
import { embeddedEngine } from "./support/engines";
import { record } from "./support/record";

// The embedded engine tells the stories that the real one was recorded with.

describe("the embedded engine does what the real engine was recorded doing", () => {
    test.each(fixtureScenarios.map((scenario) => [scenario.name, scenario] as const))(
        "%s",
        async (name, scenario) => {
            const file = join(__dirname, "recorded", `${name.replaceAll(" ", "-")}.json`);
            const recorded = JSON.parse(readFileSync(file, "utf8")) as RecordedOperation[];
            const told = await record(scenario, embeddedEngine);
            for (const [index, operation] of told.entries()) {
                expect(operation).toEqual(recorded[index]);
            }
            expect(told).toHaveLength(recorded.length);
        },
        300_000,
    );
});
