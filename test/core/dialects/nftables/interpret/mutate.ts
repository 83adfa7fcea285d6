import { addressesOf, addressOf } from "../../../../../core/dialects/nftables/interpret/addressWords";
import { BITS, type Family, formatAddress } from "../../../../../core/model/addresses";
import type { Random } from "../../../../kernel/random";

/** A rendered ruleset with one thing changed, which may mean something else, or not. */
export interface Mutant {
    readonly text: string;
    readonly what: string;
}

/** One random change; nft would still take the text. */
export function mutate(text: string, random: Random): Mutant {
    const lines = text.split("\n");
    for (;;) {
        const [what, change] = random.pick(CHANGES);
        const changed = change(lines, random)?.join("\n");
        if (changed !== undefined && changed !== text) return { text: changed, what };
    }
}

type Lines = readonly string[];
type Change = (lines: Lines, random: Random) => Lines | undefined;

/** Rules stand eight deep and end in a comment; the mark's does not. */
const isRule = (line: string) => /^ {8}\S.* comment "[^"]*"$/.test(line) && !/^ {8}type /.test(line);

function aRule(lines: Lines, random: Random, wanted: RegExp = /./): number | undefined {
    const indexes = [...lines.keys()].filter((index) => isRule(lines[index]!) && wanted.test(lines[index]!));
    return indexes.length === 0 ? undefined : random.pick(indexes);
}

/** Changes one occurrence of a form in a random line that has it. */
function replacing(
    form: RegExp,
    replace: (found: string, random: Random) => string | undefined,
    where = isRule,
): Change {
    return (lines, random) => {
        const places = lines.flatMap((line, index) =>
            where(line) ? [...line.replace(/ comment ".*/, "").matchAll(form)].map((found) => ({ index, found })) : [],
        );
        if (places.length === 0) return undefined;
        const { index, found } = random.pick(places);
        const replacement = replace(found[0], random);
        if (replacement === undefined) return undefined;
        const line = lines[index]!;
        const end = found.index + found[0].length;
        return lines.with(index, line.slice(0, found.index) + replacement + line.slice(end));
    };
}

const another =
    (...words: string[]) =>
    (found: string, random: Random) =>
        random.pick(words.filter((word) => word !== found));

const isHook = (line: string) => /^ {8}type filter hook/.test(line);
const isElement = (line: string) => /^ {8}elements = |^ {12}\S/.test(line);
const holdsAddresses = (line: string) => isRule(line) || isElement(line);

const CHANGES: readonly (readonly [what: string, change: Change])[] = [
    ["a rule taken away", (lines, random) => at(aRule(lines, random), (index) => lines.toSpliced(index, 1))],
    [
        "a rule doubled",
        (lines, random) => at(aRule(lines, random), (index) => lines.toSpliced(index, 0, lines[index]!)),
    ],
    ["two rules swapped", swapped],
    ["another verdict", replacing(/\b(accept|drop|reject)$/g, another("accept", "drop", "reject"))],
    ["another answer", replacing(/\breject$/g, (found, random) => `${found} with ${random.pick(ANSWERS)}`)],
    ["another port", replacing(/(?<=port [^a-z]*)\b\d+\b(?!-)/g, nextNumber(65535))],
    [
        "another first port",
        replacing(/(?<=port [^a-z]*)\b\d+(?=-)/g, (found) => (found === "1" ? undefined : String(Number(found) - 1))),
    ],
    ["another prefix", replacing(/[0-9a-f.:]+\/\d+/g, otherPrefix, holdsAddresses)],
    ["half of a prefix twice", replacing(/(?<=[{,] )[0-9a-f.:]+\/\d+(?=[ ,])/g, halves, holdsAddresses)],
    [
        "another address",
        replacing(/(?<=[ -])(\d+\.\d+\.\d+\.\d+|[0-9a-f:]*::[0-9a-f:]*)(?![/\d.:a-f-])/g, nextAddress, holdsAddresses),
    ],
    ["an element less", replacing(/(?<=\{ [^}]*), [^ ,}]+/g, () => "")],
    [
        "a match negated",
        replacing(
            // Not the type of an answer, nor what a limit is counted by, which are no matches.
            /(?<!icmpx |\{ ip |\{ ip6 )\b([sd]addr|[sd]port|type|l4proto|nfproto|state|hoplimit|protocol) (?![!=@])/g,
            (found) => `${found}!= `,
        ),
    ],
    ["a set negated", replacing(/addr (?=@)/g, (found) => `${found}!= `)],
    ["the other address", replacing(/\b[sd]addr\b/g, another("saddr", "daddr"))],
    ["the other port", replacing(/\b[sd]port\b/g, another("sport", "dport"))],
    ["the other protocol", replacing(/\b(tcp|udp)(?= [sd]port)/g, another("tcp", "udp"))],
    ["another protocol", replacing(/(?<=(l4proto|protocol) )\d+\b/g, nextNumber(255))],
    ["another type", replacing(/(?<=icmp(v6)? type )\d+\b/g, nextNumber(255))],
    [
        "another named type",
        replacing(
            /\b(nd-[a-z-]+|mld2?-[a-z-]+)\b/g,
            another("nd-router-solicit", "nd-router-advert", "nd-redirect", "mld-listener-done"),
        ),
    ],
    [
        "another state",
        replacing(/(?<=ct state )\w+/g, another("established", "related", "new", "invalid", "untracked")),
    ],
    ["another interface", replacing(/"lo"/g, () => '"eth0"')],
    ["the default turned", turnedDefault],
    ["another policy", replacing(/policy (accept|drop)/g, another("policy accept", "policy drop"), isHook)],
    ["another hook", replacing(/hook (input|output)/g, another("hook input", "hook output", "hook forward"), isHook)],
    ["another priority", replacing(/priority filter/g, () => "priority filter - 5", isHook)],
    ["no counter", replacing(/ counter\b/g, () => "")],
    ["a log", replacing(/ counter\b/g, () => ' log prefix "x" counter')],
    [
        "a rule behind the default",
        (lines, random) =>
            at(aRule(lines, random, /default:/), (index) =>
                lines.toSpliced(index + 1, 0, '        tcp dport 99 accept comment "x/y"'),
            ),
    ],
    ["a chain that nobody enters", (lines) => lines.toSpliced(3, 0, "    chain other { drop", "    }")],
];

const ANSWERS = [
    "icmpx admin-prohibited",
    "icmpx type no-route",
    "icmpx type host-unreachable",
    "icmpx type port-unreachable",
];

function at(index: number | undefined, change: (index: number) => Lines): Lines | undefined {
    return index === undefined ? undefined : change(index);
}

function swapped(lines: Lines, random: Random): Lines | undefined {
    const index = aRule(lines, random);
    if (index === undefined || !isRule(lines[index + 1] ?? "")) return undefined;
    return lines.with(index, lines[index + 1]!).with(index + 1, lines[index]!);
}

function turnedDefault(lines: Lines, random: Random): Lines | undefined {
    const end = aRule(lines, random, /default:/);
    if (end === undefined) return undefined;
    const hook = lines.findLastIndex((line, index) => index < end && isHook(line));
    const turn = (line: string) => line.replace(/accept|drop/g, (word) => (word === "accept" ? "drop" : "accept"));
    return lines.with(end, turn(lines[end]!)).with(hook, turn(lines[hook]!));
}

function nextNumber(last: number) {
    return (found: string, random: Random) => {
        const next = Number(found) + random.pick([-1, 1]);
        return next < 1 || next > last ? undefined : String(next);
    };
}

const familyOf = (word: string): Family => (word.includes(":") ? 6 : 4);

function nextAddress(found: string, random: Random): string | undefined {
    const family = familyOf(found);
    const next = addressOf(found, family)! + random.pick([-1n, 1n]);
    return next < 0n || next >= 1n << BigInt(BITS[family]) ? undefined : formatAddress(family, next);
}

function otherPrefix(found: string, random: Random): string | undefined {
    const [address = "", length] = found.split("/");
    const next = Number(length) + random.pick([-1, 1]);
    const family = familyOf(found);
    if (next < 0 || next > BITS[family]) return undefined;
    const { first } = addressesOf({ kind: "prefix", address, length: next }, family)!;
    return `${formatAddress(family, first)}/${next}`;
}

function halves(found: string): string | undefined {
    const [address = "", length] = found.split("/");
    const family = familyOf(found);
    const next = Number(length) + 1;
    if (next > BITS[family]) return undefined;
    const middle = addressOf(address, family)! + (1n << BigInt(BITS[family] - next));
    return `${address}/${next}, ${formatAddress(family, middle)}/${next}`;
}
