import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firewallStories } from "../engine/scenarios/firewall";
import { fixtureStories } from "../engine/scenarios/fixture";
import type { RecordedOperation, Story } from "../engine/scenarios/scenario";
import { realEngine } from "../engine/support/engines";
import { record, recordingOf } from "../engine/support/record";
import { describeLab } from "../lab";

// The real engine tells the stories; `RECORD=1` writes down what it says, else it must say what is written.

const version = execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim();
const cases = (stories: readonly Story[]): (readonly [string, Story])[] => stories.map((story) => [story.name, story]);

async function compare(_name: string, story: Story): Promise<void> {
    const file = join(__dirname, "../engine/recorded", recordingOf(story));
    const told = await record(story, realEngine);
    if (process.env["RECORD"] === "1") {
        writeFileSync(file, `${JSON.stringify(told, undefined, 2)}\n`);
    }
    expect(told).toEqual(JSON.parse(readFileSync(file, "utf8")) as RecordedOperation[]);
}

describe(`pulumi ${version} does what was recorded`, () => {
    test.each(cases(fixtureStories))("%s", compare, 600_000);
});

describeLab(`pulumi ${version} does what was recorded, on real hosts`, () => {
    test.each(cases(firewallStories))("%s", compare, 600_000);
});
