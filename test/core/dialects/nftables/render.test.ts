import { render } from "../../../../core/dialects/nftables";
import { policy, web } from "./build";
import { ownership } from "./policies";

/** The rules of a chain between its base and its default. */
function rulesOf(text: string, chain: string): string[] {
    const lines = text.split("\n").map((line) => line.trim());
    const from = lines.indexOf(`chain ${chain} {`);
    return lines.slice(from, lines.indexOf("}", from)).filter((line) => line.includes('comment "web/'));
}

const inputOf = (lines: Record<string, string>, sets?: Record<string, readonly string[]>) =>
    rulesOf(render(policy(lines, sets), ownership), "input");

test("the walkthrough's template, whole", () => {
    expect(render(web, ownership)).toBe(
        `table inet vps_firewall
delete table inet vps_firewall
table inet vps_firewall {
    chain vpsfw_mark { return comment "vpsfw1 o=0123456789abcdef r=00000000-0000-4000-8000-000000000000 a=fedcba9876543210 d=DIGEST"
    }
    set s5cc3f828_4 {
        type ipv4_addr; flags interval; comment "office"
        elements = { 198.51.100.0/24 }
    }
    set s5cc3f828_6 {
        type ipv6_addr; flags interval; comment "office"
        elements = { 2001:db8:77::/48 }
    }
    chain input {
        type filter hook input priority filter; policy drop;
        iif "lo" accept comment "base:loopback"
        ct state established accept comment "base:replies"
        ct state related icmp type { destination-unreachable, time-exceeded, parameter-problem } accept comment "base:icmp-errors"
        ct state related icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept comment "base:icmp-errors"
        icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept comment "base:neighbour-discovery"
        icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } accept comment "base:multicast-listener-discovery"
        meta nfproto ipv4 udp sport 67 udp dport 68 accept comment "base:dhcp-client"
        ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "base:dhcp-client"
        ip saddr 203.0.113.0/24 counter drop comment "web/scanners"
        ip saddr 10.0.0.0/8 tcp dport 9100 counter accept comment "web/metrics"
        udp dport 443 counter accept comment "web/quic"
        ip saddr @s5cc3f828_4 tcp dport 22 counter accept comment "web/ssh"
        ip6 saddr @s5cc3f828_6 tcp dport 22 counter accept comment "web/ssh"
        tcp dport { 80, 443 } counter accept comment "web/web"
        counter drop comment "default:drop"
    }
}
`.replace("DIGEST", /d=([0-9a-f]{16})"/.exec(render(web, ownership))![1]!),
    );
});

test("an output chain, with its own base, only where egress is filtered", () => {
    expect(render(web, ownership)).not.toContain("chain output");
    const filtered = render(policy({}, {}, { ingress: "drop", egress: "drop" }), ownership);
    expect(filtered).toContain("type filter hook output priority filter; policy drop;");
    expect(filtered).toContain('oif "lo" accept comment "base:loopback"');
    expect(filtered).toContain("udp sport 68 udp dport 67 accept");
    const oneRule = render(policy({ "web/dns": "egress drop udp to 9.9.9.9 port 53" }), ownership);
    expect(oneRule).toContain("type filter hook output priority filter; policy accept;");
    expect(rulesOf(oneRule, "output")).toEqual(['ip daddr 9.9.9.9 udp dport 53 counter drop comment "web/dns"']);
});

test("one rule for both families, one for each where addresses are named", () => {
    expect(inputOf({ "web/a": "accept tcp + udp from anywhere port 1-1023 to port 53" })).toEqual([
        'meta l4proto { tcp, udp } th sport 1-1023 th dport 53 counter accept comment "web/a"',
    ]);
    expect(inputOf({ "web/a": "accept tcp from 10.0.0.0/8, 10.9.9.9-11.0.0.1, 2001:db8::1 to port 22" })).toEqual([
        'ip saddr 10.0.0.0-11.0.0.1 tcp dport 22 counter accept comment "web/a"',
        'ip6 saddr 2001:db8::1 tcp dport 22 counter accept comment "web/a"',
    ]);
    expect(inputOf({ "web/a": "accept tcp from anywhere IPv6 to port 22" })).toEqual([
        'ip6 saddr ::/0 tcp dport 22 counter accept comment "web/a"',
    ]);
});

test("protocols without ports, ICMP in its own family", () => {
    expect(
        inputOf({
            "web/a": "accept icmp echo-request + icmpv6 from anywhere",
            "web/b": "reject protocol 47 from anywhere",
        }),
    ).toEqual([
        'icmp type 8 counter accept comment "web/a"',
        'meta nfproto ipv6 meta l4proto 58 counter accept comment "web/a"',
        'meta l4proto 47 counter reject comment "web/b"',
    ]);
});

test("what no packet can meet is a note that matches nothing", () => {
    expect(inputOf({ "web/a": "accept tcp from 10.0.0.1 to 2001:db8::1 port 22" })).toEqual([
        'meta mark @vpsfw_no_packet ip saddr 10.0.0.1 counter accept comment "web/a"',
        'meta mark @vpsfw_no_packet ip6 daddr 2001:db8::1 counter accept comment "web/a"',
        'meta mark @vpsfw_no_packet tcp dport 22 counter accept comment "web/a"',
    ]);
    expect(inputOf({ "web/a": "accept tcp from set nobody to port 22" }, { nobody: [] })).toEqual([
        expect.stringMatching(/^ip saddr @s[0-9a-f]{8}_4 tcp dport 22 counter accept comment "web\/a"$/),
    ]);
});

test("words of users never become identifiers", () => {
    const text = render(policy({ "meta/fwd": "drop any from set table" }, { table: ["192.0.2.1"] }), ownership);
    const words = text.replaceAll(/comment "[^"]*"/g, "").replaceAll("table inet", "");
    expect(words).not.toMatch(/\bfwd\b|\btable\b|meta\/|@table/);
});

test.each([
    ["a key that is not template/rule", { 'web/a" accept': "accept any from anywhere" }],
    ["a key without template", { ssh: "accept any from anywhere" }],
    ["a rule that is disabled", { "web/a": "accept any from anywhere disabled" }],
    ["an address that is not known", { "web/a": "accept any from (not known yet)" }],
    ["a set that is not there", { "web/a": "accept any from set ghost" }],
])("refuses %s", (_, lines) => {
    expect(() => render(policy(lines as Record<string, string>), ownership)).toThrow();
});
