import { type AddressSpace, difference, intersection, sameSpace } from "../../analysis/addressAlgebra";
import { spaceOf } from "../../analysis/end";
import { type Family, mergeRanges, wholeFamily } from "../../model/addresses";
import { icmpMessage } from "../../model/icmpTypes";
import type { KeyedRule, NamedSet } from "../../model/policy";
import { mergePorts } from "../../model/ports";
import { formatProtocol } from "../../model/protocols";
import type { Protocol, ProtocolMatch, Rule } from "../../model/rule";
import { CannotExpress } from "../dialect";
import { type Box, EVERY, ofFamily, type RowProtocol, type Span } from "./boxes";
import type { AllowListForm } from "./form";

/** The new packets of a rule, as far as protocols go that rows can name. */
export interface RuleBoxes {
    /** Of families that rows can name. */
    readonly boxes: readonly Box[];
    /** Of the others. */
    readonly unsaid: readonly Box[];
}

/**
 * @throws CannotExpress where a row has no field for what the rule says; a drop is said by what it leaves of later accepts,
 * so it can say no more than they.
 */
export function boxesOf(keyed: KeyedRule, form: AllowListForm, sets: readonly NamedSet[]): RuleBoxes {
    const { rule } = keyed;
    refuseOtherFields(keyed, form);
    const far = spaceOf((rule.direction === "ingress" ? rule.from : rule.to).addresses, sets);
    const near = nearFamilies(keyed, form, sets);
    const all = rule.matches.flatMap((match) => {
        const [protocol, families] = PROTOCOLS[match.protocol as keyof typeof PROTOCOLS];
        return protocol.flatMap((each) =>
            families.filter((family) => near.includes(family)).map((family) => boxOf(rule, match, each, family, far)),
        );
    });
    const some = all.filter(({ who, what }) => who.length > 0 && what.length > 0);
    return {
        boxes: some.filter(({ family }) => form.families.includes(family)),
        unsaid: some.filter(({ family }) => !form.families.includes(family)),
    };
}

/** Everything that rows can name, in the families that they can name. */
export function everything(form: AllowListForm): Box[] {
    return PROTOCOLS.any[0].flatMap((protocol) =>
        form.families.map((family): Box => ({ protocol, family, who: [wholeFamily(family)], what: [EVERY[protocol]] })),
    );
}

/** ICMP is IPv4's and ICMPv6 is IPv6's. */
const PROTOCOLS = {
    any: [
        ["tcp", "udp", "icmp"],
        [4, 6],
    ],
    tcp: [["tcp"], [4, 6]],
    udp: [["udp"], [4, 6]],
    icmp: [["icmp"], [4]],
    icmpv6: [["icmp"], [6]],
} as const satisfies Partial<Record<Protocol, readonly [readonly RowProtocol[], readonly Family[]]>>;

function boxOf(rule: Rule, match: ProtocolMatch, protocol: RowProtocol, family: Family, far: AddressSpace): Box {
    const what = protocol === "icmp" ? messages(match) : (rule.to.ports?.ranges ?? [EVERY[protocol]]);
    return { protocol, family, who: ofFamily(far, family), what };
}

function messages({ protocol, types }: ProtocolMatch): Span[] {
    if (!types || (protocol !== "icmp" && protocol !== "icmpv6")) return [EVERY.icmp];
    return mergePorts(
        types.map((text) => {
            const { type, code } = icmpMessage(protocol, text)!;
            return { first: type * 256 + (code ?? 0), last: type * 256 + (code ?? 255) };
        }),
    );
}

function refuseOtherFields(keyed: KeyedRule, { panel, icmpTypes }: AllowListForm): void {
    const { action, matches, from, interfaces, states, flags, limit } = keyed.rule;
    const other = matches.find(({ protocol }) => !Object.hasOwn(PROTOCOLS, protocol));
    const types = matches.find((match) => match.types);
    if (action === "reject")
        refuse(keyed, "action", `${panel} only allows, and what it does not allow gets no answer: say "drop"`);
    if (other)
        refuse(
            keyed,
            "protocol",
            `${panel} knows TCP, UDP and ICMP, and this says ${formatProtocol(other.protocol)}: name one of the three`,
        );
    if (types && !icmpTypes)
        refuse(
            keyed,
            "icmpTypes",
            `rows of ${panel} name ICMP as a whole: leave the types out, which allows all of them`,
        );
    if (from.ports) refuse(keyed, "sourcePorts", `rows of ${panel} have no field for source ports: leave them out`);
    if (interfaces) refuse(keyed, "interface", `${panel} knows no interfaces of the server: leave it out`);
    if (states) refuse(keyed, "state", `rows of ${panel} do not ask what connection tracking says: leave it out`);
    if (flags) refuse(keyed, "tcpFlags", `rows of ${panel} have no field for flags of TCP: leave them out`);
    if (limit) refuse(keyed, "limit", `rows of ${panel} have no field for a rate: leave the limit out`);
}

/** Every refusal has this way out besides its own. */
function refuse({ key }: KeyedRule, field: string, problem: string): never {
    throw new CannotExpress(key, field, `${problem}, or enforce this rule on the host (HostFirewall)`);
}

/** The families in which the server's end of a rule is all of the server; it is none of it in the others. */
function nearFamilies(keyed: KeyedRule, form: AllowListForm, sets: readonly NamedSet[]): Family[] {
    const { direction, from, to } = keyed.rule;
    const near = spaceOf((direction === "ingress" ? to : from).addresses, sets);
    return ([4, 6] as const).filter((family) => {
        const said = ofFamily(near, family);
        const own = ofFamily(mergeRanges(form.own ?? []), family);
        const isWhole = sameSpace(said, [wholeFamily(family)]);
        if (isWhole || (own.length > 0 && difference(own, said).length === 0)) return true;
        if (said.length === 0 || (form.own && intersection(own, said).length === 0)) return false;
        const [field, word] =
            direction === "ingress" ? (["to", "destination"] as const) : (["from", "source"] as const);
        return refuse(
            keyed,
            field,
            `rows of ${form.panel} have no field for the ${word} of ${direction}, which is the server: leave it out`,
        );
    });
}
