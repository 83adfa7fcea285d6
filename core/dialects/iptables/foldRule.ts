import { difference } from "../../analysis/addressAlgebra";
import { wholeFamily } from "../../model/addresses";
import { icmpMessageName } from "../../model/icmpTypes";
import { inOrderOf, normalMatches, normalPorts } from "../../model/normalRule";
import type { PortRange } from "../../model/ports";
import {
    DEFAULT_PRIORITY,
    type Direction,
    type Peer,
    type ProtocolMatch,
    type Rule,
    type RuleState,
    ruleStates,
} from "../../model/rule";
import { parseInterface } from "../../model/ruleOptions";
import { FLAG_FORMS, type FlagForm, flagForms } from "../../model/tcpFlags";
import { foldAddresses } from "./foldAddresses";
import { foldLimit, isLogLimit } from "./foldLimit";
import { addressWords, type Line, type Match } from "./line";
import { type FamilyLines, isWrittenAs } from "./writtenLines";

/**
 * The one rule under this key that these lines say together, or undefined if there is none: it must be rendered as exactly
 * these lines, so that a mistake here could only find fewer rules.
 */
export function foldRule(lines: FamilyLines, direction: Direction, key: string): Rule | undefined {
    const rule = combine(lines, direction, key);
    return rule && isWrittenAs(lines, { key, rule }, []) ? rule : undefined;
}

/** The rule of a model that lines of others say, one in each family or in one of them. */
export function foldForeign(lines: FamilyLines, direction: Direction): Rule | undefined {
    const ours = { 4: lines[4].map(asOurs), 6: lines[6].map(asOurs) };
    const rule = combine(ours, direction, ANY_KEY);
    const positive = { 4: ours[4].flatMap(withoutNegations), 6: ours[6].flatMap(withoutNegations) };
    return rule && isWrittenAs(positive, { key: ANY_KEY, rule }, []) ? rule : undefined;
}

/** Nothing of a rule without limit and log follows from its key. */
const ANY_KEY = "a/a";

/** What accepts here goes on behind our chain or not: to the model it is accepted. Port 0 goes with port 1. */
function asOurs({ match, target }: Line): Line {
    const named = (ports: readonly PortRange[]) =>
        ports.map(({ first, last }) => ({ first: last > 0 ? Math.max(first, 1) : first, last }));
    return {
        ...(match && {
            match: {
                ...match,
                ...(match.sourcePorts && { sourcePorts: named(match.sourcePorts) }),
                ...(match.destinationPorts && { destinationPorts: named(match.destinationPorts) }),
            },
        }),
        ...(target && { target: target.kind === "accept" ? { kind: "return" } : target }),
    };
}

/** The same said without `!`. */
function withoutNegations(line: Line): Line[] {
    const negated = (["source", "destination"] as const).find((end) => line.match?.[end]?.negated);
    if (!negated) return [line];
    const { ranges } = line.match![negated]!;
    return difference([wholeFamily(ranges[0]!.family)], ranges).flatMap((other) =>
        withoutNegations({ ...line, match: { ...line.match, [negated]: { ranges: [other], negated: false } } }),
    );
}

function combine(lines: FamilyLines, direction: Direction, key: string): Rule | undefined {
    const all = [...lines[4], ...lines[6]];
    const logs = all.filter(({ target }) => target?.kind === "log");
    const acting = all.filter(({ target }) => target?.kind !== "log");
    const target = acting[0]?.target;
    if (!target || (target.kind !== "return" && target.kind !== "drop" && target.kind !== "reject")) return undefined;
    if (all.some(({ match }) => !match || match.hopLimit !== undefined)) return undefined;
    const deciding = { 4: decidingIn(lines[4]), 6: decidingIn(lines[6]) };
    if (!isEveryCombination(deciding[4]) || !isEveryCombination(deciding[6])) return undefined;
    const matches = acting.map(({ match }) => match!);
    const first = matches[0]!;
    const protocols = readProtocols(matches);
    const interfaces = [...new Set(matches.flatMap((match) => match.interface ?? []))].sort();
    const states = first.states?.filter((state): state is Uppercase<RuleState> => STATES.has(state));
    const flags = matches.flatMap((match) => (match.flags ? [flagForm(match.flags)] : []));
    const limit = first.limit && foldLimit(first.limit, key);
    const log = logs[0]?.target;
    const ends = protocols && foldAddresses(deciding, protocols, direction);
    if (
        !ends ||
        flags.includes(undefined) ||
        states?.length !== first.states?.length ||
        matches.some(({ ownLimit }) => ownLimit) ||
        logs.some(({ match }) => !isLogLimit(match?.ownLimit)) ||
        (first.limit && !limit) ||
        interfaces.some((name) => "problem" in parseInterface(name))
    )
        return undefined;
    return {
        direction,
        action: target.kind === "return" ? "accept" : target.kind,
        matches: protocols,
        from: peer(ends.from, matches, "sourcePorts"),
        to: peer(ends.to, matches, "destinationPorts"),
        ...(interfaces.length > 0 && { interfaces }),
        ...(states && {
            states: inOrderOf(
                ruleStates,
                states.map((state) => STATES.get(state)!),
            ),
        }),
        ...(flags.length > 0 && { flags: inOrderOf(flagForms, flags as FlagForm[]) }),
        ...(limit && { limit }),
        ...(log?.kind === "log" && { log: log.prefix === `${key}: `.slice(0, 29) ? {} : { prefix: log.prefix } }),
        ...(target.kind === "reject" && target.answer && { answer: target.answer }),
        priority: DEFAULT_PRIORITY,
        enabled: true,
    };
}

function decidingIn(lines: readonly Line[]): Match[] {
    return lines.filter(({ target }) => target?.kind !== "log").map(({ match }) => match!);
}

/** As many lines as combinations: else a rule would be rendered as more of them, perhaps very many more. */
function isEveryCombination(matches: readonly Match[]): boolean {
    const dimensions: ((match: Match) => unknown)[] = [
        (match) => match.interface,
        ({ source }) => source && addressWords(source),
        ({ destination }) => destination && addressWords(destination),
        ({ protocol, icmp }) => `${protocol} ${icmp?.type} ${icmp?.code}`,
        ({ flags }) => flags && `${flags.mask} ${flags.value} ${flags.negated}`,
        ({ sourcePorts }) => sourcePorts && portWords(sourcePorts),
        ({ destinationPorts }) => destinationPorts && portWords(destinationPorts),
    ];
    const sizes = dimensions.map((valueOf) => new Set(matches.map(valueOf)).size);
    return matches.length === 0 || sizes.reduce((product, size) => product * size, 1) === matches.length;
}

function portWords(ports: readonly PortRange[]): string {
    return ports.map(({ first, last }) => `${first}-${last}`).join();
}

const STATES: ReadonlyMap<string, RuleState> = new Map(ruleStates.map((state) => [state.toUpperCase(), state]));

function flagForm({ mask, value, negated }: NonNullable<Match["flags"]>): FlagForm | undefined {
    return flagForms.find((each) => {
        const form = FLAG_FORMS[each];
        return form.mask === mask && form.value === value && "negated" in form === negated;
    });
}

const NAMES: ReadonlyMap<number, ProtocolMatch["protocol"]> = new Map([
    [1, "icmp"],
    [6, "tcp"],
    [17, "udp"],
    [58, "icmpv6"],
]);

/** Undefined where ports or flags are said of protocols that have none in the model. */
function readProtocols(matches: readonly Match[]): ProtocolMatch[] | undefined {
    const types = new Map<ProtocolMatch["protocol"], Set<string> | undefined>();
    for (const { protocol: number, icmp, sourcePorts, destinationPorts, flags } of matches) {
        const protocol = number === undefined ? "any" : (NAMES.get(number) ?? number);
        if ((sourcePorts ?? destinationPorts) && protocol !== "tcp" && protocol !== "udp") return undefined;
        if (flags && protocol !== "tcp") return undefined;
        if (icmp && (protocol === "icmp" || protocol === "icmpv6")) {
            const before = types.has(protocol) ? types.get(protocol) : new Set<string>();
            before?.add(icmpMessageName(protocol, icmp));
            types.set(protocol, before);
        } else types.set(protocol, undefined);
    }
    return normalMatches([...types].map(([protocol, said]) => ({ protocol, ...(said && { types: [...said] }) })));
}

function peer(addresses: Peer["addresses"], matches: readonly Match[], end: "sourcePorts" | "destinationPorts"): Peer {
    const ranges = matches.flatMap((match) => match[end] ?? []);
    return ranges.length === 0 ? { addresses } : { addresses, ports: normalPorts({ ranges, unknown: false }) };
}
