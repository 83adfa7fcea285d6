// What the demo prints: headings, quoted output of the engine, and a list of expectations that is summed up at the end.

const started = Date.now();
const expectations = [];

export function heading(text) {
    const seconds = String(Math.round((Date.now() - started) / 1000)).padStart(2);
    console.log(`\n[${seconds} s] ${text}`);
}

export function say(text) {
    console.log(`       ${text}`);
}

/** The lines of an output that match, each once. */
export function quoteLines(text, pattern) {
    const lines = text.split("\n").filter((line) => pattern.test(line));
    quote(new Set(lines.map((line) => line.trimEnd())));
}

/** Folded at a space where a line is long. */
function quote(lines) {
    for (const line of lines) {
        const [first, ...rest] = line.match(/^\s*\S.{0,110}(?:\s|$)|.{1,110}(?:\s|$)|\S+/g) ?? [""];
        console.log(`       | ${first.trimEnd()}`);
        for (const part of rest) console.log(`       |       ${part.trimEnd()}`);
    }
}

/** Every line from the first that matches `from` to the last before one matches `to`, without ids. */
export function quoteBlock(text, from, to) {
    const lines = text.split("\n").filter((line) => !/^\s+\[(id|urn)=/.test(line));
    const start = lines.findIndex((line) => from.test(line));
    if (start < 0) return;
    const length = lines.slice(start + 1).findIndex((line) => to.test(line));
    quote(lines.slice(start, length < 0 ? undefined : start + 1 + length));
}

/** Notes whether something turned out as promised; what did not is said at once and makes the demo fail. */
export function expect(what, holds) {
    expectations.push({ what, holds });
    console.log(`       ${holds ? "as promised" : "NOT AS PROMISED"}: ${what}`);
}

/** Prints the summary; the exit code of the demo. */
export function summary(title) {
    const failed = expectations.filter(({ holds }) => !holds);
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`\n${"=".repeat(100)}\n${title}\n`);
    for (const { what, holds } of expectations) console.log(`  ${holds ? "ok    " : "FAILED"}  ${what}`);
    console.log(`\n  ${expectations.length - failed.length} of ${expectations.length} as promised, in ${seconds} s`);
    return failed.length === 0 ? 0 : 1;
}
