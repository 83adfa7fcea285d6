import { propose } from "./nearest";
import type { Protocol } from "./rule";

const WORDS = ["any", "tcp", "udp", "icmp", "icmpv6"] as const;

/** The numbers of protocols that have a name here: `protocol 6` is `tcp`. */
const NAMED: Readonly<Record<number, Protocol>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" };

/** Names of other tools for protocols that are said by number here (IANA "Protocol Numbers"). */
const NUMBERS: ReadonlyMap<string, number> = new Map([
    ["igmp", 2],
    ["ipip", 4],
    ["gre", 47],
    ["esp", 50],
    ["ah", 51],
    ["ospf", 89],
    ["vrrp", 112],
    ["sctp", 132],
    ["ipv6-icmp", 58],
]);

/** A protocol by its word here. */
export function protocolByWord(word: string): Protocol | undefined {
    return WORDS.find((candidate) => candidate === word);
}

/** A protocol by its number, 0 to 255, as text. */
export function protocolByNumber(text: string): Protocol | undefined {
    const number = Number(text);
    return /^\d{1,3}$/.test(text) && number <= 255 ? (NAMED[number] ?? number) : undefined;
}

/** The way out for a word that is no protocol here. */
export function proposeProtocol(word: string): string {
    const number = NUMBERS.get(word.toLowerCase());
    if (number !== undefined) return `Say "${NAMED[number] ?? `protocol ${number}`}".`;
    return propose(word, WORDS, 'It is any, tcp, udp, icmp, icmpv6 or a number ("protocol 47").');
}

/** A bare number could be taken for a port, so a number says what it is. */
export function formatProtocol(protocol: Protocol): string {
    return typeof protocol === "number" ? `protocol ${protocol}` : protocol;
}
