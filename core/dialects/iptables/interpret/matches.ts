import { difference } from "../../../analysis/addressAlgebra";
import { allBut, type Constraint, type Interval, mergeIntervals, NEVER, oneValue } from "../../../analysis/constraints";
import type { Interfaces } from "../../../analysis/interfaces";
import { type ConditionLevels, LEVEL, STATES } from "../../../analysis/packetFields";
import { type AddressRange, type Family, wholeFamily } from "../../../model/addresses";
import { parseAddressRange } from "../../../model/parseAddress";
import { flagsOf, messageOf, numberOf, portsOf, protocolOf, rateOf } from "./numbers";
import type { Option, Rule } from "./readSave";

/** Where a rule is read. */
export interface Around {
    readonly family: Family;
    readonly hook: "INPUT" | "OUTPUT";
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

/** Options that say nothing of packets, or name the module of those that follow. */
const SILENT = new Set(["-m", "--comment", "-c"]);

export function readRule(rule: Rule, around: Around): ReadRule {
    const constraints: Constraint[] = [];
    const strange: string[] = [];
    const limited = limitOf(rule);
    let target: ReadRule["target"];
    rule.forEach((option, index) => {
        if (target) return;
        const { name, values, not } = option;
        if (name === "-j" || name === "-g")
            target = { name: values[0] ?? "", goto: name === "-g", options: rule.slice(index + 1) };
        else if (!SILENT.has(name) && !limited?.options.has(name)) {
            const found = matchOf(option, around);
            if (found) constraints.push(...found);
            else strange.push(`${not ? "! " : ""}${name} ${values.join(" ")}`);
        }
    });
    if (limited) constraints.push(oneValue(around.conditions(limited.name), limited.over ? 0 : 1));
    // One condition for all of it: it matches or it does not.
    if (strange.length > 0) constraints.push(oneValue(around.conditions(strange.join(" ")), 1));
    return { constraints, exact: strange.length === 0, ...(target && { target }) };
}

/** What has to hold for one option; undefined where it is not understood. */
function matchOf({ name, values, not }: Option, around: Around): readonly Constraint[] | undefined {
    const [value = "", more] = values;
    const among = (level: number, intervals: readonly (Interval | undefined)[]): readonly Constraint[] | undefined => {
        if (intervals.length === 0 || intervals.includes(undefined)) return undefined;
        const merged = mergeIntervals(intervals as Interval[]);
        return [{ kind: "values", level, intervals: not ? allBut(level, merged) : merged }];
    };
    const number = (found: number | undefined): Interval | undefined =>
        found === undefined ? undefined : { first: found, last: found };
    switch (name) {
        case "-p":
            return value === "all" || value === "0"
                ? not
                    ? [NEVER]
                    : []
                : among(LEVEL.protocol, [number(protocolOf(value))]);
        case "-s":
        case "-d":
            return addresses(value, name === "-s", not, around);
        case "--src-range":
        case "--dst-range":
            return addresses(value.replace("-", " - "), name === "--src-range", not, around);
        case "-i":
        case "-o":
            return interfaces(value, name === "-i", not, around);
        case "--sport":
            return among(LEVEL.sourcePort, [portsOf(value)]);
        case "--dport":
            return among(LEVEL.destinationPort, [portsOf(value)]);
        case "--sports":
            return among(LEVEL.sourcePort, value.split(",").map(portsOf));
        case "--dports":
            return among(LEVEL.destinationPort, value.split(",").map(portsOf));
        case "--tcp-flags":
            return flags(value, more ?? "", not);
        case "--icmp-type":
        case "--icmpv6-type":
            return message(value, not, name === "--icmp-type");
        case "--ctstate":
        case "--state":
            return among(
                LEVEL.state,
                value.split(",").map((word) => {
                    const state = STATES.findIndex((known) => known.toUpperCase() === word);
                    return state < 0 ? undefined : { first: state, last: state };
                }),
            );
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

function addresses(text: string, isSource: boolean, not: boolean, { family, hook }: Around): Constraint[] | undefined {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed || parsed.range.family !== family) return undefined;
    const ranges: AddressRange[] = [parsed.range];
    const level = isSource === (hook === "INPUT") ? LEVEL.far : LEVEL.own;
    return [{ kind: "addresses", level, family, ranges: not ? difference([wholeFamily(family)], ranges) : ranges }];
}

/** By the other side of the host comes nothing here. */
function interfaces(value: string, arriving: boolean, not: boolean, around: Around): Constraint[] {
    const pattern = value.replace(/\+$/, "*");
    if (arriving !== (around.hook === "INPUT")) return not || pattern === "*" ? [] : [NEVER];
    const found = around.interfaces.valuesOf(pattern).map((each) => ({ first: each, last: each }));
    const merged = mergeIntervals(found);
    return [{ kind: "values", level: LEVEL.interface, intervals: not ? allBut(LEVEL.interface, merged) : merged }];
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
function message(value: string, not: boolean, isIcmp: boolean): Constraint[] | undefined {
    if (value === "any" || (isIcmp && value === "255")) return not ? [NEVER] : [];
    const found = messageOf(value);
    if (!found || (not && found.code !== undefined)) return undefined;
    const only = [{ first: found.type, last: found.type }];
    const type: Constraint = {
        kind: "values",
        level: LEVEL.detail,
        intervals: not ? allBut(LEVEL.detail, only) : only,
    };
    return found.code === undefined ? [type] : [type, oneValue(LEVEL.icmpCode, found.code)];
}

interface ReadLimit {
    /** As rules of the model say it: `limit 10/second burst 5 per source`. */
    readonly name: string;
    readonly over: boolean;
    /** The options that said it. */
    readonly options: ReadonlySet<string>;
}

const LIMIT = new Set(["--limit", "--limit-burst"]);
const HASHLIMIT = new Set([
    ...["--hashlimit-upto", "--hashlimit-above", "--hashlimit-burst", "--hashlimit-mode", "--hashlimit-name"],
    ...["--hashlimit-srcmask", "--hashlimit-htable-size", "--hashlimit-htable-max", "--hashlimit-htable-expire"],
    ...["--hashlimit-htable-gcinterval"],
]);

/** The limit of a rule, where it is one in all or one for each source (IPv6: each /64). */
function limitOf(rule: Rule): ReadLimit | undefined {
    const said = (name: string) => rule.find((option) => option.name === name)?.values[0];
    const plain = said("--limit");
    if (plain !== undefined) {
        const rate = rateOf(plain);
        return rate
            ? { name: `limit ${rate} burst ${said("--limit-burst") ?? "5"}`, over: false, options: LIMIT }
            : undefined;
    }
    const [upto, above] = [said("--hashlimit-upto"), said("--hashlimit-above")];
    const rate = rateOf(upto ?? above ?? "");
    const mode = said("--hashlimit-mode");
    const mask = said("--hashlimit-srcmask");
    if (!rate || (mode !== undefined && mode !== "srcip") || (mask !== undefined && mask !== "64")) return undefined;
    const perSource = mode === undefined ? "" : " per source";
    const name = `limit ${rate} burst ${said("--hashlimit-burst") ?? "5"}${perSource}`;
    return { name, over: upto === undefined, options: HASHLIMIT };
}
