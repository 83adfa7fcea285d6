import type { AddressRange, Family } from "../../model/addresses";
import type { IcmpMessage } from "../../model/icmpTypes";
import { mergePorts, type PortRange } from "../../model/ports";
import type { Direction } from "../../model/rule";
import type { AddressMatch, Match } from "./line";
import type { ListedSet, ListedSets } from "./listing";
import { protocolNumber } from "./protocolNumbers";
import { readPrefix, readRange } from "./readAddress";
import type { Draft } from "./readLine";

export interface Option {
    readonly option: string;
    /** The two words behind it. */
    readonly values: readonly string[];
    readonly negated: boolean;
    readonly family: Family;
    readonly direction: Direction;
    readonly sets: ListedSets;
}

/**
 * Reads an option of a match into the draft and says how many words behind it belong to it; undefined where it is not
 * understood, or says something a second time.
 */
export function readMatchOption(draft: Draft, option: Option): number | undefined {
    const [value, more] = option.values;
    if (value === undefined) return undefined;
    if (option.option === "--comment" && !option.negated) {
        draft.comments.push(value);
        return 1;
    }
    if (/^--(hash)?limit/.test(option.option) && !option.negated) {
        if (draft.limits.has(option.option)) return undefined;
        draft.limits.set(option.option, value);
        return 1;
    }
    const read = readMatch(value, more, option);
    if (!read) return undefined;
    for (const key of Object.keys(read)) if (key in draft) return undefined;
    Object.assign(draft, read);
    return option.option === "--tcp-flags" || option.option === "--match-set" ? 2 : 1;
}

/** The one field that an option says, or none for one that says nothing. */
function readMatch(
    value: string,
    more: string | undefined,
    { option, negated, family, direction, sets }: Option,
): Partial<Match> | undefined {
    switch (option) {
        case "-s":
        case "-d":
            return addresses(option === "-s", readPrefix(value, family), negated);
        case "--src-range":
        case "--dst-range":
            return addresses(option === "--src-range", readRange(value, family), negated);
        case "--tcp-flags": {
            const [mask, bits] = [readFlags(value), readFlags(more ?? "")];
            return mask === undefined || bits === undefined ? undefined : { flags: { mask, value: bits, negated } };
        }
    }
    if (negated) return undefined;
    switch (option) {
        case "--match-set":
            return members(more, sets.get(value));
        case direction === "ingress" ? "-i" : "-o":
            // Here a star is a plain character.
            return value.includes("*") ? undefined : { interface: value.replace(/\+$/, "*") };
        case "-p": {
            const protocol = protocolNumber(value);
            return value === "all" || protocol === 0 ? {} : protocol === undefined ? undefined : { protocol };
        }
        case "--sport":
        case "--sports": {
            const sourcePorts = readPorts(value);
            return sourcePorts && { sourcePorts };
        }
        case "--dport":
        case "--dports": {
            const destinationPorts = readPorts(value);
            return destinationPorts && { destinationPorts };
        }
        case family === 4 ? "--icmp-type" : "--icmpv6-type": {
            // The programs' own number for every type, of ICMP alone.
            if (family === 4 && (value === "any" || value === "255")) return {};
            const icmp = readMessage(value);
            return icmp && { icmp };
        }
        case "--ctstate":
        case "--state":
            return /^[A-Z]+(,[A-Z]+)*$/.test(value) ? { states: [...new Set(value.split(","))].sort() } : undefined;
        case "--hl-eq":
            return readNumber(value, 255) === undefined ? undefined : { hopLimit: Number(value) };
        default:
            return undefined;
    }
}

function addresses(isSource: boolean, range: AddressRange | undefined, negated: boolean) {
    return range && atEnd(isSource, { ranges: [range], negated });
}

/** A set that holds nothing matches nothing, which no rule says. */
function members(end: string | undefined, found: ListedSet | undefined) {
    if (!found || found.ranges.length === 0 || (end !== "src" && end !== "dst")) return undefined;
    return atEnd(end === "src", { ...found, negated: false });
}

function atEnd(isSource: boolean, match: AddressMatch): Partial<Match> {
    return isSource ? { source: match } : { destination: match };
}

function readNumber(text: string, last: number): number | undefined {
    return /^\d{1,5}$/.test(text) && Number(text) <= last ? Number(text) : undefined;
}

/** `22`, `1024:65535`, and several of them in a list. */
function readPorts(text: string): PortRange[] | undefined {
    const ranges: PortRange[] = [];
    for (const item of text.split(",")) {
        const [first = "", last = first, ...more] = item.split(":");
        const [from, to] = [readNumber(first, 65535), readNumber(last, 65535)];
        if (from === undefined || to === undefined || from > to || more.length > 0) return undefined;
        ranges.push({ first: from, last: to });
    }
    return mergePorts(ranges);
}

const FLAGS: ReadonlyMap<string, number> = new Map(
    Object.entries({ FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ALL: 63, NONE: 0 }),
);

function readFlags(text: string): number | undefined {
    const bits = text.split(",").map((name) => FLAGS.get(name));
    return bits.reduce<number | undefined>(
        (sum, bit) => (sum === undefined || bit === undefined ? undefined : sum | bit),
        0,
    );
}

/** `3`, `3/4`. */
function readMessage(text: string): IcmpMessage | undefined {
    const [typeText = "", codeText, ...more] = text.split("/");
    const type = readNumber(typeText, 255);
    const code = codeText === undefined ? undefined : readNumber(codeText, 255);
    if (type === undefined || more.length > 0 || (codeText !== undefined && code === undefined)) return undefined;
    return { type, ...(code !== undefined && { code }) };
}
