import type { Family } from "../../core/model/addresses";
import type { Policy } from "../../core/model/policy";
import { policy } from "../core/dialects/nftables/build";
import { NOTHING, type Outcome } from "./job";
import type { Kernel } from "./kernel";
import { describeProbe, type Probe, UDP } from "./packet";

const PREFIX = { 4: 0x0a000000n, 6: 0x20010db8n << 96n } as const;

function packet(family: Family, host: bigint, port = 53): Probe {
    return {
        direction: "ingress",
        family,
        protocol: UDP,
        source: PREFIX[family] + host,
        destination: PREFIX[family] + 1n,
        sourcePort: 4000,
        destinationPort: port,
        interface: "tap0",
        hopLimit: 64,
    };
}

const nothingElse = { ingress: "drop", egress: "accept" } as const;
const limited = (limit: string) =>
    policy({ "t/dns": `accept udp from anywhere to port 53, 54 limit ${limit}` }, {}, nothingElse);

interface Case {
    readonly what: string;
    readonly policy: Policy;
    readonly probes: readonly Probe[];
    readonly passing: readonly boolean[];
    readonly byFamily?: readonly boolean[];
}

/** Packets one after the other, and how many of each kind get in. Nothing fills a limit up again meanwhile. */
const CASES: readonly Case[] = [
    {
        what: "one limit for both families, all sources and ports",
        policy: limited("1/hour burst 5"),
        probes: [packet(4, 2n), packet(6, 2n), packet(4, 3n, 54), packet(6, 3n), packet(4, 2n, 54), packet(4, 9n)],
        passing: [true, true, true, true, true, false],
        // iptables counts each family by itself.
        byFamily: [true, true, true, true, true, true],
    },
    {
        what: "a limit for each source, whatever the port",
        policy: limited("1/hour burst 2 per source"),
        probes: [packet(4, 2n), packet(4, 2n, 54), packet(4, 2n), packet(4, 3n), packet(6, 2n), packet(4, 3n)],
        passing: [true, true, false, true, true, true],
    },
    {
        what: "a /64 of IPv6 is one source",
        policy: limited("1/hour burst 2 per source"),
        probes: [packet(6, 2n), packet(6, 3n), packet(6, 4n), packet(6, (1n << 64n) + 2n)],
        passing: [true, true, false, true],
    },
    {
        what: "what is beyond goes on to the next rule",
        policy: policy(
            {
                "t/dns": "accept udp from anywhere to port 53 limit 1/hour burst 1",
                "t/own": "accept udp from 10.0.0.2 to port 53 priority 1001",
            },
            {},
            nothingElse,
        ),
        probes: [packet(4, 3n), packet(4, 3n), packet(4, 2n)],
        passing: [true, false, true],
    },
];

const NO_RULES = policy({}, {}, nothingElse);

/** The same where a container publishes the ports. */
function published(asked: Case): Case {
    const way = { leavesBy: "docker0", translated: "port" } as const;
    return {
        ...asked,
        policy: { ...asked.policy, forward: "containers" },
        probes: asked.probes.map((probe) => ({ ...probe, forwarded: way })),
    };
}

/** Do limits let in as many as they say, and no more? */
export function askAboutLimits(kernel: Kernel, isNft: boolean, forward = false): Outcome {
    const cases = forward ? CASES.map(published) : CASES;
    const reports = cases.flatMap(({ what, policy, probes, passing, byFamily = passing }) => {
        // iptables goes on counting where a rule stays as it was.
        kernel.ask(forward ? { ...NO_RULES, forward: "containers" } : NO_RULES, []);
        return kernel.ask(policy, probes).flatMap(({ verdict }, index) => {
            if (verdict === ((isNft ? passing : byFamily)[index] ? "accept" : "drop")) return [];
            return [`${what}: packet ${index + 1}: ${verdict}: ${describeProbe(probes[index]!)}`];
        });
    });
    const probes = CASES.reduce((sum, { probes }) => sum + probes.length, 0);
    return { ...NOTHING, rulesets: 1, probes, disagreements: reports.length, reports };
}
