import type { Family } from "../../core/model/addresses";
import type { Policy } from "../../core/model/policy";
import type { Direction } from "../../core/model/rule";
import { policy } from "../core/dialects/nftables/build";
import { NOTHING, type Outcome } from "./job";
import type { Kernel } from "./kernel";
import { describeProbe, GOES_ON, ICMP, ICMPV6, type Probe, UDP } from "./packet";
import { CONTAINER, CONTAINER_PORT } from "./ways";

/** A packet that follows another one, and whether it passes where only that other one may. */
interface Follower {
    readonly what: string;
    readonly probe: Probe;
    readonly passes: boolean;
}

/** A packet that a policy lets begin something, and those that follow it. */
interface Conversation {
    readonly policy: Policy;
    readonly begun: Probe;
    readonly followers: readonly Follower[];
}

/**
 * The part of the base that needs a packet before: replies to what was let through, and the ICMP errors that are about it.
 * Only packets to port 53 may begin something here, and echo requests, in one direction, and everything else is dropped.
 */
export function askAboutConnections(kernel: Kernel, forward = false): Outcome {
    const reports: string[] = [];
    let probes = 0;
    const conversations = forward ? forwardedConversations() : ownConversations();
    for (const { policy, begun, followers } of conversations) {
        const observed = kernel.ask(policy, [begun, ...followers.map(({ probe }) => probe)]);
        const expected = [true, ...followers.map(({ passes }) => passes)];
        probes += observed.length;
        for (const [i, { verdict }] of observed.entries()) {
            if ((verdict === "accept") === expected[i] && verdict !== "unreached") continue;
            const { what, probe } = followers[i - 1] ?? { what: "a beginning", probe: begun };
            reports.push(`${what} must ${expected[i] ? "" : "not "}pass: ${verdict}: ${describeProbe(probe)}`);
        }
    }
    return { ...NOTHING, rulesets: 1, probes, disagreements: reports.length, reports };
}

function ownConversations(): Conversation[] {
    return (["ingress", "egress"] as const).flatMap((direction) =>
        ([4, 6] as const).flatMap((family) =>
            beginnings(direction, family).map((begun) => {
                const back = { direction: direction === "ingress" ? "egress" : "ingress" } as const;
                return { policy: ONLY_BEGINNINGS[direction], begun, followers: followersOf(begun, back) };
            }),
        ),
    );
}

/** What a container asks for, which is not filtered, and what asks for the port that it publishes. */
function forwardedConversations(): Conversation[] {
    return ([4, 6] as const).flatMap((family) =>
        beginnings("ingress", family).flatMap((packet): Conversation[] => {
            const out: Probe = { ...packet, interface: "docker0", forwarded: { leavesBy: "tap0", translated: "no" } };
            const back = { interface: "tap0", forwarded: { leavesBy: "docker0", translated: "no" } } as const;
            const published: Probe = { ...packet, forwarded: { leavesBy: "docker0", translated: "port" } };
            const answered: Probe = {
                ...replyTo(published, { interface: "docker0", forwarded: { leavesBy: "tap0", translated: "no" } }),
                source: CONTAINER[family],
                ...(published.protocol === UDP && { sourcePort: CONTAINER_PORT }),
            };
            return [
                { policy: NOTHING_PUBLISHED, begun: out, followers: followersOf(out, back) },
                {
                    policy: { ...ONLY_BEGINNINGS.ingress, forward: "containers" },
                    begun: published,
                    followers: [
                        // This is not filtered, but what is sent about it is.
                        follower("a container's reply", answered, true),
                        ...errorsAbout(replyTo(published, {}), published),
                    ],
                },
            ];
        }),
    );
}

const NOTHING_ELSE = { ingress: "drop", egress: "drop" } as const;
const NOTHING_PUBLISHED: Policy = { ...policy({}, {}, NOTHING_ELSE), forward: "containers" };
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

/** What follows a packet in the other direction: `back` says how it is sent. */
function followersOf(begun: Probe, back: Partial<Probe>): Follower[] {
    const reply = replyTo(begun, back);
    return [
        follower("a reply", reply, true),
        follower("a reply of another", { ...reply, source: reply.source + 1n }, false),
        follower("a reply to another", { ...reply, destination: reply.destination + 1n }, false),
        ...errorsAbout(begun, { ...begun, ...back }),
    ];
}

function replyTo(begun: Probe, back: Partial<Probe>): Probe {
    const { family, source, destination } = begun;
    return {
        ...begun,
        ...back,
        source: destination,
        destination: source,
        hopLimit: 64,
        ...(begun.protocol === UDP
            ? { sourcePort: begun.destinationPort!, destinationPort: begun.sourcePort! }
            : { icmpType: family === 4 ? 0 : 129 }),
    };
}

/** Errors that whoever sent a packet is told, from somewhere between, sent in the way of `back`. */
function errorsAbout(about: Probe, { direction, interface: comesBy = "tap0", forwarded }: Probe): Follower[] {
    const { family, source, destination } = about;
    const error = (icmpType: number, more: Partial<Probe> = {}): Probe => ({
        direction,
        family,
        protocol: family === 4 ? ICMP : ICMPV6,
        source: destination + 7n,
        destination: source,
        icmpType,
        icmpCode: 0,
        interface: comesBy,
        hopLimit: 64,
        about,
        ...(forwarded && { forwarded }),
        ...more,
    });
    const [unreachable, exceeded, redirect] = family === 4 ? [3, 11, 5] : [1, 3, 137];
    return [
        follower("an error from between", error(unreachable), true),
        follower("a second kind of error", error(exceeded), true),
        follower(
            "an error about something else",
            error(unreachable, { about: { ...about, destination: destination + 1n } }),
            false,
        ),
        follower("an error to another", error(unreachable, { destination: source + 1n }), false),
        follower("a redirect", error(redirect), false),
    ];
}

function follower(what: string, probe: Probe, passes: boolean): Follower {
    return { what, probe, passes };
}
