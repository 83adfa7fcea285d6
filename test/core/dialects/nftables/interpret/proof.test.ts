import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { formatPacket } from "../../../../../core/analysis/witness";
import { nftables, render } from "../../../../../core/dialects/nftables";
import { readJson } from "../../../../../core/dialects/nftables/interpret/readJson";
import { readText } from "../../../../../core/dialects/nftables/interpret/readText";
import type { Policy } from "../../../../../core/model/policy";
import { policy, sample, web } from "../build";
import { kernelTest, openNft } from "../kernel";
import { ownership, policies } from "../policies";

const proveText = (text: string, wanted: Policy) => nftables.prove({ text }, wanted);
const recorded = (name: string) => readFileSync(join(__dirname, "..", "recorded", `${name}.listing`), "utf8");

test("what is rendered means the policy", () => {
    for (const wanted of [web, sample, policy({}), policy({}, {}, { ingress: "accept", egress: "drop" })])
        expect(proveText(render(wanted, ownership), wanted)).toBeUndefined();
    fc.assert(
        fc.property(policies, (wanted) => {
            expect(proveText(render(wanted, ownership), wanted)).toBeUndefined();
        }),
        { numRuns: 200 },
    );
});

describe.each(["0.9.8", "1.0.6", "1.1.3"])("nft %s", (version) => {
    test("lists what means the same as the text that was loaded", () => {
        expect(nftables.prove({ listing: recorded(`ours-${version}`) }, sample)).toBeUndefined();
    });

    test("lists what others wrote so that it is found", () => {
        const { packet, ...rest } = nftables.prove({ listing: recorded(`foreign-${version}`) }, sample)!;
        expect(rest).toEqual({ direction: "ingress", conditions: [], meant: "drop", done: "accept" });
        expect(formatPacket(packet)).toBe("in tcp 203.0.113.9 -> 192.0.2.10 port 22");
    });
});

const nft = openNft();
afterAll(() => nft.close());

/** nft leaves the family of such a rule out, which a text that is to be loaded must say. */
const hasWholeIcmp = ({ rules }: Policy) =>
    rules.some(({ rule }) => rule.matches.some(({ protocol, types }) => protocol === "icmpv6" && !types));

kernelTest("what the kernel lists of any policy means the policy, as JSON and as text", () => {
    fc.assert(
        fc.property(policies, (wanted) => {
            const text = render(wanted, ownership);
            const list = "nft -j -s -p list table inet vps_firewall && echo --- && nft -p list ruleset";
            const [listing = "", listed = ""] = nft.run([text], [], list).split("\n---\n");
            expect(nftables.prove({ listing }, wanted)).toBeUndefined();
            if (!hasWholeIcmp(wanted)) expect(proveText(listed, wanted)).toBeUndefined();
        }),
        { numRuns: 30 },
    );
});

kernelTest("a listing that leaves out the family of ICMP is read with it", () => {
    const wanted = policy({ "t/a": "drop icmpv6 from anywhere", "t/b": "egress reject icmp + icmpv6 to anywhere" });
    const listing = nft.run([render(wanted, ownership)]);
    expect(listing).not.toContain('"right": "ipv6"}}, {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}');
    expect(nftables.prove({ listing }, wanted)).toBeUndefined();
});

test("both readers read the same", () => {
    const listing = readJson(recorded("ours-1.0.6"));
    const text = readText(render(sample, ownership));
    const shape = ({ tables }: typeof text) =>
        tables.map(({ family, name, chains }) => [
            family,
            name,
            chains.map((chain) => [chain.name, chain.hook, chain.rules.length]),
        ]);
    expect(shape(listing)).toEqual(shape(text));
});

/** The rendered text of a policy with one replacement. */
const broken = (wanted: Policy, from: string | RegExp, to: string) => {
    const text = render(wanted, ownership);
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    const difference = proveText(changed, wanted);
    if (!difference) return undefined;
    const { packet, conditions, meant, done } = difference;
    return [formatPacket(packet), ...conditions, `${meant}, not ${done}`].join("; ");
};

describe("a mistake is shown by an ordinary packet", () => {
    const both = policy({ "t/a": "reject tcp from anywhere to port 25" }, {}, { ingress: "drop", egress: "drop" });
    test.each([
        ["a port", web, "dport 443", "dport 444", "in udp 198.51.100.9 -> 192.0.2.10 port 443; accept, not drop"],
        ["a prefix", web, "10.0.0.0/8", "10.0.0.0/9", "in tcp 10.128.0.0 -> 192.0.2.10 port 9100; accept, not drop"],
        [
            "a set",
            web,
            "198.51.100.0/24",
            "198.51.100.0/25",
            "in tcp 198.51.100.128 -> 192.0.2.10 port 22; accept, not drop",
        ],
        [
            "an IPv6 set",
            web,
            "2001:db8:77::/48",
            "2001:db8:78::/48",
            "in tcp 2001:db8:77:: -> 2001:db8:5::10 port 22; accept, not drop",
        ],
        [
            "a default",
            web,
            /policy drop;(.*)counter drop comment/s,
            "policy accept;$1counter accept comment",
            "in tcp 192.0.2.9 -> 192.0.2.10 port 22; drop, not accept",
        ],
        [
            "the loopback",
            web,
            /iif "lo" accept/,
            'iif "lo" drop',
            "in tcp 203.0.113.9 -> 192.0.2.10 port 22 in lo; accept, not drop",
        ],
        [
            "replies",
            web,
            "ct state established",
            "ct state new",
            "in tcp 203.0.113.9 -> 192.0.2.10 port 22; drop, not accept",
        ],
        [
            "ICMP errors",
            web,
            "{ destination-unreachable, time-exceeded, parameter-problem }",
            "{ destination-unreachable, time-exceeded }",
            "in icmp parameter-problem 203.0.113.9 -> 192.0.2.10 state related; accept, not drop",
        ],
        [
            "the hop limit",
            web,
            " ip6 hoplimit 255",
            "",
            "in icmpv6 nd-router-solicit 2001:db8:bad::9 -> 2001:db8:5::10; ip6 hoplimit 255 does not hold; drop, not accept",
        ],
        [
            "neighbour discovery",
            web,
            "nd-neighbor-solicit, ",
            "",
            "in icmpv6 nd-neighbor-solicit 2001:db8:bad::9 -> 2001:db8:5::10; ip6 hoplimit 255; accept, not drop",
        ],
        [
            "listener discovery",
            web,
            ", mld2-listener-report",
            "",
            "in icmpv6 mld2-listener-report 2001:db8:bad::9 -> 2001:db8:5::10; accept, not drop",
        ],
        [
            "DHCP",
            web,
            "sport 67 udp dport 68",
            "sport 68 udp dport 67",
            "in udp 203.0.113.9 from port 68 -> 192.0.2.10 port 67; drop, not accept",
        ],
        [
            "DHCPv6",
            web,
            "fe80::/10",
            "fe80::/11",
            "in udp fea0:: from port 547 -> 2001:db8:5::10 port 546; accept, not drop",
        ],
        [
            "an answer",
            both,
            "reject",
            "reject with icmpx admin-prohibited",
            "in tcp 203.0.113.9 -> 192.0.2.10 port 25; port-unreachable, not admin-prohibited",
        ],
        ["no answer", both, "reject", "drop", "in tcp 203.0.113.9 -> 192.0.2.10 port 25; port-unreachable, not drop"],
        [
            "a chain that never runs",
            both,
            "hook output",
            "hook forward",
            "out tcp 192.0.2.10 -> 203.0.113.9 port 22; drop, not accept",
        ],
        [
            "DHCP requests",
            both,
            "udp sport 68 udp dport 67",
            "udp sport 68 udp dport 68",
            "out udp 192.0.2.10 from port 68 -> 203.0.113.9 port 67; accept, not drop",
        ],
    ])("%s", (_, wanted, from, to, said) => {
        expect(broken(wanted, from, to)).toBe(said);
    });
});

test("what decides nothing may stand there", () => {
    expect(broken(web, "counter accept", "accept")).toBeUndefined();
    expect(broken(web, "udp dport 443 counter accept", 'udp dport 443 log prefix "x" counter accept')).toBeUndefined();
    expect(broken(web, "dport { 80, 443 }", "dport { 443, 80-80 }")).toBeUndefined();
    expect(broken(web, "priority filter", "priority filter - 1")).toBeUndefined();
    expect(broken(web, /chain vpsfw_mark/, "chain other { drop\n}\nchain vpsfw_mark")).toBeUndefined();
});
