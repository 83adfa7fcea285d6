import fc from "fast-check";
import { formatPacket } from "../../../../core/analysis/witness";
import { proveTranslation } from "../../../../core/dialects/iptables/interpret/prove";
import { renderFamilies } from "../../../../core/dialects/iptables/render";
import { CannotExpress } from "../../../../core/dialects/dialect";
import type { Policy } from "../../../../core/model/policy";
import { policy, sample, web } from "../nftables/build";
import { policies } from "../nftables/policies";

const rendered = (wanted: Policy) => renderFamilies(wanted, "vpsfw1 mark");

test("what is rendered means the policy", () => {
    for (const wanted of [web, sample, policy({}), policy({}, {}, { ingress: "accept", egress: "drop" })])
        expect(proveTranslation(rendered(wanted), wanted)).toBeUndefined();
    let refused = 0;
    fc.assert(
        fc.property(policies, (wanted) => {
            try {
                expect(proveTranslation(rendered(wanted), wanted)).toBeUndefined();
            } catch (error) {
                if (!(error instanceof CannotExpress)) throw error;
                refused++;
            }
        }),
        { numRuns: 300 },
    );
    expect(refused).toBeLessThan(100);
});

/** What differs once a text is changed, in one family or in both. */
function changed(from: string | RegExp, to: string, wanted = web): string {
    const { 4: ipv4, 6: ipv6 } = rendered(wanted);
    const texts = { 4: ipv4.replace(from, to), 6: ipv6.replace(from, to) };
    expect(texts).not.toEqual({ 4: ipv4, 6: ipv6 });
    const { packet, meant, done, conditions } = proveTranslation(texts, wanted)!;
    return [formatPacket(packet), ...conditions, `${meant} -> ${done}`].join(", ");
}

test.each<[from: string | RegExp, to: string, shown: string]>([
    ["--dports 80,443", "--dports 80", "in tcp 198.51.100.9 -> 192.0.2.10 port 443, accept -> drop"],
    [/.*"web\/scanners".*\n/, "", "in tcp 203.0.113.9 -> 192.0.2.10 port 80, drop -> accept"],
    ['"default:drop" -j DROP', '"default:drop" -j RETURN', "in tcp 192.0.2.9 -> 192.0.2.10 port 22, drop -> accept"],
    [
        "-s fe80::/10 -p udp",
        "-p udp",
        "in udp 2001:db8:bad::9 from port 547 -> 2001:db8:5::10 port 546, drop -> accept",
    ],
    [
        "--hl-eq 255",
        "--hl-eq 254",
        "in icmpv6 nd-router-solicit 2001:db8:bad::9 -> 2001:db8:5::10, ip6 hoplimit 254 does not hold, ip6 hoplimit 255, accept -> drop",
    ],
    ["-i lo ", "-i eth0 ", "in tcp 203.0.113.9 -> 192.0.2.10 port 22 in lo, accept -> drop"],
    [
        "--ctstate ESTABLISHED",
        "--ctstate RELATED,ESTABLISHED",
        "in tcp 203.0.113.9 -> 192.0.2.10 port 22 state related, drop -> accept",
    ],
    ["-j DROP", "-j REJECT", "in tcp 203.0.113.9 -> 192.0.2.10 port 22, drop -> port-unreachable"],
    ["-s 10.0.0.0/8", "! -s 10.0.0.0/8", "in tcp 198.51.100.9 -> 192.0.2.10 port 9100, drop -> accept"],
])("%s as %s is shown by a packet", (from, to, shown) => {
    expect(changed(from, to)).toBe(shown);
});

test("a limit counts by what it says", () => {
    const limited = policy({ "web/dns": "accept udp from anywhere to port 53 limit 10/second burst 5 per source" });
    expect(proveTranslation(rendered(limited), limited)).toBeUndefined();
    expect(changed("--hashlimit-upto 10/second", "--hashlimit-upto 11/second", limited)).toContain("limit 1");
    expect(changed(" --hashlimit-mode srcip", "", limited)).toContain("limit 1");
});

test("a limit is the one that the kernel makes of it, whichever way it is listed", () => {
    const lines = ["60/minute", "1/second", "1598/second", "90/hour"].map((rate, i): [string, string] => [
        `web/r${i}`,
        `accept udp from anywhere to port ${i + 1} limit ${rate} burst 5`,
    ]);
    const limited = policy(Object.fromEntries(lines));
    const { 4: ipv4, 6: ipv6 } = rendered(limited);
    const listed = (text: string) => text.replaceAll(" 60/minute", " 1/sec").replaceAll(" 1598/second", " 1600/sec");
    expect(proveTranslation({ 4: listed(ipv4), 6: listed(ipv6) }, limited)).toBeUndefined();
});
