import { printable } from "../../../model/diagnostics";
import type { AddressRange } from "../../../model/addresses";
import { UnreadableRuleset } from "../../unreadable";
import { openSets } from "./sets";

/** The tables of one family, as `iptables-save` and `ip6tables-save` print them. */
export type Save = ReadonlyMap<string, Table>;

/** The chains of a table by their names. */
export type Table = ReadonlyMap<string, Chain>;

export interface Chain {
    /** `ACCEPT` or `DROP` of a chain that is built in; `-` of any other. */
    readonly policy: string;
    readonly rules: readonly Rule[];
}

export type Rule = readonly Option[];

/** `! --dport 22:80` is `{ name: "--dport", values: ["22:80"], not: true }`. */
export interface Option {
    readonly name: string;
    readonly values: readonly string[];
    readonly not: boolean;
    /** What the set holds that `--match-set` names; absent where that is not known. */
    readonly members?: readonly AddressRange[];
}

/** It is not what such a program prints. */
export class UnreadableSave extends UnreadableRuleset {
    constructor(line: number, problem: string) {
        super(`line ${line}: ${problem}`);
        this.name = "UnreadableSave";
    }
}

/** What adds one rule to those that are there, or takes one away: it stands in a text to be loaded, and in no save. */
const CHANGES: ReadonlySet<string> = new Set(["-I", "-D"]);

/**
 * Reads what `iptables-save` or `ip6tables-save` prints, behind what `ipset save` does. `changes`: passes over what changes chains of others, in a text that is
 * to be loaded.
 *
 * @throws UnreadableSave
 */
export function readSave(text: string, { changes = false }: { readonly changes?: boolean } = {}): Save {
    const tables = new Map<string, Map<string, { policy: string; rules: Rule[] }>>();
    let table: Map<string, { policy: string; rules: Rule[] }> | undefined;
    const sets = openSets();
    for (const { number, words } of linesOf(text)) {
        const fail = (problem: string): never => {
            throw new UnreadableSave(number, problem);
        };
        const open = () => table ?? fail("it belongs to no table");
        const [first = "", second = ""] = words.map(({ text }) => text);
        if (words.length === 0) continue;
        if (first.startsWith("*")) {
            if (tables.has(first.slice(1))) fail("a table stands there twice");
            tables.set(first.slice(1), (table = new Map()));
        } else if (first === "COMMIT") table = undefined;
        else if (!table && (first === "create" || first === "add")) sets.read(words.map(({ text }) => text));
        else if (first.startsWith(":")) {
            if (open().has(first.slice(1))) fail("a chain stands there twice");
            open().set(first.slice(1), { policy: second, rules: [] });
        } else if (changes && CHANGES.has(first)) {
            open();
        } else {
            // `[12:3456] -A INPUT ...` with counters.
            const from = /^\[\d+:\d+\]$/.test(first) ? 1 : 0;
            if (words[from]?.text !== "-A") fail(`${JSON.stringify(printable(first, 20))} is no rule`);
            const chain = open().get(words[from + 1]?.text ?? "") ?? fail("there is no such chain");
            chain.rules.push(optionsOf(words.slice(from + 2), fail).map(sets.resolved));
        }
    }
    return tables;
}

interface Word {
    readonly text: string;
    /** Then it is no option, whatever it looks like. */
    readonly quoted: boolean;
}

/** A line may hold breaks, in quotes. */
interface Line {
    /** Where it begins, from 1. */
    readonly number: number;
    readonly words: readonly Word[];
}

/** More than any rule has. */
const LONGEST = 16_384;

function* linesOf(text: string): Generator<Line> {
    const lines = text.split("\n");
    for (let index = 0; index < lines.length;) {
        const number = index + 1;
        const words: Word[] = [];
        let open = addWords(words, lines[index++]!);
        while (open !== undefined) {
            if (index === lines.length || open.length > LONGEST)
                throw new UnreadableSave(number, "a quote does not end");
            open = addWords(words, lines[index++]!, `${open}\n`);
        }
        yield { number, words };
    }
}

/** Adds the words of a line, and gives what stands in a quote that is open at its end; `open`: in one at its beginning. */
function addWords(words: Word[], line: string, open?: string): string | undefined {
    if (open === undefined && line.startsWith("#")) return undefined;
    let quoted = open;
    for (let at = 0; ;) {
        if (quoted === undefined) {
            while (isBlank(line[at])) at++;
            if (at >= line.length) return undefined;
            const begin = at++;
            if (line[begin] === '"') {
                quoted = "";
                continue;
            }
            while (at < line.length && !isBlank(line[at])) at++;
            words.push({ text: line.slice(begin, at), quoted: false });
        } else {
            const begin = at;
            while (at < line.length && line[at] !== '"' && line[at] !== "\\") at++;
            quoted += line.slice(begin, at);
            if (at >= line.length) return quoted;
            if (line[at++] === '"') {
                words.push({ text: quoted, quoted: true });
                quoted = undefined;
            } else if (at < line.length) quoted += line[at++];
        }
    }
}

function isBlank(character: string | undefined): boolean {
    return character === " " || character === "\t" || character === "\r";
}

/** An option that takes one word, which may look like an option itself. */
const TAKES_ANY = "--comment";

function optionsOf(words: readonly Word[], fail: (problem: string) => never): Rule {
    const options: { name: string; values: string[]; not: boolean }[] = [];
    let not = false;
    for (const { text, quoted } of words) {
        const last = options.at(-1);
        const isOption = !quoted && /^--?[a-zA-Z]/.test(text);
        if (last?.name === TAKES_ANY && last.values.length === 0 && !not) last.values.push(text);
        else if (!quoted && text === "!" && !not) not = true;
        else if (isOption) {
            if (not && (text === "-j" || text === "-g")) fail(`there is a "!" before its target`);
            options.push({ name: text, values: [], not });
            not = false;
        } else if (last && !not) last.values.push(text);
        else fail(`${JSON.stringify(printable(text, 20))} belongs to no option`);
    }
    if (not) fail(`there is a "!" at its end`);
    return options;
}
