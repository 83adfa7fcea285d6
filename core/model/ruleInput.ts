import { wholeFamily } from "./addresses";
import { readService } from "./defineService";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { NOT_KNOWN_YET } from "./formatRule";
import { icmpMessage, icmpMessageNames } from "./icmpTypes";
import { isDescription } from "./names";
import { propose } from "./nearest";
import { inOrderOf, normalAddresses, normalMatches, normalPorts } from "./normalRule";
import { parseAddressRange } from "./parseAddress";
import { parsePort } from "./parsePorts";
import { parseRule } from "./parseRule";
import { protocolByNumber, protocolByWord, proposeProtocol } from "./protocols";
import {
    type Addresses,
    type AddressList,
    DEFAULT_PRIORITY,
    type Log,
    type PortList,
    type Protocol,
    type ProtocolMatch,
    rejectAnswers,
    type Rule,
    ruleStates,
} from "./rule";
import { unfitParts } from "./ruleFit";
import { type ParseText, parseDay, parseInterface, parseLimit, parseLogPrefix } from "./ruleOptions";
import { readRuleFields, type RuleFields } from "./ruleFields";
import type { Service } from "./service";
import { findService, serviceNames } from "./services";
import { flagForms } from "./tcpFlags";

export interface CheckedRule {
    /** Absent where there are errors, and where a value other than addresses and ports is not known yet. */
    readonly rule?: Rule;
    readonly problems: readonly Diagnostic[];
}

/**
 * Checks one rule and brings it into normal form.
 *
 * @param path where the rule stands in the inputs, for messages: `templates[0].rules.ssh`.
 */
export function checkRule(input: unknown, path: string): CheckedRule {
    if (typeof input === "string") {
        if (input === NOT_KNOWN_YET) return { problems: [] };
        const parsed = parseRule(input, path);
        return "rule" in parsed ? { rule: parsed.rule, problems: [] } : { problems: [parsed.problem] };
    }
    const read = readRuleFields(input, path);
    return "fields" in read ? new RuleChecker(read.fields, path).check() : read;
}

/** Fields of which a rule is known well enough without them. */
const MAY_BE_UNKNOWN = ["from", "to", "fromExcept", "toExcept", "ports", "sourcePorts", "description"];

const list = <Item>(value: Item | Item[] | undefined): Item[] | undefined =>
    value === undefined ? undefined : Array.isArray(value) ? value : [value];

/** Turns checked fields into a rule and gathers every problem on the way, not just the first. */
class RuleChecker {
    private readonly problems: Diagnostic[] = [];

    constructor(
        private readonly fields: RuleFields,
        private readonly path: string,
    ) {}

    check(): CheckedRule {
        const { fields } = this;
        const direction = this.word("direction", fields.direction, ["ingress", "egress"] as const, "ingress");
        const action = this.word("action", fields.action, ["accept", "drop", "reject"] as const, "accept");
        const what = this.protocolsAndPorts();
        const from = this.addresses("from");
        const to = this.addresses("to");
        const sourcePorts = this.ports("sourcePorts");
        const options = this.options();
        const priority = this.priority();
        this.saysSomething();
        this.describes();
        if (sourcePorts) this.needPorts("sourcePorts", what.matches);
        const undecided = Object.entries(this.fields).some(
            ([field, value]) => !MAY_BE_UNKNOWN.includes(field) && isUnknown(value),
        );
        if (this.problems.length || undecided) return { problems: this.problems };
        const rule: Rule = {
            direction,
            action,
            matches: normalMatches(what.matches),
            from: { addresses: from, ...(sourcePorts && { ports: sourcePorts }) },
            to: { addresses: to, ...(what.ports && { ports: what.ports }) },
            ...options,
            priority,
            enabled: fields.enabled !== false,
        };
        const unfit = unfitParts(rule, this.path);
        return unfit.length > 0 ? { problems: unfit } : { rule, problems: [] };
    }

    private report(problem: Diagnostic): void {
        this.problems.push(problem);
    }

    private word<Word extends string>(
        field: "direction" | "action",
        value: string | undefined,
        words: readonly Word[],
        otherwise: Word,
    ): Word {
        return this.words(field, value, words)?.[0] ?? otherwise;
    }

    /** The words of a field that are known; the others are reported. */
    private words<Word extends string>(
        field: keyof RuleFields,
        value: string | string[] | undefined,
        all: readonly Word[],
    ): Word[] | undefined {
        return list(value)?.flatMap((text) => {
            if (text === NOT_KNOWN_YET) return [];
            const word = all.find((candidate) => candidate === text);
            if (word) return [word];
            const proposal = propose(text, all, `It is ${all.slice(0, -1).join(", ")} or ${all.at(-1)}.`);
            this.report(diagnostic("VF014", { field, value: quote(text), proposal }, `${this.path}.${field}`));
            return [];
        });
    }

    /** What a rule says besides protocol, addresses and ports, each only where it is said. */
    private options(): Partial<Rule> {
        const { fields } = this;
        const interfaces = list(fields.interface)?.flatMap((text) => this.value("interface", text, parseInterface));
        const states = this.words("state", fields.state, ruleStates);
        const flags = this.words("tcpFlags", fields.tcpFlags, flagForms);
        const [limit] = list(fields.limit)?.flatMap((text) => this.value("limit", text, parseLimit)) ?? [];
        const [answer] = this.words("rejectWith", fields.rejectWith, [...rejectAnswers, "port-unreachable"]) ?? [];
        const [expires] = list(fields.expires)?.flatMap((text) => this.value("expires", text, parseDay)) ?? [];
        const log = this.log();
        return {
            ...(interfaces && { interfaces: [...new Set(interfaces)].sort() }),
            ...(states && { states: inOrderOf(ruleStates, states) }),
            ...(flags && { flags: inOrderOf(flagForms, flags) }),
            ...(limit && { limit }),
            ...(log && { log }),
            // It is what is answered where nothing is said.
            ...(answer && answer !== "port-unreachable" && { answer }),
            ...(expires !== undefined && { expires }),
        };
    }

    private value<Value>(field: keyof RuleFields, text: string, parse: ParseText<Value>): Value[] {
        if (isUnknown(text)) return [];
        const parsed = parse(text, `${this.path}.${field}`);
        if ("value" in parsed) return [parsed.value];
        this.report(parsed.problem);
        return [];
    }

    private log(): Log | undefined {
        const { log } = this.fields;
        if (typeof log !== "object") return log === true ? {} : undefined;
        const [prefix] = this.value("log", log.prefix, parseLogPrefix);
        return prefix === undefined ? {} : { prefix };
    }

    private protocolsAndPorts(): { matches: ProtocolMatch[]; ports?: PortList } {
        if (this.fields.service !== undefined) return this.services();
        const protocols = this.protocols();
        const matches = this.withTypes(protocols);
        const ports = this.ports("ports");
        if (!ports) return { matches };
        this.needPorts("ports", matches);
        return { matches, ports };
    }

    private services(): { matches: ProtocolMatch[]; ports?: PortList } {
        for (const field of ["protocol", "ports", "icmpTypes"] as const)
            if (this.fields[field] !== undefined) this.report(diagnostic("VF019", { field }, `${this.path}.${field}`));
        const known = (list(this.fields.service) ?? []).filter((item) => !isUnknown(item));
        const services = known.flatMap((item) => (typeof item === "string" ? this.named(item) : this.defined(item)));
        const protocolsOf = (service: Service) => [...service.protocol].sort().join(" ");
        if (new Set(services.map(protocolsOf)).size > 1) {
            const said = services.map(({ name }) => name).join(" and ");
            this.report(diagnostic("VF015", { services: said }, `${this.path}.service`));
        }
        const matches = services.flatMap((service) =>
            service.protocol.map((protocol) => ({
                protocol,
                ...(service.icmpTypes && { types: service.icmpTypes }),
            })),
        );
        const texts = services.flatMap((service) => service.ports);
        if (texts.length === 0) return { matches };
        return { matches, ports: this.portList(texts, `${this.path}.service`) };
    }

    private named(name: string): Service[] {
        const service = findService(name);
        if (service) return [service];
        const otherwise = "The names are in docs/services.md; for anything else say protocol and ports.";
        const proposal = propose(name, serviceNames(), otherwise);
        this.report(diagnostic("VF008", { value: quote(name), proposal }, `${this.path}.service`));
        return [];
    }

    private defined(definition: Record<string, unknown>): Service[] {
        const read = readService(definition);
        if ("service" in read) return [read.service];
        for (const problem of read.problems) this.report({ ...problem, property: `${this.path}.service` });
        return [];
    }

    private protocols(): Protocol[] {
        return (list(this.fields.protocol) ?? ["any"]).map((value): Protocol => {
            if (value === NOT_KNOWN_YET) return "any";
            const text = String(value).replace(/^protocol /, "");
            const protocol = protocolByWord(text) ?? protocolByNumber(text);
            if (protocol !== undefined) return protocol;
            const problem = { field: "protocol", value: quote(value), proposal: proposeProtocol(text) };
            this.report(diagnostic("VF014", problem, `${this.path}.protocol`));
            return "any";
        });
    }

    private withTypes(protocols: readonly Protocol[]): ProtocolMatch[] {
        const types = list(this.fields.icmpTypes)?.filter((type) => type !== NOT_KNOWN_YET);
        if (!types) return protocols.map((protocol) => ({ protocol }));
        return protocols.map((protocol) => {
            if (protocol !== "icmp" && protocol !== "icmpv6") {
                const said = this.fields.protocol === undefined ? "none" : quote(String(protocol));
                this.report(diagnostic("VF016", { protocol: said }, `${this.path}.icmpTypes`));
                return { protocol };
            }
            for (const type of types) {
                if (icmpMessage(protocol, type) !== undefined) continue;
                const proposal = propose(String(type), icmpMessageNames(protocol), "The names are in docs/rules.md.");
                const problem = { protocol, value: quote(type), proposal };
                this.report(diagnostic("VF017", problem, `${this.path}.icmpTypes`));
            }
            return { protocol, types: types.map(String) };
        });
    }

    private needPorts(field: "ports" | "sourcePorts", matches: readonly ProtocolMatch[]): void {
        const { protocol, service } = this.fields;
        const portless = matches.find((match) => match.protocol !== "tcp" && match.protocol !== "udp");
        if (!portless || isUnknown(protocol) || isUnknown(service)) return;
        const said = protocol === undefined && service === undefined ? "none" : quote(String(portless.protocol));
        this.report(diagnostic("VF007", { protocol: said }, `${this.path}.${field}`));
    }

    private ports(field: "ports" | "sourcePorts"): PortList | undefined {
        const texts = list(this.fields[field]);
        if (!texts || (texts.length === 1 && String(texts[0]).toLowerCase() === "any")) return undefined;
        return this.portList(texts, `${this.path}.${field}`);
    }

    private portList(texts: readonly (string | number)[], path: string): PortList {
        const items = texts.flatMap((text) => String(text).split(","));
        const known = items.filter((item) => !isUnknown(item));
        const parsed = known.map((item) => parsePort(item, path));
        for (const one of parsed) if ("problem" in one) this.report(one.problem);
        const ranges = parsed.flatMap((one) => ("range" in one ? [one.range] : []));
        return normalPorts({ ranges, unknown: items.some(isUnknown) });
    }

    private addresses(field: "from" | "to"): Addresses {
        const everywhere = { ranges: [wholeFamily(4), wholeFamily(6)], sets: [], unknown: false };
        return normalAddresses(this.addressList(field) ?? everywhere, this.addressList(`${field}Except`));
    }

    private addressList(field: "from" | "to" | "fromExcept" | "toExcept"): AddressList | undefined {
        const texts = list(this.fields[field]);
        if (!texts) return undefined;
        const path = `${this.path}.${field}`;
        const items = texts.map((text) => readAddressItem(text, path));
        for (const item of items) if (item.problem) this.report(item.problem);
        return {
            ranges: items.flatMap((item) => item.ranges ?? []),
            sets: items.flatMap((item) => (item.set === undefined ? [] : [{ name: item.set }])),
            unknown: texts.some(isUnknown),
        };
    }

    private priority(): number {
        const { priority } = this.fields;
        if (priority === undefined || priority === NOT_KNOWN_YET) return DEFAULT_PRIORITY;
        if (/^\d{1,7}$/.test(String(priority)) && Number(priority) <= 1_000_000) return Number(priority);
        this.report(diagnostic("VF018", { value: quote(priority) }, `${this.path}.priority`));
        return DEFAULT_PRIORITY;
    }

    private saysSomething(): void {
        const saying = ["protocol", "service", "from", "to", "ports", "sourcePorts", "icmpTypes"] as const;
        const narrowing = ["fromExcept", "toExcept", "interface", "state", "tcpFlags"] as const;
        if ([...saying, ...narrowing].every((field) => this.fields[field] === undefined))
            this.report(diagnostic("VF027", {}, this.path));
    }

    private describes(): void {
        const { description = "" } = this.fields;
        if (!isDescription(description)) this.report(diagnostic("VF028", {}, `${this.path}.description`));
    }
}

/** One entry of `from` or `to`: addresses, a set, or neither (not known yet). */
function readAddressItem(
    text: string,
    path: string,
): { ranges?: Parameters<typeof normalAddresses>[0]["ranges"]; set?: string; problem?: Diagnostic } {
    const trimmed = text.trim();
    if (isUnknown(trimmed)) return {};
    if (trimmed === "anywhere") return { ranges: [wholeFamily(4), wholeFamily(6)] };
    if (trimmed === "anywhere IPv4") return { ranges: [wholeFamily(4)] };
    if (trimmed === "anywhere IPv6") return { ranges: [wholeFamily(6)] };
    const set = /^set (\S+)$/.exec(trimmed);
    if (set) return { set: set[1]! };
    const parsed = parseAddressRange(trimmed, path);
    return "range" in parsed ? { ranges: [parsed.range] } : { problem: parsed.problem };
}

function isUnknown(value: unknown): boolean {
    if (typeof value === "object" && value !== null) return Object.values(value).some(isUnknown);
    return typeof value === "string" && value.trim() === NOT_KNOWN_YET;
}
