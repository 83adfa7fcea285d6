import { isOurComment } from "../ruleComment";
import {
    isLayoutIdentifier,
    limitIdentifier,
    logLimitIdentifier,
    MARK_CHAIN,
    NO_ADDRESS,
    NO_PACKET,
    NO_PORT,
    sourcesIdentifier,
} from "./identifiers";
import type { Listing, NftChain, NftTable } from "./listing";
import { readBack } from "./readBack";
import { forwardChains, layoutChains } from "./readForward";
import { readSets } from "./readSets";

/** What others wrote into our table, as nft lists it, to be put back with our own text. */
export interface UnmanagedText {
    /** Whole chains, sets, maps and other objects, each with its braces. */
    readonly blocks: readonly string[];
    /** The chains of ours in which others wrote, with what stands there in its order. */
    readonly chains: readonly { readonly name: string; readonly entries: readonly Entry[] }[];
}

/** A rule by our comment, which tells where the text of others belongs, or that text. */
type Entry = { readonly comment: string } | { readonly text: string };

interface Block {
    readonly header: string;
    readonly lines: readonly string[];
}

/**
 * Finds in the text listing what the JSON listing of the same moment shows as not ours. Rules with a comment of ours (a base
 * rule or a rule of a template that somebody changed) are left out: our own text restores those; so are rules with a quote or a
 * line break in their comment, which nft lists as it is, so that the text would mean something else.
 */
export function unmanagedText(text: string, listing: Listing): UnmanagedText {
    const { table } = listing;
    if (!table) return { blocks: [], chains: [] };
    const blocks = splitBlocks(text);
    const others = [...forwardChains(table), ...layoutChains(table)];
    const ourChains = table.chains.filter((chain) => isOurChain(chain) || others.includes(chain.name));
    const ours = new Set([
        ...ourChains.map(({ name }) => `chain ${name}`),
        ...ourSets(table).map((name) => `set ${name}`),
        ...[...ourLimits(ourChains)].flatMap((name) => [`limit ${name}`, `set ${name}`]),
    ]);
    const foreign = blocks.filter(({ header }) => !ours.has(header) && !isLayoutBlock(header));
    const unreadable = new Set(
        table.chains.flatMap(({ rules }) =>
            rules.filter(({ comment = "" }) => /["\n\r]/.test(comment)).map(({ handle }) => handle),
        ),
    );
    const texts = new Map(blocks.flatMap(({ lines }) => lines.flatMap(readHandle)));
    const unmanaged = new Set(readBack(listing).unmanaged.map(({ handle }) => handle));
    const chains = ourChains
        .map(({ name, rules }) => {
            const entries = rules.flatMap(({ handle, comment = "" }): Entry[] => {
                const text = texts.get(handle);
                const theirs = unmanaged.has(handle) && !isOurComment(comment);
                if (!theirs) return [{ comment }];
                return text === undefined || unreadable.has(handle) ? [] : [{ text }];
            });
            return { name, entries };
        })
        .filter(({ entries }) => entries.some((entry) => "text" in entry));
    const readable = (line: string) => readHandle(line).every(([handle]) => !unreadable.has(handle));
    return { blocks: foreign.map(({ lines }) => lines.filter(readable).map(withoutHandle).join("\n")), chains };
}

/** Our rendered text with what others wrote in its old places: behind the same rules of ours. */
export function putBack(rendered: string, { blocks, chains }: UnmanagedText): string {
    const lines = chains.reduce((text, { name, entries }) => putBackInChain(text, name, entries), rendered.split("\n"));
    const open = lines.findIndex((line) => line.startsWith("table ") && line.endsWith("{"));
    return lines.toSpliced(open + 1, 0, ...blocks).join("\n");
}

function putBackInChain(lines: readonly string[], name: string, entries: readonly Entry[]): string[] {
    const result = [...lines];
    const start = result.findIndex((line) => line.trim().startsWith(`chain ${name} {`));
    if (start < 0) return result;
    // The mark's chain holds its rule in the first line; in the others the hook is the second.
    let next = name === MARK_CHAIN || isLayoutIdentifier(name) ? start + 1 : start + 2;
    const passed = new Map<string, number>();
    for (const entry of entries) {
        if ("text" in entry) {
            result.splice(next++, 0, `        ${entry.text}`);
            continue;
        }
        // Several rules can have one comment: the second of them stands behind the second.
        const count = (passed.get(entry.comment) ?? 0) + 1;
        passed.set(entry.comment, count);
        const end = result.findIndex((line, index) => index > start && line.trim() === "}");
        const same = result.flatMap((line, index) =>
            index > start && index < end && line.endsWith(` comment "${entry.comment}"`) ? [index] : [],
        );
        next = (same[count - 1] ?? next - 1) + 1;
    }
    return result;
}

/** The output chain is ours where egress is filtered, and then it begins with our base. */
function isOurChain({ name, rules }: NftChain): boolean {
    if (name === "output") return rules.some(({ comment = "" }) => isOurComment(comment));
    return name === "input" || name === MARK_CHAIN;
}

function isLayoutBlock(header: string): boolean {
    const [kind = "", name = ""] = header.split(" ");
    return ["set", "map"].includes(kind) && isLayoutIdentifier(name);
}

function ourSets(table: NftTable): string[] {
    const named = readSets(table).known.flatMap(({ identifiers }) => identifiers);
    return [...named, NO_ADDRESS, NO_PORT, NO_PACKET];
}

/** Limits, and sets of sources, of the rules that bear a key of ours. */
function ourLimits(chains: readonly NftChain[]): ReadonlySet<string> {
    const keys = chains.flatMap(({ rules }) => rules.map(({ comment = "" }) => comment.split(" ")[0]!));
    return new Set(
        keys.flatMap((key) => [
            limitIdentifier(key),
            logLimitIdentifier(key),
            sourcesIdentifier(key, 4),
            sourcesIdentifier(key, 6),
        ]),
    );
}

/** The blocks inside the table: each opens and closes one tab deep. */
function splitBlocks(text: string): Block[] {
    const blocks: { header: string; lines: string[] }[] = [];
    let open = false;
    for (const line of text.split("\n")) {
        const opening = /^\t(\S.*?) \{( # handle \d+)?$/.exec(line);
        if (!open && opening) {
            blocks.push({ header: opening[1]!, lines: [] });
            open = true;
        }
        if (open) blocks.at(-1)!.lines.push(line);
        if (line === "\t}") open = false;
    }
    return blocks;
}

const HANDLE = / # handle (\d+)$/;

function readHandle(line: string): [number, string][] {
    const found = HANDLE.exec(line);
    return found && line.startsWith("\t\t") ? [[Number(found[1]), withoutHandle(line).trim()]] : [];
}

function withoutHandle(line: string): string {
    return line.replace(HANDLE, "");
}
