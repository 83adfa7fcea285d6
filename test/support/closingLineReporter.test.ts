import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs jest on these test files, as `npm test` does; gives its status and all that it printed. */
function runJest(files: Readonly<Record<string, string>>) {
    const folder = mkdtempSync(join(tmpdir(), "vpsfw-reporter-"));
    try {
        const config = { reporters: ["default", join(__dirname, "closingLineReporter.js")], rootDir: folder };
        writeFileSync(join(folder, "jest.config.json"), JSON.stringify(config));
        for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.test.js`), text);
        const jest = require.resolve("jest/bin/jest");
        const script = `"${process.execPath}" "${jest}" --passWithNoTests --ci 2>&1`;
        const { status, stdout } = spawnSync("sh", ["-c", script], { cwd: folder, encoding: "utf8" });
        return { status, lines: stdout.trimEnd().split("\n") };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

const passing = `test("passes", () => {});`;
const closing = /^\d+ passed, \d+ failed, \d+ skipped$/;

test.each([
    ["all pass", { a: passing, b: passing }, "2 passed, 0 failed, 0 skipped", 0],
    [
        "one fails",
        { a: passing, b: `test("fails", () => { throw new Error("no"); });` },
        "1 passed, 1 failed, 0 skipped",
        1,
    ],
    [
        "skipped and to do",
        { a: `${passing} test.skip("s", () => {}); test.todo("t");` },
        "1 passed, 0 failed, 2 skipped",
        0,
    ],
    ["a file that does not load", { a: passing, b: `require("./nowhere");` }, "1 passed, 1 failed, 0 skipped", 1],
    ["a file without tests", { a: passing, b: "" }, "1 passed, 1 failed, 0 skipped", 1],
    [
        "a failing afterAll",
        { a: `${passing} afterAll(() => { throw new Error("no"); });` },
        "1 passed, 1 failed, 0 skipped",
        1,
    ],
    ["a test that exits", { a: `${passing} process.exit(0);` }, "0 passed, 1 failed, 0 skipped", 1],
    ["nothing but skipped", { a: `test.skip("s", () => {});` }, "0 passed, 0 failed, 1 skipped", 1],
    ["no test at all", {}, "0 passed, 0 failed, 0 skipped", 1],
])("%s", (_name, files, line, status) => {
    const result = runJest(files);
    expect(result.lines.filter((text) => closing.test(text))).toEqual([line]);
    expect(result.lines.at(-1)).toBe(line);
    expect(result.status === 0 ? 0 : 1).toBe(status);
});
