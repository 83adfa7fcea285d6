import type { Family } from "../../model/addresses";
import type { Direction } from "../../model/rule";
import type { Line, Match } from "./line";
import { type ListedSets, NO_SETS } from "./listing";
import { readMatchOption } from "./readMatch";
import { readTarget } from "./readTarget";
import { HASHLIMIT_PARTS, LIMIT_PARTS, pauseOf, readRate, settledRate } from "./rates";
import { wordsOf } from "./words";

/** What has been read of a line. */
export type Draft = { -readonly [Key in keyof Match]: Match[Key] } & {
    comments: string[];
    /** Options of limits, which say something only together. */
    limits: Map<string, string>;
};

const BUCKET_OPTIONS: readonly string[] = [
    ...["--hashlimit-upto", "--hashlimit-burst", "--hashlimit-mode", "--hashlimit-srcmask", "--hashlimit-name"],
    "--hashlimit-htable-expire",
];

/** Modules whose options are all that they say. */
const MODULES: ReadonlyMap<string, readonly string[]> = new Map([
    ["tcp", ["--sport", "--dport", "--tcp-flags"]],
    ["udp", ["--sport", "--dport"]],
    ["icmp", ["--icmp-type"]],
    ["icmp6", ["--icmpv6-type"]],
    ["multiport", ["--sports", "--dports"]],
    ["iprange", ["--src-range", "--dst-range"]],
    ["conntrack", ["--ctstate"]],
    ["state", ["--state"]],
    ["set", ["--match-set"]],
    ["comment", ["--comment"]],
    ["hashlimit", BUCKET_OPTIONS],
    ["limit", ["--limit", "--limit-burst"]],
    ["hl", ["--hl-eq"]],
]);

/** Options that need no module. */
const PLAIN: readonly string[] = ["-p", "-s", "-d", "-i", "-o"];

/**
 * Reads one rule as a save program prints it or as it is rendered, without its chain: of a chain for this direction. `sets`: those
 * of ours that it may name.
 */
export function readLine(text: string, family: Family, direction: Direction, sets: ListedSets = NO_SETS): Line {
    const words = wordsOf(text) ?? [];
    const draft: Draft = { comments: [], limits: new Map() };
    let understood = true;
    let target: Line["target"];
    let module = "";
    for (let at = 0; at < words.length;) {
        const negated = words[at] === "!";
        const option = words[negated ? at + 1 : at] ?? "";
        const values = words.slice(at + (negated ? 2 : 1), at + (negated ? 4 : 3));
        if ((option === "-j" || option === "-g") && !negated) {
            target = readTarget(option, words.slice(at + 1), family);
            break;
        }
        if (option === "-m" && MODULES.has(values[0] ?? "")) {
            module = values[0]!;
            at += 2;
            continue;
        }
        const isKnown = PLAIN.includes(option) || MODULES.get(module)?.includes(option);
        const used = isKnown ? readMatchOption(draft, { option, values, negated, family, direction, sets }) : undefined;
        if (used === undefined) understood = false;
        at += (negated ? 2 : 1) + (used ?? 0);
    }
    const { comments, limits, ...said } = draft;
    const read = understood ? withLimits(said, limits) : undefined;
    return {
        ...(comments.length === 1 && { comment: comments[0]! }),
        ...(read && { match: read }),
        ...(target && { target }),
    };
}

function withLimits(match: Match, options: ReadonlyMap<string, string>): Match | undefined {
    const own = readOwnLimit(options);
    const bucket = readBucket(options);
    if (options.size > 0 && (own === undefined) === (bucket === undefined)) return undefined;
    return { ...match, ...(own && { ownLimit: own }), ...(bucket && { limit: bucket }) };
}

function readOwnLimit(options: ReadonlyMap<string, string>): Match["ownLimit"] {
    const rate = readRate(options.get("--limit") ?? "");
    const settled = rate && settledRate(rate, LIMIT_PARTS);
    const burst = readCount(options.get("--limit-burst") ?? USUAL_BURST);
    const known = ["--limit", "--limit-burst"];
    if (!settled || burst === undefined || [...options.keys()].some((option) => !known.includes(option)))
        return undefined;
    return { rate: settled, burst };
}

function readBucket(options: ReadonlyMap<string, string>): Match["limit"] {
    const rate = readRate(options.get("--hashlimit-upto") ?? "");
    const settled = rate && settledRate(rate, HASHLIMIT_PARTS);
    const burst = readCount(options.get("--hashlimit-burst") ?? USUAL_BURST);
    const name = options.get("--hashlimit-name");
    const mode = options.get("--hashlimit-mode");
    const mask = options.get("--hashlimit-srcmask");
    const bits = mask === undefined ? 0 : readCount(mask);
    const said = options.get("--hashlimit-htable-expire");
    // Where nothing is said it follows from the unit that is printed.
    const expire = said === undefined ? (rate?.seconds ?? 0) * 1000 : readCount(said);
    if (!rate || !settled || pauseOf(rate, HASHLIMIT_PARTS) === 0) return undefined;
    if (burst === undefined || name === undefined || bits === undefined || expire === undefined) return undefined;
    if (mode !== "srcip" && (mode !== undefined || mask !== undefined)) return undefined;
    if ([...options.keys()].some((option) => !BUCKET_OPTIONS.includes(option))) return undefined;
    return { rate: settled, burst, name, expire, ...(mode !== undefined && { sourceBits: bits }) };
}

/** The programs' own. */
const USUAL_BURST = "5";

function readCount(text: string): number | undefined {
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
