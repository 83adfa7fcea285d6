import type * as pulumi from "@pulumi/pulumi";
import type { RejectAnswer, RuleState } from "../core/model/rule";
import type { Service } from "../core/model/service";
import type { FlagForm } from "../core/model/tcpFlags";
import { type AddressEntry, AddressSet } from "./addressSet";
import { isLater, rawValue } from "./rawValue";

/**
 * Where packets come from or go to: an address (`"192.0.2.1"`), a prefix (`"2001:db8::/32"`), a range
 * (`"192.0.2.1-192.0.2.9"`), an `AddressSet`, `"set <name>"`, `"anywhere"`, an `Output` of one of these texts or of
 * several, or a `HostFirewall`: all of its addresses. Servers that name each other stand in a function, `() => webServers`.
 */
export type Address = AddressEntry | AddressSet;

/** One rule: who may send what. Two rules never depend on which of them is written first. */
export interface RuleArgs {
    /**
     * Seen from the server: `ingress` packets arrive, `egress` packets leave.
     * @default "ingress"
     */
    direction?: pulumi.Input<"ingress" | "egress">;
    /**
     * `drop` discards silently, `reject` answers that it did. Both win over `accept`, unless `priority` says otherwise.
     * @default "accept"
     */
    action?: pulumi.Input<"accept" | "drop" | "reject">;
    /**
     * `tcp`, `udp`, `icmp` (IPv4), `icmpv6`, `any`, or a protocol number (IANA, 0 to 255), or several.
     * Not together with `service`.
     * @default "any"
     * @example ["tcp", "udp"]
     */
    protocol?: pulumi.Input<string | number> | pulumi.Input<string | number>[];
    /**
     * Names of the catalogue (docs/services.md) and services of `defineService`, which say protocol and ports. Several
     * must have the same protocols.
     * Errors: VF008 unknown name, VF015 different protocols, VF019 together with protocol or ports.
     * @example ["http", "https"]
     */
    service?: pulumi.Input<string | Service> | pulumi.Input<string | Service>[];
    /**
     * Source addresses. Leaving it out is how one says anywhere; given but empty is an error (VF010).
     * @default anywhere, both families
     * @example "198.51.100.0/24"
     * @example [web1, web2, office]
     */
    from?: Address | Address[];
    /**
     * Destination addresses; for an ingress rule those of the server itself. Given but empty is an error (VF010).
     * @default anywhere, both families
     */
    to?: Address | Address[];
    /**
     * Destination ports, 1 to 65535: a number, a range `"8000-8100"`, or several. Needs protocol tcp or udp (VF007).
     * @default every port
     * @example [443, "8000-8100"]
     */
    ports?: pulumi.Input<string | number> | pulumi.Input<string | number>[];
    /**
     * Source ports, in the form of `ports`. Rarely right: clients choose them at will.
     * @default every port
     */
    sourcePorts?: pulumi.Input<string | number> | pulumi.Input<string | number>[];
    /**
     * ICMP message types by name or number (0 to 255), one code of a type behind a slash, with protocol `icmp`, `icmpv6` or both. Errors: VF016, VF017.
     * @default every type
     * @example "echo-request"
     */
    icmpTypes?: pulumi.Input<string | number> | pulumi.Input<string | number>[];
    /**
     * Source addresses that the rule is not for, whatever `from` says. Given but empty is an error (VF010).
     * @default no exception
     * @example "203.0.113.0/24"
     */
    fromExcept?: Address | Address[];
    /**
     * Destination addresses that the rule is not for, whatever `to` says. Given but empty is an error (VF010).
     * @default no exception
     */
    toExcept?: Address | Address[];
    /**
     * Names of network interfaces, or beginnings of some: by which an ingress packet comes, or an egress packet goes. Not
     * `lo`: all that passes there is accepted (VF035).
     * @default every interface
     * @example ["eth0", "wg*"]
     */
    interface?: pulumi.Input<string> | pulumi.Input<string>[];
    /**
     * What connection tracking says of the packet: `new`, `related`, `invalid`, `untracked`. Rarely needed: replies are
     * accepted before any rule is asked, and a rule without states is for all others.
     * @default every state
     * @example "invalid"
     */
    state?: pulumi.Input<RuleState> | pulumi.Input<RuleState>[];
    /**
     * Flags of TCP by name: `syn` begins a connection, `not-syn` is all else, `null` and `xmas` come from port scanners.
     * Needs protocol tcp (VF039).
     * @default any flags
     */
    tcpFlags?: pulumi.Input<FlagForm> | pulumi.Input<FlagForm>[];
    /**
     * How many packets an accept lets in: a rate in packets per `second`, `minute`, `hour` or `day` (1 to 1000000), a
     * burst that may come at once after a pause (1 to 65535, 5 where nothing is said), `per source` for each address
     * (IPv6: each /64) alone. What is beyond goes on to the next rule. Errors: VF036, VF039 (not an accept).
     * @default no limit
     * @example "6/minute burst 10 per source"
     */
    limit?: pulumi.Input<string>;
    /**
     * Writes what matches to the log of the host, ten lines a minute at most; `prefix` begins them (1 to 64 characters of
     * printable ASCII without quotes, backslashes and $, VF037), else the name of the rule.
     * @default false
     */
    log?: pulumi.Input<boolean> | { prefix: pulumi.Input<string> };
    /**
     * What a reject answers. `tcp-reset` needs protocol tcp. Errors: VF039 (not a reject, not tcp).
     * @default "port-unreachable"
     */
    rejectWith?: pulumi.Input<RejectAnswer | "port-unreachable">;
    /**
     * The last day on which the rule is wanted. It only tells readers, who get a finding before and after it: the rule
     * stays in force until it is taken out. Error: VF038.
     * @example "2027-01-31"
     */
    expires?: pulumi.Input<string>;
    /**
     * Lower is decided first, 0 to 1000000. Needed only where an accept must cut a hole into a drop.
     * @default 1000
     */
    priority?: pulumi.Input<number>;
    /** Why the rule is there: one line, at most 200 characters. Shown on the rule, not sent to the host. */
    description?: pulumi.Input<string>;
    /**
     * `false` keeps the rule in the template without effect.
     * @default true
     */
    enabled?: pulumi.Input<boolean>;
}

/**
 * A rule as fields, or as its canonical line, the text that previews print (docs/rules.md).
 * @example "accept tcp from 10.0.0.0/8 to port 9100"
 */
export type Rule = RuleArgs | pulumi.Input<string>;

/**
 * A rule in the form the provider checks: address sets by name, and "given but undefined" kept apart from "not given",
 * since undefined values do not travel to the engine.
 */
export function rawRule(rule: Rule): unknown {
    // A rule that is forgotten travels as one, and its target's check names it.
    if (!isFields(rule)) return rule ?? null;
    return Object.fromEntries(Object.entries(rule).map(([field, value]) => [field, rawValue(value, referenceTo)]));
}

function referenceTo(value: unknown): string | undefined {
    return value instanceof AddressSet ? `set ${value.setName}` : undefined;
}

/** Is it written out, and not a line or a value that comes later? */
export function isFields(rule: Rule): rule is RuleArgs {
    return typeof rule === "object" && rule !== null && !isLater(rule);
}

/** The same rule, which a later change of the object or of a list in it does not reach. */
export function copyRule(rule: Rule): Rule {
    if (!isFields(rule)) return rule;
    const copied = Object.entries(rule).map(([field, value]) => [field, Array.isArray(value) ? [...value] : value]);
    return Object.fromEntries(copied) as RuleArgs;
}

/** The fields of a rule that say addresses. */
const ADDRESS_FIELDS: readonly string[] = ["from", "to", "fromExcept", "toExcept"];

function addressesIn(rule: RuleArgs): unknown[] {
    return Object.entries(rule).flatMap(([field, value]) => (ADDRESS_FIELDS.includes(field) ? value : []));
}

/** Can the rule name this set, by object, in its text, or in a text that comes later? */
export function mayName(rule: Rule, set: AddressSet): boolean {
    const peers = isFields(rule) ? addressesIn(rule) : [rule];
    return peers.some(
        (peer) => peer === set || isLater(peer) || (typeof peer === "string" && peer.includes(`set ${set.setName}`)),
    );
}

/** The address sets that a rule names by object. */
export function setsOf(rule: Rule): AddressSet[] {
    if (!isFields(rule)) return [];
    return addressesIn(rule).filter((peer): peer is AddressSet => peer instanceof AddressSet);
}
