import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordedOperation, Story } from "../scenarios/scenario";
import { embeddedEngine } from "./engines";
import { record, recordingOf } from "./record";

/** Tells every story with the embedded engine, which has to tell it as the real one did when it was recorded. */
export function compareWithRecordings(stories: readonly Story[]): void {
    test.each(stories.map((story) => [story.name, story] as const))(
        "%s",
        async (_, story) => {
            const file = join(__dirname, "..", "recorded", recordingOf(story));
            const recorded = JSON.parse(readFileSync(file, "utf8")) as RecordedOperation[];
            const told = await record(story, embeddedEngine);
            // One by one: the first operation that differs is what there is to read.
            told.forEach((operation, index) => expect(operation).toEqual(recorded[index]));
            expect(told).toHaveLength(recorded.length);
        },
        300_000,
    );
}
