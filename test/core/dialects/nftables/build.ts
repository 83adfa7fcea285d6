import { mergeRanges } from "../../../../core/model/addresses";
import { parseAddressRange } from "../../../../core/model/parseAddress";
import { parseRule } from "../../../../core/model/parseRule";
import type { Defaults, NamedSet, Policy } from "../../../../core/model/policy";
import type { Rule } from "../../../../core/model/rule";

export function rule(line: string): Rule {
    const parsed = parseRule(line);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.rule;
}

function set(name: string, entries: readonly string[]): NamedSet {
    const ranges = entries.map((entry) => {
        const parsed = parseAddressRange(entry);
        if ("problem" in parsed) throw new Error(parsed.problem.message);
        return parsed.range;
    });
    return { name, ranges: mergeRanges(ranges) };
}

/** A policy from canonical lines by key and entries by name of set. */
export function policy(
    lines: Record<string, string>,
    sets: Record<string, readonly string[]> = {},
    defaults: Defaults = { ingress: "drop", egress: "accept" },
): Policy {
    return {
        rules: Object.entries(lines).map(([key, line]) => ({ key, rule: rule(line) })),
        sets: Object.entries(sets).map(([name, entries]) => set(name, entries)),
        defaults,
    };
}

/** The template of the walkthrough, in the order that decides. */
export const web = policy(
    {
        "web/scanners": "drop any from 203.0.113.0/24",
        "web/metrics": "accept tcp from 10.0.0.0/8 to port 9100",
        "web/quic": "accept udp from anywhere to port 443",
        "web/ssh": "accept tcp from set office to port 22",
        "web/web": "accept tcp from anywhere to port 80, 443",
    },
    { office: ["198.51.100.0/24", "2001:db8:77::/48"] },
);

/** Every form of a rule, those that match nothing included. Recorded listings hold it: record again after a change. */
export const sample = policy(
    {
        "base/scanners": "drop any from 203.0.113.0/24",
        "base/metrics": "accept tcp from 10.0.0.0/8, 192.0.2.7-192.0.2.12 to port 9100",
        "web/ssh": "accept tcp from 192.0.2.0/25, set office to 192.0.2.1, 2001:db8::1 port 22",
        "web/web": "accept tcp + udp from anywhere to port 80, 443, 8000-8010",
        "web/ping": "accept icmp echo-request + icmpv6 echo-request, packet-too-big from anywhere",
        "web/tunnel": "reject protocol 47 from anywhere IPv4 priority 1005",
        "web/all": "accept any from anywhere IPv6",
        "web/nobody": "accept tcp from set nobody port 1-1023",
        "web/never": "accept icmp from 2001:db8::1",
        "web/dns": "egress accept tcp + udp to 9.9.9.9, 2620:fe::/48 port 53",
        "web/rest": "egress reject tcp to anywhere",
    },
    { nobody: [], office: ["198.51.100.0/24", "2001:db8:77::/48", "0.0.0.0-0.0.0.255", "ffff::/16"] },
    { ingress: "drop", egress: "drop" },
);
