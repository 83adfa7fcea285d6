import { decide, type Packet } from "../../../core/analysis/decide";
import type { Family } from "../../../core/model/addresses";
import { parseAddressRange } from "../../../core/model/parseAddress";
import type { Policy } from "../../../core/model/policy";

/** Who is who, in both families: the server, a trusted host and its network's other host, a stranger. */
const HOSTS = {
    S: ["192.0.2.10", "2001:db8:5::10"],
    S2: ["192.0.2.20", "2001:db8:5::20"],
    T: ["198.51.100.10", "2001:db8:77::10"],
    N: ["198.51.100.99", "2001:db8:77::99"],
    X: ["203.0.113.9", "2001:db8:bad::9"],
} as const;
type Host = keyof typeof HOSTS;

const PROTOCOLS: Readonly<Record<string, readonly [number, number]>> = {
    tcp: [6, 6],
    udp: [17, 17],
    gre: [47, 47],
    ping: [1, 58],
};

/**
 * What a policy does with one new packet: `in tcp X > 22` (to port 22 of S), `in tcp X > S2:22`, `in tcp X sp 25 > 3306`,
 * `out udp > X:123`, `in ping X`, `out ping > X`. Both families are asked: `accept`, `drop`, `reject`, or
 * `IPv4 accept, IPv6 drop`.
 */
export function verdict(policy: Policy, words: string): string {
    return inBothFamilies(words, (packet) => decide(policy, packet).verdict);
}

/** The same for anything that decides packets. */
export function inBothFamilies(words: string, verdictOf: (packet: Packet) => string): string {
    const [four, six] = ([4, 6] as const).map((family) => verdictOf(packetOf(words, family)));
    return four === six ? four! : `IPv4 ${four}, IPv6 ${six}`;
}

function packetOf(words: string, family: Family): Packet {
    const form = /^(in|out) (tcp|udp|gre|ping)(?: (\w+))?(?: sp (\d+))?(?: > (?:([A-Z]\d?):?)?(\d+)?)?$/;
    const [, way, protocol = "", source = "S", sourcePort = "40000", destination = "S", port] = form.exec(words)!;
    const index = family === 4 ? 0 : 1;
    const ends = [HOSTS[source as Host][index], HOSTS[destination as Host][index]].map(single);
    return {
        direction: way === "in" ? "ingress" : "egress",
        family,
        protocol: PROTOCOLS[protocol]![index],
        source: ends[0]!,
        destination: ends[1]!,
        ...(port !== undefined && { sourcePort: Number(sourcePort), destinationPort: Number(port) }),
        ...(protocol === "ping" && { icmpType: family === 4 ? 8 : 128, icmpCode: 0 }),
    };
}

function single(text: string): bigint {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range.first;
}
