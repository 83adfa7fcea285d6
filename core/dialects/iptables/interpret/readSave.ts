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
}

/** It is not what such a program prints. */
export class UnreadableSave extends Error {
    constructor(line: number, problem: string) {
        super(`line ${line}: ${problem}`);
        this.name = "UnreadableSave";
    }
}

/**
 * Reads what `iptables-save` or `ip6tables-save` prints.
 *
 * @throws UnreadableSave
 */
export function readSave(text: string): Save {
    const tables = new Map<string, Map<string, { policy: string; rules: Rule[] }>>();
    let table: Map<string, { policy: string; rules: Rule[] }> | undefined;
    text.split("\n").forEach((line, index) => {
        const fail = (problem: string): never => {
            throw new UnreadableSave(index + 1, problem);
        };
        const open = () => table ?? fail("it belongs to no table");
        const words = wordsOf(line.trim());
        if (words === undefined) return fail("a quote does not end");
        const [first = "", second = ""] = words;
        if (first === "" || first.startsWith("#")) return;
        if (first.startsWith("*")) {
            if (tables.has(first.slice(1))) fail("a table stands there twice");
            tables.set(first.slice(1), (table = new Map()));
        } else if (first === "COMMIT") table = undefined;
        else if (first.startsWith(":")) {
            if (open().has(first.slice(1))) fail("a chain stands there twice");
            open().set(first.slice(1), { policy: second, rules: [] });
        } else {
            // `[12:3456] -A INPUT ...` with counters.
            const from = /^\[\d+:\d+\]$/.test(first) ? 1 : 0;
            if (words[from] !== "-A") fail(`${JSON.stringify(first.slice(0, 20))} is no rule`);
            const chain = open().get(words[from + 1] ?? "") ?? fail("there is no such chain");
            chain.rules.push(optionsOf(words.slice(from + 2)));
        }
    });
    return tables;
}

/** Words, quoted ones without quotes; undefined where a quote does not end. */
function wordsOf(line: string): string[] | undefined {
    const words: string[] = [];
    const word = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]\S*)|(")|$)/y;
    while (word.lastIndex < line.length) {
        const [, quoted, plain, broken] = word.exec(line)!;
        if (broken !== undefined) return undefined;
        if (quoted !== undefined) words.push(quoted.replace(/\\(.)/g, "$1"));
        else if (plain !== undefined) words.push(plain);
    }
    return words;
}

function optionsOf(words: readonly string[]): Rule {
    const options: { name: string; values: string[]; not: boolean }[] = [];
    let not = false;
    for (const word of words) {
        if (word === "!") not = true;
        else if (/^--?[a-zA-Z]/.test(word)) {
            options.push({ name: word, values: [], not });
            not = false;
        } else options.at(-1)?.values.push(word);
    }
    return options;
}
