import type { Family } from "../../model/addresses";
import type { Direction } from "../../model/rule";
import { meaningOf } from "./line";
import type { NumberedLine } from "./numberedLine";
import { readLine } from "./readLine";

type Expected = Readonly<Record<string, readonly string[]>>;

/** What the rules of the base must mean. Written apart from the text that makes them, so that each checks the other. */
const EXPECTED: Readonly<Record<Direction, Readonly<Record<Family, Expected>>>> = {
    ingress: {
        4: { loopback: ["-i lo"], ...ipv4("-m udp --sport 67:67 --dport 68:68") },
        6: { loopback: ["-i lo"], ...ipv6("-m udp --sport 547:547 --dport 546:546") },
    },
    egress: {
        4: { loopback: ["-o lo"], ...ipv4("-m udp --sport 68:68 --dport 67:67") },
        6: { loopback: ["-o lo"], ...ipv6("-m udp --sport 546:546 --dport 547:547") },
    },
};

function ipv4(dhcp: string): Expected {
    return {
        replies: ["-m conntrack --ctstate ESTABLISHED"],
        "icmp-errors": [3, 11, 12].map((type) => `-p 1 -m conntrack --ctstate RELATED -m icmp --icmp-type ${type}`),
        "dhcp-client": [`-p 17 ${dhcp}`],
    };
}

function ipv6(dhcp: string): Expected {
    return {
        replies: ["-m conntrack --ctstate ESTABLISHED"],
        "icmp-errors": [1, 2, 3, 4].map(
            (type) => `-p 58 -m conntrack --ctstate RELATED -m icmp6 --icmpv6-type ${type}`,
        ),
        "neighbour-discovery": [133, 134, 135, 136].map(
            (type) => `-p 58 -m hl --hl-eq 255 -m icmp6 --icmpv6-type ${type}`,
        ),
        "multicast-listener-discovery": [130, 131, 132, 143].map((type) => `-p 58 -m icmp6 --icmpv6-type ${type}`),
        "dhcp-client": [`-s fe80::/10 -p 17 ${dhcp}`],
    };
}

export interface BaseReading {
    readonly lines: ReadonlySet<NumberedLine>;
    /** What is missing, in words. */
    readonly missing: readonly string[];
}

/** Finds the rules of the base among these. One that is altered or doubled is none of them. */
export function readBase(lines: readonly NumberedLine[], family: Family, direction: Direction): BaseReading {
    const found = new Set<NumberedLine>();
    const missing: string[] = [];
    for (const [name, texts] of Object.entries(EXPECTED[direction][family])) {
        const candidates = lines.filter(({ line }) => line.comment === `base:${name}`);
        const rules = texts.map((text) => {
            const meaning = meaningOf(readLine(`${text} -j RETURN`, family, direction));
            return candidates.find(({ line }) => meaningOf(line) === meaning);
        });
        for (const rule of rules) if (rule) found.add(rule);
        if (rules.includes(undefined)) missing.push(`${direction} ${name} is missing or altered`);
    }
    return { lines: found, missing };
}
