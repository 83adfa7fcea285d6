import { fixtureStories } from "./scenarios/fixture";
import { compareWithRecordings } from "./support/compare";

describe("the embedded engine does what the real engine was recorded doing", () => {
    compareWithRecordings(fixtureStories);
});
