import type { FirewallRule } from "../../../../core/dialects/netcup/rule";
import type { Random } from "../../../kernel/random";

/** Rules with one thing changed, which may mean something else, or not. */
export interface Mutant {
    readonly rules: readonly FirewallRule[];
    readonly change: string;
}

type Rules = readonly FirewallRule[];

/** One random change; the API would still take the rules. */
export function mutate(rules: Rules, random: Random): Mutant {
    for (;;) {
        const [change, make] = random.pick(CHANGES);
        const changed = make(rules, random);
        if (changed) return { rules: changed, change };
    }
}

type Change = (rules: Rules, random: Random) => Rules | undefined;

/** Another form of one random rule. */
function one(change: (rule: FirewallRule, random: Random) => Partial<FirewallRule> | undefined): Change {
    return (rules, random) => {
        if (rules.length === 0) return undefined;
        const index = random.below(rules.length);
        const changed = change(rules[index]!, random);
        return changed && rules.with(index, { ...rules[index]!, ...changed });
    };
}

const OTHERS = { TCP: "UDP", UDP: "TCP", ICMP: "ICMPv6", ICMPv6: "ICMP" } as const;

const CHANGES: readonly (readonly [string, Change])[] = [
    [
        "a rule taken away",
        (rules, { below }) => (rules.length > 0 ? rules.toSpliced(below(rules.length), 1) : undefined),
    ],
    [
        "a rule put first",
        (rules, { below }) => {
            const index = below(rules.length);
            return index > 0 ? [rules[index]!, ...rules.toSpliced(index, 1)] : undefined;
        },
    ],
    [
        "a rule more",
        (rules, { pick }) => [
            ...rules,
            {
                direction: pick(["INGRESS", "EGRESS"] as const),
                protocol: pick(["TCP", "UDP", "ICMP", "ICMPv6"] as const),
                action: pick(["ACCEPT", "DROP"] as const),
            },
        ],
    ],
    ["the other action", one(({ action }) => ({ action: action === "ACCEPT" ? "DROP" : "ACCEPT" }))],
    ["the other direction", one(({ direction }) => ({ direction: direction === "INGRESS" ? "EGRESS" : "INGRESS" }))],
    ["the other protocol", one(({ protocol }) => ({ protocol: OTHERS[protocol] }))],
    [
        "ends exchanged",
        one(({ sources, destinations }) => ({ sources: destinations ?? [], destinations: sources ?? [] })),
    ],
    ["other ports to", one(({ destinationPorts }, random) => ports("destinationPorts", destinationPorts, random))],
    ["other ports from", one(({ sourcePorts }, random) => ports("sourcePorts", sourcePorts, random))],
    ["another network from", one(({ sources }, random) => networks("sources", sources, random))],
    ["another network to", one(({ destinations }, random) => networks("destinations", destinations, random))],
];

function ports(
    field: "sourcePorts" | "destinationPorts",
    text: string | null | undefined,
    { pick }: Random,
): Partial<FirewallRule> | undefined {
    if (typeof text !== "string") return undefined;
    const [first, last] = [text.split("-")[0]!, text.split("-").at(-1)!].map(Number) as [number, number];
    return pick([
        { [field]: null },
        { [field]: `${first}-${Math.min(last + 1, 65535)}` },
        { [field]: String(first) },
        { [field]: String(last) },
    ]);
}

function networks(
    field: "sources" | "destinations",
    list: readonly string[] | null | undefined,
    { pick, below }: Random,
): Partial<FirewallRule> | undefined {
    if (!list?.length) return undefined;
    const index = below(list.length);
    const [address, length] = list[index]!.split("/");
    const most = address!.includes(":") ? 128 : 32;
    const other = length === undefined ? most - 1 : Math.min(Number(length) + 1, most);
    return pick([{ [field]: list.toSpliced(index, 1) }, { [field]: list.with(index, `${address}/${other}`) }]);
}
