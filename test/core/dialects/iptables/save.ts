import { iptables } from "../../../../core/dialects/iptables";
import { joinFamilies, splitFamilies, type Texts } from "../../../../core/dialects/iptables/families";
import { digestOf } from "../../../../core/dialects/digest";
import { renderFamilies } from "../../../../core/dialects/iptables/render";
import { formatMark } from "../../../../core/dialects/mark";
import type { Policy } from "../../../../core/model/policy";
import { ownership } from "../nftables/policies";

const BUILT_IN = {
    filter: ["INPUT", "FORWARD", "OUTPUT"],
    mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
} as const;

/** As it is loaded, with sets for lists that are longer than `mostWrittenOut`. */
export function renderedWithSets(policy: Policy, mostWrittenOut: number): string {
    const mark = formatMark({ ...ownership, digest: digestOf(policy) });
    return joinFamilies(renderFamilies(policy, mark, { ipset: true, mostWrittenOut }));
}

/** What a host without rules of others would list of a policy, if the programs printed what they are given. */
export function saveOf(policy: Policy, rendered = iptables.render(policy, ownership)): string {
    const { 4: ipv4, 6: ipv6 } = splitFamilies(rendered);
    return joinFamilies({ 4: asSaved(ipv4), 6: asSaved(ipv6) });
}

function asSaved(rendered: string): string {
    const sets = rendered.slice(0, rendered.indexOf("*filter"));
    const tables = [...rendered.matchAll(/\*(filter|mangle)\n([^]*?)^COMMIT$/gm)].map(([, table, text]) =>
        tableAsSaved(table as keyof typeof BUILT_IN, text!),
    );
    return [sets, ...tables].join("");
}

function tableAsSaved(table: keyof typeof BUILT_IN, rendered: string): string {
    const lines = rendered.split("\n");
    const jumps = lines.flatMap((line) => (line.startsWith("-I ") ? [line.replace(/^-I (\S+) 1 /, "-A $1 ")] : []));
    const chains = lines.filter((line) => line.startsWith(":"));
    const rules = lines.filter((line) => line.startsWith("-A "));
    const builtIn = BUILT_IN[table].map((name) => `:${name} ACCEPT [0:0]`);
    return [`*${table}`, ...builtIn, ...chains, ...jumps, ...rules, "COMMIT", ""].join("\n");
}

export type Edit = (lines: string[]) => string[];

/** The listing with the lines of a family changed, or of both. */
export function edited(listing: string, family: 4 | 6 | "both", edit: Edit): string {
    const texts = splitFamilies(listing);
    const of = (each: 4 | 6) => {
        const text = family === each || family === "both" ? edit(texts[each].split("\n")).join("\n") : texts[each];
        return text.endsWith("\n") ? text : `${text}\n`;
    };
    return joinFamilies({ 4: of(4), 6: of(6) } as Texts);
}

/** Puts lines before the first that has this text in it. */
export function before(text: string, ...added: string[]): Edit {
    return (lines) => lines.toSpliced(indexOf(lines, text), 0, ...added);
}

/** Puts lines behind the first that has this text in it. */
export function behind(text: string, ...added: string[]): Edit {
    return (lines) => lines.toSpliced(indexOf(lines, text) + 1, 0, ...added);
}

/** Takes the first line away that has this text in it. */
export function without(text: string): Edit {
    return (lines) => lines.toSpliced(indexOf(lines, text), 1);
}

/** Changes the first line that has this text in it. */
export function changed(text: string, to: (line: string) => string): Edit {
    return (lines) => lines.with(indexOf(lines, text), to(lines[indexOf(lines, text)]!));
}

function indexOf(lines: readonly string[], text: string): number {
    const index = lines.findIndex((line) => line.includes(text));
    if (index < 0) throw new Error(`no line has ${text}`);
    return index;
}
