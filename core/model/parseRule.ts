import { type AddressRange, wholeFamily } from "./addresses";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { NO_PORT, NOBODY, NOT_KNOWN_YET } from "./formatRule";
import { icmpMessage, icmpMessageNames, type IcmpProtocol } from "./icmpTypes";
import { propose } from "./nearest";
import { inOrderOf, normalAddresses, normalMatches, normalPorts } from "./normalRule";
import { isName } from "./names";
import { parseAddressRange } from "./parseAddress";
import { parsePort } from "./parsePorts";
import type { PortRange } from "./ports";
import { protocolByNumber, protocolByWord, proposeProtocol } from "./protocols";
import {
    type Addresses,
    type AddressList,
    DEFAULT_PRIORITY,
    type Peer,
    type PortList,
    type Protocol,
    type ProtocolMatch,
    rejectAnswers,
    type Rule,
    ruleStates,
    type SetReference,
} from "./rule";
import { unfitParts } from "./ruleFit";
import { type ParseText, parseDay, parseInterface, parseLimit, parseLogPrefix } from "./ruleOptions";
import { flagForms } from "./tcpFlags";

const ACTIONS = ["accept", "drop", "reject"] as const;

/**
 * Reads a canonical line, and forms that differ from it in spacing and order only. Sets may stand by their name alone.
 *
 * Errors: VF013 with the place, or the code of the value that is wrong (VF001 to VF005, VF007, VF014, VF017, VF018, VF035 to VF039).
 *
 * @example parseRule("accept tcp from anywhere to port 22")
 */
export function parseRule(line: string, property?: string): { readonly rule: Rule } | { readonly problem: Diagnostic } {
    try {
        return { rule: new LineParser(line, property).rule() };
    } catch (error) {
        if (error instanceof Problem) return { problem: error.problem };
        throw error;
    }
}

/** Carries a diagnostic out of the parser's depth. */
class Problem extends Error {
    constructor(readonly problem: Diagnostic) {
        super(problem.message);
    }
}

class LineParser {
    private readonly tokens: readonly string[];
    private next = 0;

    constructor(
        private readonly line: string,
        private readonly property: string | undefined,
    ) {
        this.tokens = line.match(/"(?:[^"\\]|\\.)*"|\([^()]*\)|[,+]|[^\s,+()"]+|\S/g) ?? [];
    }

    rule(): Rule {
        const direction = this.take("egress") ? "egress" : (this.take("ingress"), "ingress");
        const action = this.takeOneOf(ACTIONS, "accept, drop or reject");
        const matches = this.matches();
        const from = this.take("from") ? this.peer() : undefined;
        const to = this.take("to") ? this.peer() : undefined;
        if (direction === "ingress" && !from) this.expected('"from" and who ("from anywhere")');
        if (direction === "egress" && !to) this.expected('"to" and where ("to anywhere")');
        const anywhere: Peer = { addresses: { kind: "anywhere" } };
        const rule: Rule = {
            direction,
            action,
            matches,
            from: from ?? anywhere,
            to: to ?? anywhere,
            priority: DEFAULT_PRIORITY,
            enabled: true,
            ...this.options(direction),
        };
        this.checkPorts(matches, [from, to]);
        const [unfit] = unfitParts(rule);
        return unfit ? this.fail({ ...unfit, ...(this.property !== undefined && { property: this.property }) }) : rule;
    }

    /** What stands behind who and where, in any order. */
    private options(direction: Rule["direction"]): Partial<Rule> {
        const device = direction === "ingress" ? "in" : "out";
        let options: Partial<Rule> = {};
        const add = (more: Partial<Rule>) => {
            const [twice] = Object.keys(more).filter((key) => key in options);
            if (twice !== undefined) this.expected("each word once", -1);
            options = { ...options, ...more };
        };
        while (this.next < this.tokens.length) {
            if (this.take(device)) add({ interfaces: this.interfaces() });
            else if (this.take("state")) add({ states: inOrderOf(ruleStates, this.words(ruleStates)) });
            else if (this.take("flags")) add({ flags: inOrderOf(flagForms, this.words(flagForms)) });
            else if (this.take("limit")) add({ limit: this.read(parseLimit, this.limitText()) });
            else if (this.take("log")) add({ log: this.take("prefix") ? { prefix: this.prefix() } : {} });
            else if (this.take("with")) add({ answer: this.takeOneOf(rejectAnswers, this.oneOf(rejectAnswers)) });
            else if (this.take("priority")) add({ priority: this.priority() });
            else if (this.take("expires")) add({ expires: this.read(parseDay, this.takeWord("a day")) });
            else if (this.take("disabled")) add({ enabled: false });
            else this.expected('"from", "to", "port", an option (docs/rules.md) or the end');
        }
        return options;
    }

    private interfaces(): string[] {
        const names: string[] = [];
        do names.push(this.read(parseInterface, this.takeWord("an interface")));
        while (this.take(","));
        return [...new Set(names)].sort();
    }

    private words<Word extends string>(all: readonly Word[]): Word[] {
        const words: Word[] = [];
        do words.push(this.takeOneOf(all, this.oneOf(all)));
        while (this.take(","));
        return words;
    }

    private oneOf(words: readonly string[]): string {
        return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
    }

    private limitText(): string {
        const words = [this.takeWord("a rate")];
        if (this.take("burst")) words.push("burst", this.takeWord("a number"));
        if (this.take("per")) words.push("per", this.takeWord('"source"'));
        return words.join(" ");
    }

    private prefix(): string {
        const token = this.tokens[this.next] ?? "";
        if (!token.startsWith('"') || token.length < 2) return this.expected("a text in quotes");
        this.next++;
        let text: unknown;
        try {
            text = JSON.parse(token);
        } catch {
            return this.expected("a text in quotes", -1);
        }
        return this.read(parseLogPrefix, String(text));
    }

    private read<Value>(parse: ParseText<Value>, text: string): Value {
        const parsed = parse(text, this.property);
        return "value" in parsed ? parsed.value : this.fail(parsed.problem);
    }

    private matches(): ProtocolMatch[] {
        const matches: ProtocolMatch[] = [];
        do matches.push(this.match());
        while (this.take("+"));
        return normalMatches(matches);
    }

    private match(): ProtocolMatch {
        const word = this.takeWord("a protocol");
        if (word === "protocol") return { protocol: this.protocolNumber() };
        if (word === "icmp" || word === "icmpv6") {
            if (this.peekIs("from", "to", "+", undefined)) return { protocol: word };
            const types: string[] = [];
            do types.push(this.icmpType(word));
            while (this.take(","));
            return { protocol: word, types };
        }
        const protocol = protocolByWord(word);
        if (protocol !== undefined) return { protocol };
        const problem = { field: "protocol", value: quote(word), proposal: proposeProtocol(word) };
        return this.fail(diagnostic("VF014", problem, this.property));
    }

    private protocolNumber(): Protocol {
        const protocol = protocolByNumber(this.takeWord("a protocol number"));
        return protocol ?? this.expected("a protocol number from 0 to 255", -1);
    }

    private icmpType(protocol: IcmpProtocol): string {
        const type = this.takeWord("an ICMP type");
        if (icmpMessage(protocol, type) !== undefined) return type;
        const proposal = propose(type, icmpMessageNames(protocol), "The names are in docs/rules.md.");
        return this.fail(diagnostic("VF017", { protocol, value: quote(type), proposal }, this.property));
    }

    private peer(): Peer {
        const addresses = this.peekIs("port") ? ({ kind: "anywhere" } as const) : this.addresses();
        return this.take("port") ? { addresses, ports: this.ports() } : { addresses };
    }

    private addresses(): Addresses {
        const list = this.addressList();
        return normalAddresses(list, this.take("except") ? this.addressList() : undefined);
    }

    private addressList(): AddressList {
        const ranges: AddressRange[] = [];
        const sets: SetReference[] = [];
        let unknown = false;
        do {
            if (this.take("anywhere"))
                ranges.push(
                    ...(this.take("IPv4")
                        ? [wholeFamily(4)]
                        : this.take("IPv6")
                          ? [wholeFamily(6)]
                          : [wholeFamily(4), wholeFamily(6)]),
                );
            else if (this.take("set")) sets.push(this.setReference());
            else if (this.take(NOT_KNOWN_YET)) unknown = true;
            else if (!this.take(NOBODY)) ranges.push(this.range());
        } while (this.take(","));
        return { ranges, sets, unknown };
    }

    private range(): AddressRange {
        const parsed = parseAddressRange(this.takeWord("an address"), this.property);
        return "range" in parsed ? parsed.range : this.fail(parsed.problem);
    }

    private setReference(): SetReference {
        const name = this.takeWord("the name of an address set");
        // Sets that the library makes from long lists are named after their rule: template/rule.
        if (!name.split("/").every(isName)) this.expected("the name of an address set", -1);
        const said = /^\((\d+), ([0-9a-f]{8}|not known yet)\)$/.exec(this.tokens[this.next] ?? "");
        if (!said) return { name };
        this.next++;
        return { name, count: Number(said[1]), digest: said[2]! };
    }

    private ports(): PortList {
        const ranges: PortRange[] = [];
        let unknown = false;
        do {
            if (this.take(NOT_KNOWN_YET)) unknown = true;
            else if (!this.take(NO_PORT)) {
                const parsed = parsePort(this.takeWord("a port"), this.property);
                ranges.push("range" in parsed ? parsed.range : this.fail(parsed.problem));
            }
        } while (this.take(","));
        return normalPorts({ ranges, unknown });
    }

    private priority(): number {
        const text = this.takeWord("a number");
        if (/^\d{1,7}$/.test(text) && Number(text) <= 1_000_000) return Number(text);
        return this.fail(diagnostic("VF018", { value: quote(text) }, this.property));
    }

    private checkPorts(matches: readonly ProtocolMatch[], peers: readonly (Peer | undefined)[]): void {
        if (!peers.some((peer) => peer?.ports)) return;
        const portless = matches.find(({ protocol }) => protocol !== "tcp" && protocol !== "udp");
        if (portless) this.fail(diagnostic("VF007", { protocol: quote(String(portless.protocol)) }, this.property));
    }

    private take(word: string): boolean {
        if (this.tokens[this.next] !== word) return false;
        this.next++;
        return true;
    }

    private peekIs(...words: (string | undefined)[]): boolean {
        return words.includes(this.tokens[this.next]);
    }

    private takeWord(what: string): string {
        const word = this.tokens[this.next];
        if (word === undefined || /^[,+("]/.test(word)) return this.expected(what);
        this.next++;
        return word;
    }

    private takeOneOf<Word extends string>(words: readonly Word[], what: string): Word {
        const word = words.find((candidate) => this.take(candidate));
        return word ?? this.expected(what);
    }

    private expected(what: string, offset = 0): never {
        const token = this.tokens[this.next + offset];
        const found = token === undefined ? "its end" : quote(token);
        return this.fail(diagnostic("VF013", { value: quote(this.line), expected: what, found }, this.property));
    }

    private fail(problem: Diagnostic): never {
        throw new Problem(problem);
    }
}
