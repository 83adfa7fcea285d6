import fc from "fast-check";
import { CannotExpress } from "../../../../core/dialects/dialect";
import { digestOf } from "../../../../core/dialects/digest";
import { iptables } from "../../../../core/dialects/iptables";
import { formatRule } from "../../../../core/model/formatRule";
import type { Policy } from "../../../../core/model/policy";
import type { Limit } from "../../../../core/model/rule";
import { SECONDS } from "../../../../core/model/ruleOptions";
import { policy, sample, web } from "../nftables/build";
import { ownership, policies } from "../nftables/policies";
import { saveOf } from "./save";

/** A policy as a reading shows it: what stands between the two directions has no order. */
function inReadingOrder({ rules, sets, defaults }: Policy) {
    const of = (direction: string) => rules.filter(({ rule }) => rule.direction === direction);
    return { rules: [...of("ingress"), ...of("egress")].map(({ key, rule }) => [key, rule]), sets, defaults };
}

function expectExactReading(wanted: Policy, listing: string): void {
    const { rules, sets, defaults, ...rest } = iptables.read(listing, wanted);
    expect({ rules: [...rules], sets, defaults }).toEqual(inReadingOrder(wanted));
    expect(rest).toEqual({
        mark: { ...ownership, digest: digestOf(wanted) },
        base: iptables.baseLine,
        baseIntact: true,
        unmanaged: [],
        effective: inReadingOrder(wanted).rules.map(([key, rule]) => ({ key, rule })),
        understood: true,
    });
    expect(iptables.difference(listing, wanted)).toBeUndefined();
}

/** Nothing for a policy that iptables can't say. */
function saved(wanted: Policy): string | undefined {
    try {
        return saveOf(wanted);
    } catch (error) {
        if (error instanceof CannotExpress) return undefined;
        throw error;
    }
}

test("what is rendered reads back as exactly the policy", () => {
    for (const wanted of [web, sample, policy({}), policy({}, {}, { ingress: "accept", egress: "drop" })])
        expectExactReading(wanted, saveOf(wanted));
    let refused = 0;
    fc.assert(
        fc.property(policies, (wanted) => {
            const listing = saved(wanted);
            if (listing === undefined) refused++;
            else expectExactReading(wanted, listing);
        }),
        { numRuns: 150 },
    );
    expect(refused).toBeLessThan(60);
});

test("without the policy, what is read means the same and is understood", () => {
    fc.assert(
        fc.property(policies, (wanted) => {
            const listing = saved(wanted);
            // Which rate was meant is not found out for every one that comes to the same pause.
            if (listing === undefined || wanted.rules.some(({ rule: { limit } }) => limit && isFast(limit))) return;
            const { rules, sets, defaults, understood, unmanaged } = iptables.read(listing);
            expect({ understood, unmanaged, sets }).toEqual({ understood: true, unmanaged: [], sets: [] });
            const read: Policy = { rules: [...rules].map(([key, rule]) => ({ key, rule })), sets, defaults };
            expect(iptables.prove({ listing }, read)).toBeUndefined();
            expect(iptables.read(saveOf(read)).rules).toEqual(rules);
        }),
        { numRuns: 100 },
    );
});

function isFast({ rate, per }: Limit): boolean {
    return rate > 9000 * Math.sqrt(SECONDS[per]);
}

test("a listing of one policy is another only where it means that", () => {
    let same = 0;
    fc.assert(
        fc.property(policies, policies, (one, other) => {
            const text = saved(one);
            fc.pre(text !== undefined);
            // Not only the mark tells them apart.
            const listing = text!.replaceAll(digestOf(one), digestOf(other));
            if (iptables.difference(listing, other) !== undefined) return;
            same++;
            expect(iptables.prove({ listing }, other)).toBeUndefined();
        }),
        { numRuns: 150 },
    );
    expect(same).toBeLessThan(20);
});

test("without the policy, rules read as the addresses and options that stand there", () => {
    const { rules, sets } = iptables.read(saveOf(sample));
    expect(sets).toEqual([]);
    expect(Object.fromEntries([...rules].map(([key, rule]) => [key, formatRule(rule)]))).toEqual({
        "base/scanners": "drop any from 203.0.113.0/24",
        "base/metrics": "accept tcp from 10.0.0.0/8, 192.0.2.7, 192.0.2.8/30, 192.0.2.12 to port 9100",
        "web/ssh":
            "accept tcp from 0.0.0.0/24, 192.0.2.0/25, 198.51.100.0/24, 2001:db8:77::/48, ffff::/16 to 192.0.2.1, 2001:db8::1 port 22",
        "web/web": "accept tcp + udp from anywhere to port 80, 443, 8000-8010",
        "web/ping": "accept icmp echo-request + icmpv6 packet-too-big, echo-request from anywhere",
        "web/tunnel": "reject protocol 47 from anywhere IPv4 priority 1005",
        "web/all": "accept any from anywhere IPv6",
        "web/dns": "egress accept tcp + udp to 9.9.9.9, 2620:fe::/48 port 53",
        "web/rest": "egress reject tcp to anywhere",
    });
});

test("priority, last day, limit and log are read", () => {
    const lines = {
        "web/a":
            "accept udp from anywhere to port 53 limit 999999/day burst 7 per source priority 900 expires 2027-01-31",
        "web/b": 'reject tcp from anywhere IPv6 to port 25, 27 in eth0, wg* log prefix "mail: " with tcp-reset',
        "web/c": "drop tcp from 10.0.0.0/8 flags null, xmas log",
        "web/d": "drop any from anywhere state invalid, untracked",
    };
    const { rules } = iptables.read(saveOf(policy(lines)));
    expect(Object.fromEntries([...rules].map(([key, rule]) => [key, formatRule(rule)]))).toEqual(lines);
});

test("an empty host, and one without our chains, hold nothing of ours", () => {
    const none = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n";
    for (const listing of ["", "\n", `# vps-firewall ipv4\n${none}# vps-firewall ipv6\n`]) {
        const reading = iptables.read(listing, web);
        expect(reading).toMatchObject({ base: "nothing of ours", baseIntact: false, understood: true, unmanaged: [] });
        expect(reading.defaults).toEqual({ ingress: "accept", egress: "accept" });
        expect(reading.rules.size).toBe(0);
        expect(iptables.difference(listing, web)).toBe("there are no chains of ours");
    }
});

test("a set of which no rule reads as expected is not read", () => {
    const wanted = policy(
        {
            "web/a": "accept tcp from set office to port 22",
            "web/b": "accept tcp from set home to port 22",
        },
        { home: ["198.51.100.7"], office: ["192.0.2.0/24", "2001:db8::/48"], spare: ["203.0.113.1"] },
    );
    const names = (listing: string) => iptables.read(listing, wanted).sets.map(({ name }) => name);
    expect(names(saveOf(wanted))).toEqual(["home", "office", "spare"]);
    const moved = saveOf(wanted).replace("-s 192.0.2.0/24", "-s 192.0.2.0/25");
    expect(names(moved)).toEqual(["home", "spare"]);
    expect(formatRule(iptables.read(moved, wanted).rules.get("web/a")!)).toBe(
        "accept tcp from 192.0.2.0/25, 2001:db8::/48 to port 22",
    );
    expect(iptables.difference(moved, wanted)).toMatch(/^web\/a is "accept tcp from 192.0.2.0\/25, 2001:db8::\/48/);
});
