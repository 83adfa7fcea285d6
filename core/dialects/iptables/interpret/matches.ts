import { difference } from "../../../analysis/addressAlgebra";
import {
    allBut,
    type Constraint,
    firstOf,
    type Interval,
    mergeIntervals,
    NEVER,
    oneValue,
    whereAll,
} from "../../../analysis/constraints";
import type { Diagrams } from "../../../analysis/diagram";
import type { Interfaces } from "../../../analysis/interfaces";
import { type ConditionLevels, LEVEL, STATES } from "../../../analysis/packetFields";
import { type AddressRange, type Family, wholeFamily } from "../../../model/addresses";
import { limitOf } from "./limits";
import { type Group, groupsOf, isOptionOf, isUnderstood } from "./modules";
import { addressesOf, flagsOf, messageOf, numberOf, portsOf, protocolOf } from "./numbers";
import type { Option, Rule } from "./readSave";

/** Where the chain stands. Of what is forwarded, the destination is what the connection asked for at first. */
export type Hook = "INPUT" | "OUTPUT" | "FORWARD";

/** Where a rule is read. */
export interface Around {
    readonly family: Family;
    readonly hook: Hook;
    readonly diagrams: Diagrams;
    readonly interfaces: Interfaces;
    readonly conditions: ConditionLevels;
}

/** What a rule does with what it matches, and what that takes. */
export interface ReadRule {
    readonly constraints: readonly Constraint[];
    /** Its target or jump and what belongs to that; absent: it only counts. */
    readonly target?: { readonly name: string; readonly goto: boolean; readonly options: readonly Option[] };
    /** Some match of it is not understood. */
    readonly exact: boolean;
}

export function readRule(rule: Rule, around: Around): ReadRule {
    const at = rule.findIndex(({ name }) => name === "-j" || name === "-g");
    const matches = at < 0 ? rule : rule.slice(0, at);
    const protocol = onlyProtocol(matches);
    const groups = groupsOf(matches).map((group) => readGroup(group, protocol, around));
    const strange = groups.flatMap((group) => group.strange);
    const constraints = groups.flatMap((group) => group.constraints);
    // One condition for all of it: it matches or it does not.
    if (strange.length > 0) constraints.push(oneValue(around.conditions(strange.join(" ")), 1));
    const { name, values } = rule[at] ?? { name: "", values: [] };
    const target = { name: values[0] ?? "", goto: name === "-g", options: rule.slice(at + 1) };
    return { constraints, exact: strange.length === 0, ...(at >= 0 && { target }) };
}

/** The one that a rule is about. */
function onlyProtocol(options: readonly Option[]): number | undefined {
    const [named, ...more] = options.filter(({ name }) => name === "-p");
    if (!named || named.not || named.values.length !== 1 || more.length > 0) return undefined;
    return protocolOf(named.values[0]!);
}

interface ReadGroup {
    readonly constraints: Constraint[];
    /** What is not understood, in the program's own words. */
    readonly strange: string[];
}

function readGroup(group: Group, protocol: number | undefined, around: Around): ReadGroup {
    const { module, options } = group;
    const whole = (): ReadGroup => ({
        constraints: [],
        strange: [...(module ? [`-m ${module}`] : []), ...options.map(wordsOf)],
    });
    if (!isUnderstood(group, protocol)) return whole();
    if (module === "limit" || module === "hashlimit") {
        const limit = options.every((option) => isOptionOf(module, option, protocol))
            ? limitOf(options, around)
            : undefined;
        return limit ? { constraints: [limit], strange: [] } : whole();
    }
    const read: ReadGroup = { constraints: [], strange: [] };
    for (const option of options) {
        const found = isOptionOf(module, option, protocol) ? matchOf(option, around) : undefined;
        if (found) read.constraints.push(...found);
        else read.strange.push(wordsOf(option));
    }
    return read;
}

function wordsOf({ name, values, not }: Option): string {
    return `${not ? "! " : ""}${[name, ...values].join(" ")}`;
}

/** What has to hold for one option; undefined where it is not understood. */
function matchOf({ name, values, not, members }: Option, around: Around): readonly Constraint[] | undefined {
    const [value = "", more = ""] = values;
    const [source, destination] =
        around.hook === "OUTPUT" ? ([LEVEL.own, LEVEL.far] as const) : ([LEVEL.far, LEVEL.own] as const);
    const asked = DESTINATION[around.hook === "FORWARD" ? "forwarded" : "local"];
    if (asked.addresses.includes(name)) return addresses(value, destination, not, around);
    const ports = (level: number, text: string) => among(level, text.split(",").map(portsOf), not);
    if (asked.ports.includes(name)) return ports(LEVEL.destinationPort, value);
    switch (name) {
        case "--comment":
            return [];
        case "-p":
            return protocolConstraints(value, not);
        case "-s":
        case "--src-range":
            return addresses(value, source, not, around);
        case "--match-set":
            if (more === "src") return inSet(members, source, not, around);
            // Where a packet is forwarded to by now is no field of it.
            return more === "dst" && around.hook !== "FORWARD" ? inSet(members, destination, not, around) : undefined;
        case "-i":
        case "-o":
            return interfaces(value, name === "-i", not, around);
        case "--sport":
        case "--sports":
            return ports(LEVEL.sourcePort, value);
        case "--tcp-flags":
            return flags(value, more, not);
        case "--icmp-type":
        case "--icmpv6-type":
            return message(value, not, name === "--icmp-type");
        case "--ctstate":
        case "--state":
            return states(value, not, around);
        case "--hl-eq":
        case "--ttl-eq": {
            const limit = numberOf(value, 255);
            if (limit === undefined) return undefined;
            const words = name === "--hl-eq" ? `ip6 hoplimit ${limit}` : `ip ttl ${limit}`;
            return [oneValue(around.conditions(words), not ? 0 : 1)];
        }
        default:
            return undefined;
    }
}

/** Of what is forwarded, the destination by now is no field of a packet, but the one that was asked for is. */
const DESTINATION: Readonly<
    Record<"local" | "forwarded", { readonly addresses: readonly string[]; readonly ports: readonly string[] }>
> = {
    local: { addresses: ["-d", "--dst-range"], ports: ["--dport", "--dports"] },
    forwarded: { addresses: ["--ctorigdst"], ports: ["--ctorigdstport"] },
};

/** Undefined where one of them could not be read. */
function among(
    level: number,
    intervals: readonly (Interval | undefined)[],
    not: boolean,
): readonly Constraint[] | undefined {
    const known = intervals.filter((interval) => interval !== undefined);
    if (known.length < intervals.length) return undefined;
    const merged = mergeIntervals(known);
    return [{ kind: "values", level, intervals: not ? allBut(level, merged) : merged }];
}

function only(value: number | undefined): Interval | undefined {
    return value === undefined ? undefined : { first: value, last: value };
}

function protocolConstraints(value: string, not: boolean): readonly Constraint[] | undefined {
    const protocol = value === "all" ? 0 : protocolOf(value);
    if (protocol === 0) return not ? [NEVER] : [];
    return among(LEVEL.protocol, [only(protocol)], not);
}

function addresses(
    text: string,
    level: typeof LEVEL.own | typeof LEVEL.far,
    not: boolean,
    { family }: Around,
): Constraint[] | undefined {
    const range = addressesOf(text);
    return inSet(range && [range], level, not, { family });
}

function inSet(
    ranges: readonly AddressRange[] | undefined,
    level: typeof LEVEL.own | typeof LEVEL.far,
    not: boolean,
    { family }: Pick<Around, "family">,
): Constraint[] | undefined {
    if (!ranges?.every((range) => range.family === family)) return undefined;
    return [{ kind: "addresses", level, family, ranges: not ? difference([wholeFamily(family)], ranges) : ranges }];
}

/** What comes in goes out nowhere, and the other way round; where something forwarded leaves is no field of a packet. */
function interfaces(value: string, arriving: boolean, not: boolean, around: Around): Constraint[] | undefined {
    const pattern = interfacePattern(value);
    if (pattern === undefined) return undefined;
    if (pattern === "*") return not ? [NEVER] : [];
    if (around.hook === "FORWARD" && !arriving) return [oneValue(around.conditions(`-o ${pattern}`), not ? 0 : 1)];
    if (arriving === (around.hook === "OUTPUT")) return not ? [] : [NEVER];
    const found = around.interfaces.valuesOf(pattern).map((each) => ({ first: each, last: each }));
    const merged = mergeIntervals(found);
    return [{ kind: "values", level: LEVEL.interface, intervals: not ? allBut(LEVEL.interface, merged) : merged }];
}

/** `wg*` for `wg+`. To these programs a star is a plain character, which no model's name has. */
export function interfacePattern(value: string): string | undefined {
    return value === "" || value.includes("*") ? undefined : value.replace(/\+$/, "*");
}

/** What connection tracking says beside the states, as nft calls it. */
const TRANSLATED: ReadonlyMap<string, string> = new Map([
    ["DNAT", "ct status dnat"],
    ["SNAT", "ct status snat"],
]);

/** A list of both is met by either. */
function states(value: string, not: boolean, { diagrams, conditions }: Around): readonly Constraint[] | undefined {
    const words = value.split(",");
    const translated = words.flatMap((word) => TRANSLATED.get(word) ?? []);
    const plain = words.filter((word) => !TRANSLATED.has(word));
    const numbers = plain.map((word) => STATES.findIndex((known) => known.toUpperCase() === word));
    if (numbers.includes(-1)) return undefined;
    const state = among(LEVEL.state, numbers.map(only), not)!;
    if (translated.length === 0) return state;
    const said = translated.map((name) => oneValue(conditions(name), not ? 0 : 1));
    // None of them, or one of them.
    if (not) return plain.length > 0 ? [...state, ...said] : said;
    const each = [...(plain.length > 0 ? state : []), ...said].map((one) => whereAll(diagrams, [one], 1));
    return [{ kind: "packets", packets: firstOf(diagrams, each) }];
}

function flags(maskWord: string, valueWord: string, not: boolean): Constraint[] | undefined {
    const [mask, value] = [flagsOf(maskWord), flagsOf(valueWord)];
    if (mask === undefined || value === undefined) return undefined;
    const intervals: Interval[] = [];
    for (let byte = 0; byte < 256; byte++)
        if (((byte & mask) === value) !== not) intervals.push({ first: byte, last: byte });
    return [{ kind: "values", level: LEVEL.detail, intervals: mergeIntervals(intervals) }];
}

/** 255 is any type of ICMP, whatever code goes with it. */
function message(value: string, not: boolean, isIcmp: boolean): readonly Constraint[] | undefined {
    const found = messageOf(value);
    if (isIcmp && (value === "any" || found?.type === 255)) return not ? [NEVER] : [];
    if (!found || (not && found.code !== undefined)) return undefined;
    const type = among(LEVEL.detail, [only(found.type)], not)!;
    return found.code === undefined ? type : [...type, oneValue(LEVEL.icmpCode, found.code)];
}
