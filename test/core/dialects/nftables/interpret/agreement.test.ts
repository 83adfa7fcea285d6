import fc from "fast-check";
import { decide, type Packet } from "../../../../../core/analysis/decide";
import { render } from "../../../../../core/dialects/nftables";
import type { Policy } from "../../../../../core/model/policy";
import type { Direction } from "../../../../../core/model/rule";
import { ownership, policies } from "../policies";
import { openRuleset } from "./ask";
import { type NftPacket, perPacket } from "./perPacket";

const hooks = { ingress: "input", egress: "output" } as const;

const number = fc.oneof(fc.constantFrom(1, 6, 17, 58), fc.nat(255));
const port = fc.oneof(fc.integer({ min: 1, max: 21 }), fc.integer({ min: 1, max: 65535 }), fc.constant(65535));
const state = fc.constantFrom("new", "related", "established", "invalid", "untracked");
const addressIn = (bits: number) =>
    fc.oneof(
        fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }),
        fc.bigInt({ min: -1n, max: 41n }).map((offset) => (10n << BigInt(bits - 8)) + offset),
        fc.constantFrom(0n, (1n << BigInt(bits)) - 1n),
    );

/** Any packet that the random policies tell apart. */
const packets: fc.Arbitrary<NftPacket> = fc.constantFrom(4 as const, 6 as const).chain((family) =>
    fc
        .record({
            protocol: number,
            source: addressIn(family === 4 ? 32 : 128),
            destination: addressIn(family === 4 ? 32 : 128),
            sourcePort: port,
            destinationPort: port,
            type: fc.oneof(fc.nat(255), fc.constantFrom(1, 3, 11)),
            code: fc.nat(15),
            flags: fc.oneof(fc.constantFrom(0x02, 0, 0x29, 0x10, 0x12), fc.nat(255)),
            state,
            interface: fc.constantFrom("", "lo", "eth0", "wg0", "wg1"),
            holds: fc.subarray(CONDITIONS),
        })
        .map(({ sourcePort, destinationPort, type, code, flags, holds, ...rest }) => ({
            ...rest,
            family,
            ...([6, 17].includes(rest.protocol) && { sourcePort, destinationPort }),
            ...(rest.protocol === (family === 4 ? 1 : 58) && { type, code }),
            ...(rest.protocol === 6 && { flags }),
            holds: new Set(holds),
        })),
);

const CONDITIONS = ["ip6 hoplimit 255", "meta mark 5", "limit 10/second burst 5"];

test("a rendered policy decides any packet as the policy does, but for the base", () => {
    fc.assert(
        fc.property(
            policies,
            fc.constantFrom<Direction>("ingress", "egress"),
            fc.noShrink(fc.array(packets, { minLength: 30, maxLength: 30 })),
            (policy, direction, asked) => {
                const { verdict } = openRuleset(render(policy, ownership), hooks[direction]);
                const base = openRuleset(render(withoutRules(policy, direction), ownership), hooks[direction]);
                for (const packet of asked) {
                    const decided = decide(policy, inWords(packet, direction));
                    const answer = policy.rules.find(({ key }) => key === decided.by)?.rule.answer;
                    const expected = decided.verdict === "reject" ? (answer ?? "port-unreachable") : decided.verdict;
                    expect(verdict(packet)).toBe(base.verdict(packet) === "accept" ? "accept" : expected);
                }
            },
        ),
        { numRuns: 150 },
    );
});

/** Nothing but the base, and everything else dropped. */
function withoutRules(policy: Policy, direction: Direction): Policy {
    return { ...policy, rules: [], defaults: { ...policy.defaults, [direction]: "drop" } };
}

function inWords(
    { type, code, flags, state, interface: device, holds: _, ...packet }: NftPacket,
    direction: Direction,
): Packet {
    return {
        ...packet,
        direction,
        state: state as NonNullable<Packet["state"]>,
        ...(type !== undefined && { icmpType: type }),
        ...(code !== undefined && { icmpCode: code }),
        ...(flags !== undefined && { tcpFlags: flags }),
        ...(device !== "" && { interface: device }),
        // Of the limits of these policies none holds.
        beyondLimits: true,
    };
}

/** Matches of every kind; most are seldom true alone, so that rules have one or two. */
const matches = fc.constantFrom(
    ...["tcp dport 1-20", "tcp dport != { 5, 7-9 }", "udp sport < 10", "th dport 3", "meta l4proto { tcp, udp }"],
    ...[
        "ip saddr 10.0.0.0/28",
        "ip saddr != { 10.0.0.3, 10.0.0.5-10.0.0.20 }",
        "ip6 daddr a00::/123",
        "ip daddr @four",
    ],
    ...["ip saddr != @four", "ip6 saddr @none", "ip saddr . tcp dport { 10.0.0.0/28 . 1-20, 0.0.0.0 . 3 }"],
    ...[
        "ip saddr . tcp dport != { 10.0.0.0/28 . 1-20 }",
        "ct state established,related",
        "ct state != new",
        "ct state { new, invalid }",
    ],
    ...[
        'iifname "wg*"',
        'iifname != { "lo", "wg0" }',
        'iif "lo"',
        'oifname "eth0"',
        "icmp type 0-100",
        "icmpv6 type != 7",
    ],
    ...[
        "meta nfproto ipv6",
        "ip protocol != 6",
        "meta mark 5",
        "meta mark != 5",
        "limit rate 10/second",
        "limit rate over 10/second",
    ],
    ...["ip6 hoplimit 255", "ip6 hoplimit != 255", "tcp flags syn", "tcp flags != syn", "counter", 'log prefix "x"'],
    ...["ip saddr & 255.255.255.240 == 10.0.0.16", "meta l4proto . th dport { tcp . 3, udp . 4-9 }"],
);
const verdicts = (targets: readonly string[]) =>
    fc.constantFrom(
        ...[
            "accept",
            "drop",
            "return",
            "continue",
            "reject",
            "reject with tcp reset",
            "reject with icmp host-unreachable",
        ],
        ...targets.flatMap((target) => [
            `jump ${target}`,
            `goto ${target}`,
            `tcp dport vmap { 1-5 : accept, 7 : jump ${target}, 9 : continue, * : goto ${target} }`,
            `ip saddr vmap { 10.0.0.0/29 : drop, 10.0.0.8-10.0.0.30 : return, 0.0.0.0 : jump ${target} }`,
            `ct state vmap { established : accept, related : jump ${target}, invalid : drop }`,
        ]),
        "ip saddr . ip daddr vmap { 10.0.0.0/28 . 10.0.0.0/27 : accept }",
    );
const rules = (targets: readonly string[]) =>
    fc
        .array(
            fc
                .tuple(fc.array(matches, { maxLength: 2 }), fc.option(verdicts(targets), { nil: "" }))
                .map(([all, verdict]) => [...all, verdict].join(" ").trim())
                .filter((rule) => rule !== ""),
            { maxLength: 6 },
        )
        .map((list) => list.map((rule) => `        ${rule}\n`).join(""));

const rulesets = fc
    .tuple(
        rules([]),
        rules(["a"]),
        rules(["a", "b"]),
        rules(["a", "b"]),
        fc.constantFrom("accept", "drop"),
        fc.integer({ min: -9, max: 9 }),
    )
    .map(
        ([a, b, early, late, policy, priority]) => `table inet t {
    set four { type ipv4_addr; flags interval; elements = { 10.0.0.2, 10.0.0.16/28 }
    }
    set none { type ipv6_addr
    }
    chain a {\n${a}    }
    chain b {\n${b}    }
    chain early { type filter hook input priority filter - 10; policy accept;\n${early}    }
    chain late { type filter hook input priority ${priority}; policy ${policy};\n${late}    }
}
`,
    );

test("any ruleset decides every packet as rule by rule", () => {
    fc.assert(
        fc.property(rulesets, fc.noShrink(fc.array(packets, { minLength: 60, maxLength: 60 })), (text, asked) => {
            const { ruleset, verdict, exact } = openRuleset(text);
            const one = perPacket(ruleset, "input");
            expect(exact).toBe(true);
            expect(asked.map(verdict)).toEqual(asked.map(one));
        }),
        { numRuns: 400 },
    );
});
