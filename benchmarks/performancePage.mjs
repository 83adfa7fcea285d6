import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const page = join(import.meta.dirname, "..", "docs", "performance.md");

/** Puts a text in the place of what a benchmark has written into docs/performance.md before. */
export function writeSection(name, text) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [head, rest] = readFileSync(page, "utf8").split(begin);
    writeFileSync(page, `${head}${begin}\n\n${text}\n\n${end}${rest.split(end)[1]}`);
}
