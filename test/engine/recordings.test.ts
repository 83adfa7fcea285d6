import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeLab } from "../lab";
import { firewallStories } from "./scenarios/firewall";
import { fixtureStories } from "./scenarios/fixture";
import type { RecordedOperation, Story } from "./scenarios/scenario";
import { embeddedEngine } from "./support/engines";
import { record, recordingOf } from "./support/record";

// The embedded engine tells the stories that the real one was recorded with, and has to tell them the same way.

const cases = (stories: readonly Story[]): (readonly [string, Story])[] => stories.map((story) => [story.name, story]);

async function compare(_name: string, story: Story): Promise<void> {
    const file = join(__dirname, "recorded", recordingOf(story));
    const recorded = JSON.parse(readFileSync(file, "utf8")) as RecordedOperation[];
    const told = await record(story, embeddedEngine);
    // One by one: the first operation that differs is what there is to read.
    told.forEach((operation, index) => expect(operation).toEqual(recorded[index]));
    expect(told).toHaveLength(recorded.length);
}

describe("the embedded engine does what the real engine was recorded doing", () => {
    test.each(cases(fixtureStories))("%s", compare, 300_000);
});

describeLab("the embedded engine does what the real engine was recorded doing, on real hosts", () => {
    test.each(cases(firewallStories))("%s", compare, 300_000);
});
