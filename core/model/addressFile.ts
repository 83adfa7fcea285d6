import { MOST_NAMED } from "./checkSets";
import { type Diagnostic, diagnostic, located } from "./diagnostics";
import { parseAddressRange } from "./parseAddress";
import { prefixText } from "./prefixText";
import { readRangeLines } from "./readRangeLines";

/**
 * Reads a file of addresses: an address, prefix or range a line; empty lines, and whatever stands behind `#` or `;`, say
 * nothing. `lines`: its canonical entries.
 *
 * Errors: VF001, VF002, VF004, VF005, each with the line; VF043.
 *
 * @param name what messages call the file.
 */
export function readAddressFile(text: string, name: string): { lines: string; problems: Diagnostic[] } {
    const problems: Diagnostic[] = [];
    let count = 0;
    const table = readRangeLines(text, true, (line, index) => {
        const said = line.replace(/[#;].*/s, "").trim();
        if (said === "") return undefined;
        const parsed = parseAddressRange(said);
        if ("range" in parsed) return parsed.range;
        if (count++ < MOST_NAMED) problems.push(located(parsed.problem, `${name} line ${index + 1}`));
        return undefined;
    });
    const more = count - problems.length;
    if (more > 0) problems.push(diagnostic("VF043", { count: more }, undefined, name));
    return { lines: prefixText(table).lines.toString("latin1"), problems };
}
