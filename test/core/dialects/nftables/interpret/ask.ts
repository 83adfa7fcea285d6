import { openDiagrams } from "../../../../../core/analysis/diagram";
import { openInterfaces } from "../../../../../core/analysis/interfaces";
import { lastOf, LEVEL, openConditions, STATES, wordsOf } from "../../../../../core/analysis/packetFields";
import type { Ruleset } from "../../../../../core/dialects/nftables/interpret/ast";
import { interfaceNames } from "../../../../../core/dialects/nftables/interpret/interfaceNames";
import { interpret, mayAccept, mustAccept } from "../../../../../core/dialects/nftables/interpret/interpret";
import { readJson } from "../../../../../core/dialects/nftables/interpret/readJson";
import { readText } from "../../../../../core/dialects/nftables/interpret/readText";
import { VERDICT } from "../../../../../core/dialects/nftables/interpret/verdicts";
import { parseAddressRange } from "../../../../../core/model/parseAddress";
import { evaluate } from "../../../analysis/evaluate";
import type { NftPacket } from "./perPacket";

/** A ruleset, read and ready to be asked. */
export function openRuleset(source: Ruleset | string, hook: "input" | "output" = "input") {
    const ruleset = typeof source !== "string" ? source : source.startsWith("{") ? readJson(source) : readText(source);
    const diagrams = openDiagrams(lastOf);
    const levelOf = openConditions();
    const names = new Map<number, string>();
    const conditions = (name: string) => {
        names.set(levelOf(name), name);
        return levelOf(name);
    };
    const interfaces = openInterfaces(interfaceNames(ruleset));
    const interpretation = interpret(ruleset, hook, { diagrams, interfaces, conditions });
    const ask = (diagram: number, packet: NftPacket): number => {
        const values = levelsOf(packet, hook, interfaces.names);
        return evaluate(diagrams, diagram, (level) => {
            if (level >= LEVEL.condition) return packet.holds.has(names.get(level)!) ? 1 : 0;
            return values.get(level) ?? 0;
        });
    };
    return {
        ruleset,
        exact: interpretation.exact,
        /** The names of the conditions that something depends on. */
        conditions: [...interpretation.conditions].map((level) => names.get(level)!),
        verdict(packet: NftPacket): string {
            const verdict = ask(interpretation.diagram, packet);
            return Object.entries(VERDICT).find(([, number]) => number === verdict)![0];
        },
        may: (packet: NftPacket) => ask(mayAccept(diagrams, interpretation), packet) === 1,
        must: (packet: NftPacket) => ask(mustAccept(diagrams, interpretation), packet) === 1,
    };
}

/** The value of each level for a packet. */
function levelsOf(packet: NftPacket, hook: "input" | "output", interfaces: readonly string[]): Map<number, number> {
    const { family, protocol, source, destination } = packet;
    const [own, far] = hook === "input" ? [destination, source] : [source, destination];
    const words = (level: number, address: bigint) =>
        Array.from({ length: wordsOf(family) }, (_, i): [number, number] => [
            level + i,
            Number(BigInt.asUintN(32, address >> BigInt(32 * (wordsOf(family) - 1 - i)))),
        ]);
    return new Map([
        [LEVEL.protocol, protocol],
        [LEVEL.detail, protocol === 6 ? (packet.flags ?? 2) : (packet.type ?? 0)],
        [LEVEL.icmpCode, packet.code ?? 0],
        [LEVEL.state, (STATES as readonly string[]).indexOf(packet.state)],
        [LEVEL.destinationPort, packet.destinationPort ?? 0],
        [LEVEL.interface, interfaceValue(packet.interface, interfaces)],
        [LEVEL.family, family === 4 ? 0 : 1],
        ...words(LEVEL.own, own),
        ...words(LEVEL.far, far),
        [LEVEL.sourcePort, packet.sourcePort ?? 0],
    ]);
}

/** Its own name, else the longest pattern that covers it, else any other. */
function interfaceValue(name: string, interfaces: readonly string[]): number {
    if (interfaces.includes(name)) return interfaces.indexOf(name);
    const covering = interfaces.filter((each) => each.endsWith("*") && name.startsWith(each.slice(0, -1)));
    return interfaces.indexOf(covering.sort((a, b) => b.length - a.length)[0] ?? "");
}

const PROTOCOLS: Record<string, number> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };

/**
 * A packet in words: `tcp 192.0.2.1 > 192.0.2.10 port 22`, with `port` behind the source too, `icmp 8/0`, `protocol 47`, and
 * before that `established`, `on eth0`, `flags 18`; `if ip6 hoplimit 255` at the end names conditions that hold.
 */
export function packet(words: string): NftPacket {
    const form =
        /^(?:(new|related|established|invalid|untracked) )?(?:on (\S+) )?(?:flags (\d+) )?(tcp|udp|icmp|icmpv6|protocol)(?: (\d+)(?:\/(\d+))?)? (\S+)(?: port (\d+))? > (\S+?)(?: port (\d+))?(?: if (.+))?$/;
    const found = form.exec(words);
    if (!found) throw new Error(`no packet: ${words}`);
    const [, state, name, flags, protocol = "", number, code, source = "", sourcePort, destination = "", port, holds] =
        found;
    const withPorts = protocol === "tcp" || protocol === "udp";
    return {
        family: address(source).family,
        protocol: PROTOCOLS[protocol] ?? Number(number),
        source: address(source).first,
        destination: address(destination).first,
        ...(withPorts && { sourcePort: Number(sourcePort ?? 40000), destinationPort: Number(port ?? 22) }),
        ...(protocol.startsWith("icmp") && { type: Number(number), code: Number(code ?? 0) }),
        ...(protocol === "tcp" && { flags: Number(flags ?? 2) }),
        state: state ?? "new",
        interface: name ?? "",
        holds: new Set(holds?.split(", ")),
    };
}

function address(text: string) {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
}

/** One rule in the input chain of a table that drops the rest. */
export const table = (rule: string, more = "") => `table inet t {
${more}
chain input {
    type filter hook input priority 0; policy drop;
    ${rule}
}
}`;

/** Ends of packets, as `packet` reads them. */
export const IN4 = "192.0.2.1 > 192.0.2.10";
export const IN6 = "2001:db8::1 > 2001:db8::a";
