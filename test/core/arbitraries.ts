import fc from "fast-check";
import {
    type AddressRange,
    BITS,
    type Family,
    formatPrefix,
    mergeRanges,
    prefixToRange,
    toPrefixes,
    wholeFamily,
} from "../../core/model/addresses";
import { referenceTo } from "../../core/model/addressSets";
import { icmpMessageName } from "../../core/model/icmpTypes";
import { normalAddresses, normalMatches, normalPorts } from "../../core/model/normalRule";
import type { KeyedRule, NamedSet, Policy } from "../../core/model/policy";
import {
    type Addresses,
    limitUnits,
    type PortList,
    type ProtocolMatch,
    rejectAnswers,
    type Rule,
    ruleStates,
    type SetReference,
} from "../../core/model/rule";
import { secondsToRefill } from "../../core/model/ruleOptions";
import type { RuleFields } from "../../core/model/ruleFields";
import { flagForms } from "../../core/model/tcpFlags";

export const families = fc.constantFrom<Family>(4, 6);

/** Addresses crowded in one corner, so that ranges meet, and at the edges, and anywhere. */
function address(family: Family): fc.Arbitrary<bigint> {
    const top = (1n << BigInt(BITS[family])) - 1n;
    const corner = 10n << BigInt(BITS[family] - 8);
    return fc.oneof(
        fc.bigInt({ min: corner, max: corner + 20n }),
        fc.bigInt({ min: 0n, max: top }),
        fc.constantFrom(0n, top),
    );
}

/** Single addresses, prefixes of any length and unaligned ranges. */
export const addressRange: fc.Arbitrary<AddressRange> = families.chain((family) => {
    const prefix = fc.tuple(address(family), fc.nat(BITS[family])).map(([start, length]) => {
        const free = BigInt(BITS[family] - length);
        return prefixToRange({ family, address: (start >> free) << free, length });
    });
    const range = fc.tuple(address(family), address(family)).map(([a, b]): AddressRange => {
        return { family, first: a < b ? a : b, last: a < b ? b : a };
    });
    return fc.oneof(prefix, range);
});

const port = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 20, max: 30 }));
const portRanges = fc.array(
    fc.tuple(port, port).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
    { minLength: 1, maxLength: 4 },
);

/** A name of the allowed form. */
export const name = fc.oneof(
    fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,8}$/),
    fc.constantFrom("x".repeat(48), "10", "port", "anywhere", "set", "constructor"),
);

export const namedSet: fc.Arbitrary<NamedSet> = fc.record({
    name,
    ranges: fc.array(addressRange, { maxLength: 5 }).map(mergeRanges),
});

function addresses(sets: readonly SetReference[]): fc.Arbitrary<Addresses> {
    const list = fc.record({
        ranges: fc.array(addressRange, { maxLength: 4 }),
        sets: fc.subarray([...sets]),
        unknown: seldom,
    });
    const everywhere = families.map((family) => ({ ranges: [wholeFamily(family)], sets: [], unknown: false }));
    const both = { ranges: [wholeFamily(4), wholeFamily(6)], sets: [], unknown: false };
    return fc
        .tuple(fc.oneof(fc.constant(both), list, everywhere), fc.option(list, { freq: 2, nil: undefined }))
        .map(([said, except]) => normalAddresses(said, except));
}

const seldom = fc.nat(9).map((n) => n === 0);

const portLists: fc.Arbitrary<PortList> = fc.record({ ranges: portRanges, unknown: seldom }).map(normalPorts);

const icmpMatch = fc.constantFrom("icmp" as const, "icmpv6" as const).chain((protocol) =>
    fc
        .uniqueArray(fc.tuple(fc.oneof(fc.nat(255), fc.constant(3)), fc.option(fc.nat(255))), { maxLength: 4 })
        .map((messages): ProtocolMatch => {
            const types = messages.map(([type, code]) =>
                icmpMessageName(protocol, { type, ...(code !== null && { code }) }),
            );
            return types.length ? { protocol, types } : { protocol };
        }),
);
const portMatch = fc.constantFrom<ProtocolMatch>({ protocol: "tcp" }, { protocol: "udp" });
const anyMatch = fc.oneof(
    portMatch,
    icmpMatch,
    fc.constant<ProtocolMatch>({ protocol: "any" }),
    fc.constantFrom(0, 2, 47, 255).map((protocol): ProtocolMatch => ({ protocol })),
);

const some = <T>(item: fc.Arbitrary<T>) => fc.option(item, { nil: undefined, freq: 3 });

/** What rules say besides, fit for a rule of this action and these protocols. */
export function optionsOf(action: Rule["action"], onlyTcp: boolean): fc.Arbitrary<Partial<Rule>> {
    const limit = fc
        .record({
            rate: fc.integer({ min: 1, max: 1_000_000 }),
            per: fc.constantFrom(...limitUnits),
            burst: fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 1, max: 7 })),
            perSource: fc.boolean(),
        })
        .filter((limit) => !limit.perSource || secondsToRefill(limit) <= 604800);
    const answers = rejectAnswers.filter((answer) => onlyTcp || answer !== "tcp-reset");
    const never = fc.constant(undefined);
    return fc
        .record({
            interfaces: some(fc.subarray(["eth0", "eth1.5", "wg*", "wg0", "ppp-x"], { minLength: 1 })),
            states: some(fc.subarray([...ruleStates], { minLength: 1 })),
            flags: onlyTcp ? some(fc.subarray([...flagForms], { minLength: 1 })) : never,
            limit: action === "accept" ? some(limit) : never,
            log: some(
                fc.oneof(fc.constant({}), fc.record({ prefix: fc.constantFrom("web: ", "x", "`%d #;{}(), '!") })),
            ),
            answer: action === "reject" ? some(fc.constantFrom(...answers)) : never,
            expires: some(fc.constantFrom("2027-01-31", "2000-02-29")),
        })
        .map((options) => {
            const said = Object.entries(options).filter(([, value]) => value !== undefined);
            return Object.fromEntries(
                said.map(([key, value]) => [key, key === "interfaces" ? [...(value as [])].sort() : value]),
            );
        });
}

/** Any rule in normal form that refers to some of these sets. */
export function ruleWith(sets: readonly SetReference[]): fc.Arbitrary<Rule> {
    const rest = fc.record({
        direction: fc.constantFrom("ingress" as const, "egress" as const),
        action: fc.constantFrom("accept" as const, "drop" as const, "reject" as const),
        priority: fc.constantFrom(1000, 1000, 0, 900, 1_000_000),
        enabled: fc.nat(5).map((n) => n > 0),
        from: addresses(sets),
        to: addresses(sets),
    });
    const portless = fc.array(anyMatch, { minLength: 1, maxLength: 4 }).map((matches) => ({
        matches,
        fromPorts: undefined,
        toPorts: undefined,
    }));
    const withPorts = fc.record({
        matches: fc.array(portMatch, { minLength: 1, maxLength: 2 }),
        fromPorts: fc.option(portLists, { nil: undefined, freq: 2 }),
        toPorts: fc.option(portLists, { nil: undefined }),
    });
    const plain = fc.tuple(rest, fc.oneof(withPorts, portless)).map(([{ from, to, ...rule }, what]) => ({
        ...rule,
        matches: normalMatches(what.matches),
        from: { addresses: from, ...(what.fromPorts && { ports: what.fromPorts }) },
        to: { addresses: to, ...(what.toPorts && { ports: what.toPorts }) },
    }));
    return plain.chain((rule) =>
        optionsOf(
            rule.action,
            rule.matches.every(({ protocol }) => protocol === "tcp"),
        ).map((options) => ({ ...rule, ...options })),
    );
}

/** Any rule in normal form, with references to sets that are only names and to sets as lines print them. */
export const rule: fc.Arbitrary<Rule> = fc
    .tuple(fc.array(namedSet.map(referenceTo), { maxLength: 2 }), fc.array(name.map((name) => ({ name }))))
    .chain(([known, named]) => ruleWith([...known, ...named]));

const rangeText = addressRange.map((range) => {
    const [only, more] = toPrefixes([range]);
    return more || !only ? rangeAsText(range) : formatPrefix(only);
});

function rangeAsText({ family, first, last }: AddressRange): string {
    const text = (address: bigint) => formatPrefix({ family, address, length: BITS[family] });
    return `${text(first)}-${text(last)}`;
}

/** One value, or a list of some. */
function oneOrMore<T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> {
    return fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 4 }));
}

const portInput = fc.oneof(
    port,
    portRanges.map(([range]) => `${range!.first}-${range!.last}`),
    portRanges.map((ranges) => ranges.map(({ first, last }) => `${first} - ${last}`).join(", ")),
);

/** Valid rule objects as users write them: unsorted, repeated, one value or lists, every field there or not. */
export const ruleFields: fc.Arbitrary<RuleFields> = fc
    .tuple(
        fc.record(
            {
                direction: fc.constantFrom("ingress", "egress"),
                action: fc.constantFrom("accept", "drop", "reject"),
                from: oneOrMore(fc.oneof(rangeText, fc.constantFrom("anywhere", "anywhere IPv6", "set office"))),
                to: oneOrMore(fc.oneof(rangeText, fc.constantFrom("anywhere IPv4", "set vpn"))),
                fromExcept: oneOrMore(fc.oneof(rangeText, fc.constantFrom("set office"))),
                toExcept: oneOrMore(rangeText),
                interface: oneOrMore(fc.constantFrom("eth0", "wg*", "br-1a")),
                state: oneOrMore(fc.constantFrom("new", "invalid", "untracked", "related")),
                log: fc.oneof(fc.boolean(), fc.constant({ prefix: "ssh: " })),
                expires: fc.constantFrom("2027-01-31"),
                priority: fc.constantFrom(0, 1000, "900"),
                description: fc.constant('the "office" and the vpn; both'),
                enabled: fc.boolean(),
            },
            { requiredKeys: [] },
        ),
        fc.oneof(
            fc.record(
                {
                    protocol: oneOrMore(fc.constantFrom("tcp", "udp", 6, "17", "protocol 17")),
                    ports: oneOrMore(portInput),
                    sourcePorts: oneOrMore(portInput),
                },
                { requiredKeys: ["protocol"] },
            ),
            fc.record(
                {
                    protocol: oneOrMore(fc.constantFrom("icmp", "icmpv6", 1, 58)),
                    icmpTypes: oneOrMore(fc.constantFrom("echo-request", "time-exceeded", 200, "8")),
                },
                { requiredKeys: ["protocol"] },
            ),
            fc.record({ protocol: oneOrMore(fc.constantFrom("any", 47, "0", "protocol 255")) }),
            fc.record({ service: oneOrMore(fc.constantFrom("ssh", "https", "www", "postgres")) }),
        ),
    )
    .map(([fields, what]) => ({ ...fields, ...what }));

const byName = (a: NamedSet, b: NamedSet) => compare([a.name], [b.name]);

/** What decides the order of rules, most important first. */
function rankOf({ key, rule }: KeyedRule, templates: readonly string[]): (string | number)[] {
    const [template] = key.split("/");
    return [templates.indexOf(template!), rule.priority, ["drop", "reject", "accept"].indexOf(rule.action), key];
}

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
    const at = a.findIndex((part, i) => part !== b[i]);
    return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
}

/** A policy in deciding order, rules enabled, with the order of its templates. */
export const policies: fc.Arbitrary<{ readonly policy: Policy; readonly templates: readonly string[] }> = fc
    .tuple(
        fc.uniqueArray(namedSet, { selector: ({ name }) => name, maxLength: 3 }),
        fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    )
    .chain(([sets, templates]) =>
        fc
            .record({
                rules: fc.uniqueArray(fc.tuple(fc.constantFrom(...templates), name, ruleWith(sets.map(referenceTo))), {
                    selector: ([template, rule]) => `${template}/${rule}`,
                    maxLength: 6,
                }),
                ingress: fc.constantFrom("accept" as const, "drop" as const),
                egress: fc.constantFrom("accept" as const, "drop" as const),
            })
            .map(({ rules, ingress, egress }) => {
                const keyed = rules.map(([template, rule, said]) => ({
                    key: `${template}/${rule}`,
                    rule: { ...said, enabled: true },
                }));
                const ordered = keyed.sort((a, b) => compare(rankOf(a, templates), rankOf(b, templates)));
                return {
                    policy: { rules: ordered, sets: sets.sort(byName), defaults: { ingress, egress } },
                    templates,
                };
            }),
    );
