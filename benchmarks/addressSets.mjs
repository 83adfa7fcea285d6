// `npm run bench:sets` (after `npm run build`): how long address sets of 10,000, 100,000 and 1,000,000 entries take. Medians
// of 5 runs. read: the text of a list to merged ranges; write: the ranges to canonical prefixes and their digest; both: the
// two; check: what the provider makes of a list that a program has read; pack, unpack: the form of the state.
import { createHash } from "node:crypto";
import { referenceTo } from "../dist/core/model/addressSets.js";
import { checkSets } from "../dist/core/model/checkSets.js";
import { packTable, unpackTable } from "../dist/core/model/packedTable.js";
import { prefixText } from "../dist/core/model/prefixText.js";
import { rangesOf } from "../dist/core/model/rangeTable.js";
import { readRangeLines } from "../dist/core/model/readRangeLines.js";

const RUNS = 5;
const SIZES = [10_000, 100_000, 1_000_000];

/** The same numbers in each run (xorshift32). */
function numbersFrom(seed) {
    let state = seed;
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
    };
}

/** Prefixes of mixed lengths in any order, some within others, as block lists have them. */
const KINDS = {
    IPv4: (next) => {
        const length = [32, 32, 32, 32, 28, 24, 24, 22][next() % 8];
        const address = length === 32 ? next() : (next() & (-1 << (32 - length))) >>> 0;
        const text = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
        return length === 32 ? text : `${text}/${length}`;
    },
    IPv6: (next) => {
        const groups = [0x2000 | (next() & 0x1fff), next() & 0xffff, next() & 0xffff].map((group) =>
            group.toString(16),
        );
        if (next() % 2 === 0) return `${groups.join(":")}::/48`;
        return `${groups.join(":")}:${(next() & 0xffff).toString(16)}::/64`;
    },
    mixed: (next) => KINDS[next() % 4 === 0 ? "IPv6" : "IPv4"](next),
};

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

function timed(times, part, work) {
    const began = performance.now();
    const result = work();
    (times[part] ??= []).push(performance.now() - began);
    return result;
}

function run(text, times, index) {
    const began = performance.now();
    const table = timed(times, "read", () => {
        const read = readRangeLines(text, true, (line) => {
            throw new Error(`${line} was not understood`);
        });
        rangesOf(read);
        return read;
    });
    const lines = timed(times, "write", () => {
        const written = prefixText(table);
        createHash("sha256").update(written.lines).digest("hex");
        return written.lines.toString("latin1");
    });
    (times.both ??= []).push(performance.now() - began);
    // A text of its own in each run: the last ones are remembered.
    const file = { lines: " ".repeat(index) + lines };
    const { count } = timed(times, "check", () => referenceTo(checkSets({ list: { file } }).sets[0]));
    const packed = timed(times, "pack", () => packTable(table));
    const unpacked = timed(times, "unpack", () => rangesOf(unpackTable(packed)));
    if (unpacked.length !== rangesOf(table).length) throw new Error("the set did not come back");
    return { count, state: packed.length };
}

console.log(
    "kind   entries    prefixes  read     write    both     check    pack     unpack   state    growth of both",
);
for (const [kind, entry] of Object.entries(KINDS)) {
    let before;
    for (const size of SIZES) {
        const next = numbersFrom(2463534242);
        const text = Array.from({ length: size }, () => entry(next)).join("\n");
        const times = {};
        let made;
        for (let i = 0; i < RUNS; i++) made = run(text, times, i);
        const ms = (part) => `${median(times[part]).toFixed(0)} ms`.padEnd(9);
        const total = median(times.both);
        const growth = before === undefined ? "" : `x${(total / before).toFixed(1)} for x10`;
        const figures = ["read", "write", "both", "check", "pack", "unpack"].map(ms).join("");
        const state = `${(made.state / 1e6).toFixed(2)} MB`.padEnd(9);
        console.log(
            `${kind.padEnd(7)}${String(size).padEnd(11)}${String(made.count).padEnd(10)}${figures}${state}${growth}`,
        );
        before = total;
    }
}
console.log(
    `peak memory of all runs ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB, Node ${process.version}`,
);
