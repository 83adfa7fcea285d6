/**
 * `npm run bench:analysis`: what the analysis of rules costs, and docs/performance.md written anew. Needs a build
 * (`npm run build`) and a machine that does nothing else; medians, and the first run of a fresh process where it says
 * cold.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import { mixes } from "./mixes.mjs";

const root = join(import.meta.dirname, "..");
const library = createRequire(join(root, "dist", "index.js"));
const { checkPolicy } = library("./core/model/checkPolicy.js");
const { exposure } = library("./core/analysis/exposure.js");
const { findings } = library("./core/analysis/findings/findings.js");
const { difference } = library("./core/analysis/difference.js");
const { proveReachable } = library("./core/analysis/lockout.js");
const { nftables } = library("./core/dialects/nftables/index.js");
const { checkHost } = library("./provider/checkHost.js");

const policyOf = (rules) => checkPolicy({ templates: [{ name: "web", rules }] }).policy;
const OWNERSHIP = {
    owner: "0".repeat(16),
    resource: "00000000-0000-4000-8000-000000000000",
    applyId: "0".repeat(16),
};
const PATH = { peers: [{ family: 4, first: 0xc00002c8n, last: 0xc00002c8n }], port: 22 };

/** Renders, reads the text again with the second reader, and compares what both mean. */
function translation(policy) {
    if (nftables.prove({ text: nftables.render(policy, OWNERSHIP) }, policy)) throw new Error("they differ");
}

/** All that a preview asks of one policy. Packet sets that are made belong to the object, so each run has its own. */
function whole(checked) {
    const policy = { ...checked };
    exposure(policy);
    findings(policy);
    proveReachable(policy, PATH);
    translation(policy);
}

function once(work) {
    const before = performance.now();
    work();
    return performance.now() - before;
}

function median(runs, work) {
    const times = Array.from({ length: runs }, () => once(work)).sort((a, b) => a - b);
    return times[runs >> 1];
}

/** In a process of its own: `node analysis.mjs cold <mix> <count>`. */
function cold(name, count) {
    const runs = Array.from({ length: 7 }, () =>
        Number(
            execFileSync(process.execPath, [import.meta.filename, "cold", name, String(count)], { encoding: "utf8" }),
        ),
    );
    return runs.sort((a, b) => a - b)[3];
}

function memory(name, count) {
    const run = [import.meta.filename, "memory", name, String(count)];
    return JSON.parse(execFileSync(process.execPath, run, { encoding: "utf8" }));
}

/** The parts of the whole, in its order: who comes first makes the packet sets that the others use. */
function medianParts(runs, checked) {
    const parts = [exposure, findings, (policy) => proveReachable(policy, PATH), translation];
    const times = parts.map(() => []);
    for (let run = 0; run < runs; run++) {
        const policy = { ...checked };
        parts.forEach((part, i) => times[i].push(once(() => part(policy))));
    }
    return times.map((each) => each.sort((a, b) => a - b)[runs >> 1]);
}

function edited(rules) {
    const other = { ...rules };
    for (let i = 0; i < 10; i++) delete other[`r${i * 97}`];
    return {
        ...other,
        new1: "accept tcp from 198.51.100.0/24 to port 2222",
        new2: "accept udp from anywhere to port 9",
    };
}

const hosts = () => {
    const rules = mixes["ports-heavy"](200);
    for (let i = 0; i < 100; i++)
        checkHost({
            target: { host: `192.0.2.${i}`, user: "root" },
            owner: "a/b/c",
            templates: [{ name: "web", rules }],
        });
};

const ms = (time) => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

function table(head, rows) {
    const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i].length)));
    const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
    return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

const SIZES = [100, 300, 1000, 3000, 10000];

function report() {
    const names = Object.keys(mixes);
    const growth = [];
    const bySize = names.map((name) => {
        const [tiny, few, small, more, large] = SIZES.map((count) => policyOf(mixes[name](count)));
        for (let i = 0; i < 5; i++) whole(small);
        const [words, found, proof, translated] = medianParts(9, small).map(ms);
        const [warm, big] = [median(9, () => whole(small)), median(3, () => whole(large))].map(ms);
        growth.push([name, ...[tiny, few].map((policy) => ms(median(9, () => whole(policy)))), warm]);
        growth.at(-1).push(ms(median(3, () => whole(more))), big);
        const { rss, heap } = memory(name, 10000);
        return [name, words, found, proof, translated, warm, ms(cold(name, 1000)), big, `${rss} MB (${heap} MB)`];
    });
    const differences = names.map((name) => {
        const rules = mixes[name](10000);
        const [before, after] = [policyOf(rules), policyOf(edited(rules))];
        return [name, ms(median(7, () => difference(before, after))), ms(median(7, () => difference(before, before)))];
    });
    const many = ms(once(hosts));
    return `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, Node ${process.version}. Time on the clock, medians, on a machine that does nothing else.

Rules of one template, and all that a preview asks of them ("whole": exposure, findings with the rules to blame, lock-out proof, and the proof that the rendered text means the rules, rendering included). The first makes the packet sets that the others go on with.

${table(["rules", "1,000: exposure", "findings", "lock-out", "translation", "whole, warm", "whole, cold", "10,000: whole", "rss (heap)"], bySize)}

Growth of the whole:

${table(["rules", ...SIZES.map((count) => count.toLocaleString("en"))], growth)}

What differs between two templates of 10,000 rules, of which 10 are taken out and 2 are new; and between two that are equal. Where drops are taken out over thousands of accepts, thousands of ports open: those to the same people are one change, with all of its ports and of the rules to blame:

${table(["rules", "12 differ", "none"], differences)}

A preview of 100 servers that share one template of 200 rules: ${many} in the checks of all of them together, cold.`;
}

const [, , what, name, count] = process.argv;
if (what === "cold" || what === "memory") {
    const policy = policyOf(mixes[name](Number(count)));
    const time = once(() => whole(policy));
    const { rss, heapUsed } = process.memoryUsage();
    console.log(what === "cold" ? time : JSON.stringify({ rss: rss >> 20, heap: heapUsed >> 20 }));
} else {
    const file = join(root, "docs", "performance.md");
    const [begin, end] = ["<!-- bench:analysis -->", "<!-- /bench:analysis -->"];
    const page = existsSync(file) ? readFileSync(file, "utf8") : `# Performance\n\n## Analysis\n\n${begin}\n${end}\n`;
    const text = report();
    const [head, rest] = page.split(begin);
    writeFileSync(file, `${head}${begin}\n\n${text}\n\n${end}${rest.split(end)[1]}`);
    console.log(text);
}
