import type { Family } from "../../core/model/addresses";
import type { Direction } from "../../core/model/rule";
import { policy } from "../core/dialects/nftables/build";
import { NOTHING, type Outcome } from "./job";
import type { Kernel } from "./kernel";
import { describeProbe, GOES_ON, ICMP, ICMPV6, type Probe, UDP } from "./packet";

/** A packet that follows another one, and whether it passes where only that other one may. */
interface Follower {
    readonly what: string;
    readonly probe: Probe;
    readonly passes: boolean;
}

/**
 * The part of the base that needs a packet before: replies to what was let through, and the ICMP errors that are about it.
 * Only packets to port 53 may begin something here, and echo requests, in one direction, and everything else is dropped.
 */
export function askAboutConnections(kernel: Kernel): Outcome {
    const reports: string[] = [];
    let probes = 0;
    for (const direction of ["ingress", "egress"] as const)
        for (const family of [4, 6] as const) {
            for (const begun of beginnings(direction, family)) {
                const followers = followersOf(begun);
                const observed = kernel.ask(ONLY_BEGINNINGS[direction], [
                    begun,
                    ...followers.map(({ probe }) => probe),
                ]);
                const expected = [true, ...followers.map(({ passes }) => passes)];
                probes += observed.length;
                for (const [i, { verdict }] of observed.entries()) {
                    if ((verdict === "accept") === expected[i] && verdict !== "unreached") continue;
                    const { what, probe } = followers[i - 1] ?? { what: "a beginning", probe: begun };
                    reports.push(`${what} must ${expected[i] ? "" : "not "}pass: ${verdict}: ${describeProbe(probe)}`);
                }
            }
        }
    return { ...NOTHING, rulesets: 1, probes, disagreements: reports.length, reports };
}

const NOTHING_ELSE = { ingress: "drop", egress: "drop" } as const;
const ONLY_BEGINNINGS = {
    ingress: policy(
        {
            "t/dns": "accept udp from anywhere to port 53",
            "t/ping": "accept icmp echo-request + icmpv6 echo-request from anywhere",
        },
        {},
        NOTHING_ELSE,
    ),
    egress: policy(
        {
            "t/dns": "egress accept udp to anywhere port 53",
            "t/ping": "egress accept icmp echo-request + icmpv6 echo-request to anywhere",
        },
        {},
        NOTHING_ELSE,
    ),
};

function beginnings(direction: Direction, family: Family): Probe[] {
    const end = (host: bigint) => (family === 4 ? 0x0a000000n : 0x20010db8n << 96n) + host;
    const [source, destination] = direction === "ingress" ? [end(1n), end(2n)] : [end(2n), end(1n)];
    const common = { direction, family, source, destination, interface: "tap0", hopLimit: GOES_ON };
    const [protocol, icmpType] = family === 4 ? [ICMP, 8] : [ICMPV6, 128];
    return [
        { ...common, protocol: UDP, sourcePort: 4000, destinationPort: 53 },
        { ...common, protocol, icmpType, icmpCode: 0 },
    ];
}

function followersOf(begun: Probe): Follower[] {
    const { family, source, destination } = begun;
    const direction = begun.direction === "ingress" ? "egress" : "ingress";
    const back = { ...begun, direction, source: destination, destination: source, hopLimit: 64 } as const;
    const reply: Probe =
        begun.protocol === UDP
            ? { ...back, sourcePort: begun.destinationPort!, destinationPort: begun.sourcePort! }
            : { ...back, icmpType: family === 4 ? 0 : 129 };
    const other: Probe = { ...begun, destination: destination + 1n };
    const error = (icmpType: number, about: Probe, more: Partial<Probe> = {}): Probe => ({
        direction,
        family,
        protocol: family === 4 ? ICMP : ICMPV6,
        source: destination + 7n,
        destination: source,
        icmpType,
        icmpCode: 0,
        hopLimit: 64,
        about,
        ...more,
    });
    const [unreachable, exceeded, redirect] = family === 4 ? [3, 11, 5] : [1, 3, 137];
    const follower = (what: string, probe: Probe, passes: boolean): Follower => ({ what, probe, passes });
    return [
        follower("a reply", reply, true),
        follower("a reply of another", { ...reply, source: reply.source + 1n }, false),
        follower("a reply to another", { ...reply, destination: reply.destination + 1n }, false),
        follower("an error from between", error(unreachable, begun), true),
        follower("a second kind of error", error(exceeded, begun), true),
        follower("an error about something else", error(unreachable, other), false),
        follower("an error to another", error(unreachable, begun, { destination: source + 1n }), false),
        follower("a redirect", error(redirect, begun), false),
    ];
}
