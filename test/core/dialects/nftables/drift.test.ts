import {
    nftables,
    parse,
    putBack,
    readBack,
    render,
    sameRuleset,
    unmanagedText,
} from "../../../../core/dialects/nftables";
import { listTextCommand } from "../../../../core/dialects/nftables";
import { exposure } from "../../../../core/analysis/exposure";
import { formatRule } from "../../../../core/model/formatRule";
import type { Policy } from "../../../../core/model/policy";
import { policy, web } from "./build";
import { kernelTest as test, openNft } from "./kernel";
import { ownership } from "./policies";

const nft = openNft();
afterAll(() => nft.close());

/** Every number of a handle below stands as nft gives them out; `find` looks one up by its comment. */
function after(commands: readonly string[], wanted: Policy = web) {
    const listing = parse(
        nft.run(
            [render(wanted, ownership)],
            commands.map((command) => `nft '${command}'`),
        ),
    );
    const reading = readBack(listing);
    return {
        ...reading,
        lines: Object.fromEntries([...reading.rules].map(([key, rule]) => [key, formatRule(rule)])),
        foreign: Object.fromEntries(reading.unmanaged.map(({ key, line }) => [key, line])),
        effective: reading.effective.map(({ key }) => key),
        difference: sameRuleset(listing, wanted),
    };
}

function handleOf(comment: string, wanted: Policy = web): number {
    const text = nft.run([render(wanted, ownership)], [], listTextCommand);
    return Number(new RegExp(`comment "${comment}" # handle (\\d+)`).exec(text)![1]);
}

const T = "inet vps_firewall";

test("a port opened by hand reads as a rule of the model", () => {
    const { foreign, effective, understood, rules, difference } = after([
        `insert rule ${T} input tcp dport 3306 accept`,
    ]);
    expect(foreign).toEqual({ "(unmanaged) tcp 3306": "accept tcp from anywhere to port 3306" });
    expect(effective[0]).toBe("(unmanaged) tcp 3306");
    expect(effective.slice(1)).toEqual([...rules.keys()]);
    expect(understood).toBe(true);
    expect(difference).toBe("(unmanaged) tcp 3306: accept tcp from anywhere to port 3306");
});

test.each([
    [
        "ip saddr 192.0.2.1 tcp dport { 80, 8080-8090 } counter accept",
        "accept tcp from 192.0.2.1 to port 80, 8080-8090",
    ],
    ["meta nfproto ipv4 tcp dport 22 drop", "drop tcp from anywhere IPv4 to port 22"],
    [
        "ip6 daddr 2001:db8::/64 meta l4proto { tcp, udp } th dport 53 accept",
        "accept tcp + udp from anywhere to 2001:db8::/64 port 53",
    ],
    ["icmp type { echo-request, 13 } accept", "accept icmp echo-request, timestamp-request from anywhere"],
    ["meta l4proto { icmp, 58 } accept", "accept icmp + icmpv6 from anywhere"],
    ["ip protocol gre accept", "accept protocol 47 from anywhere IPv4"],
    ["reject with icmpx port-unreachable", "reject any from anywhere"],
    ["accept", "accept any from anywhere"],
    ["ct state new tcp dport 3306 accept", "accept tcp from anywhere to port 3306 state new"],
    ["iifname eth0 tcp dport 3306 accept", "accept tcp from anywhere to port 3306 in eth0"],
    ["tcp dport 22 reject with tcp reset", "reject tcp from anywhere to port 22 with tcp-reset"],
    ["reject with icmpx admin-prohibited", "reject any from anywhere with admin-prohibited"],
    ["ip saddr != 10.0.0.0/8 drop", "drop any from anywhere IPv4 except 10.0.0.0/8"],
    ["tcp flags & (fin|syn|rst|ack) == syn drop", "drop tcp from anywhere flags syn"],
    ["icmp type 3 icmp code 4 accept", "accept icmp destination-unreachable/fragmentation-needed from anywhere"],
])("%s reads as %s", (text, line) => {
    const { unmanaged, understood } = after([`insert rule ${T} input ${text}`]);
    expect(unmanaged.map((item) => item.line)).toEqual([line]);
    expect(formatRule(unmanaged[0]!.rule!)).toBe(line);
    expect(understood).toBe(true);
});

test.each([
    ["tcp dport != 22 drop", "tcp dport != 22 drop"],
    ["ct state established tcp dport 3306 accept", "ct state established tcp dport 3306 accept"],
    ["oifname eth0 tcp dport 3306 accept", "meta oifname eth0 tcp dport 3306 accept"],
    ["iifname lo tcp dport 3306 drop", "meta iifname lo tcp dport 3306 drop"],
    ["tcp flags & (syn|ack) == ack accept", "tcp flags & 18 == 16 accept"],
    ["tcp dport 80 limit rate 10/second accept", expect.stringMatching(/^tcp dport 80 \{limit:.*\} accept$/)],
    ["tcp flags syn accept", "tcp flags syn accept"],
])("%s can't be said in the model and is shown in nft's words", (text, line) => {
    const { unmanaged, understood } = after([`insert rule ${T} input ${text}`]);
    expect(unmanaged).toEqual([expect.objectContaining({ line, place: "input", position: 0 })]);
    expect(unmanaged[0]!.key).toMatch(/^\(unmanaged\) \S/);
    expect(understood).toBe(false);
});

test("a rule that only counts decides nothing", () => {
    expect(after([`insert rule ${T} input tcp dport 22 counter`]).understood).toBe(true);
    expect(after([`insert rule ${T} input log prefix hm`]).understood).toBe(true);
});

test("a rule behind the default has no effect, and is still seen", () => {
    const { foreign, effective, rules } = after([`add rule ${T} input tcp dport 3306 accept`]);
    expect(foreign).toEqual({
        "(unmanaged) tcp 3306": "accept tcp from anywhere to port 3306 (no effect: it stands behind the default)",
    });
    expect(effective).toEqual([...rules.keys()]);
});

test("two of the same have keys of their own", () => {
    const twice = after([1, 2].map(() => `insert rule ${T} input tcp dport 3306 accept`));
    expect(Object.keys(twice.foreign)).toEqual(["(unmanaged) tcp 3306", "(unmanaged) tcp 3306 (2)"]);
});

test("EA-47: a rule of ours changed by hand reads as what it now says", () => {
    const handle = handleOf("web/metrics");
    const change = `replace rule ${T} input handle ${handle} ip saddr 10.0.0.0/7 tcp dport 9100 counter accept comment "web/metrics"`;
    const { lines, foreign, difference } = after([change]);
    expect(lines["web/metrics"]).toBe("accept tcp from 10.0.0.0/7 to port 9100");
    expect(foreign).toEqual({});
    expect(difference).toBe(
        'web/metrics is "accept tcp from 10.0.0.0/7 to port 9100", not "accept tcp from 10.0.0.0/8 to port 9100"',
    );
});

test("half of a rule is not the rule", () => {
    const { lines, foreign, difference } = after([`delete rule ${T} input handle ${handleOf("web/ssh")}`]);
    expect(lines).not.toHaveProperty("web/ssh");
    expect(Object.keys(foreign)).toEqual([expect.stringContaining("ip6 saddr @s5cc3f828_6 tcp dport 22 accept")]);
    expect(difference).toContain("(unmanaged)");
});

test("a rule that is removed, doubled or moved", () => {
    const handle = handleOf("web/quic");
    const gone = after([`delete rule ${T} input handle ${handle}`]);
    expect(gone.difference).toBe("web/quic is missing");
    const copy = `udp dport 443 counter accept comment "web/quic"`;
    const doubled = after([`add rule ${T} input handle ${handle} ${copy}`]);
    expect(doubled.difference).toContain("(unmanaged) udp 443");
    const moved = after([
        `delete rule ${T} input handle ${handle}`,
        `add rule ${T} input handle ${handleOf("web/web")} ${copy}`,
    ]);
    expect([...moved.rules.keys()].at(-1)).toBe("web/quic");
    expect(moved.foreign).toEqual({});
    expect(moved.difference).toBe("web/ssh stands where web/quic must stand");
});

test("an entry added to a set of ours shows in the set and in every line that refers to it", () => {
    const { sets, lines, difference } = after([`add element ${T} s5cc3f828_4 { 192.0.2.99 }`]);
    expect(sets[0]!.ranges).toHaveLength(3);
    expect(lines["web/ssh"]).toMatch(/^accept tcp from set office \(3, [0-9a-f]{8}\) to port 22$/);
    expect(difference).toBe("set office has 192.0.2.99 as well");
});

test.each([
    ["base:replies", "ingress replies is missing or altered"],
    ["base:loopback", "ingress loopback is missing or altered"],
    ["default:drop", "ingress default is missing"],
])("%s deleted", (comment, words) => {
    const { base, baseIntact, defaults, difference } = after([`delete rule ${T} input handle ${handleOf(comment)}`]);
    expect(base).toContain(`(1); changed by hand: ${words}`);
    expect(baseIntact).toBe(false);
    expect(defaults.ingress).toBe("drop");
    expect(difference).toBe(base);
});

test("a base rule that is widened is no longer the base", () => {
    const handle = handleOf("base:replies");
    const { base, foreign } = after([`replace rule ${T} input handle ${handle} accept comment "base:replies"`]);
    expect(base).toContain("ingress replies is missing or altered");
    expect(foreign).toEqual({ "(unmanaged) any": "accept any from anywhere" });
});

test("a policy changed by hand, the mark taken away", () => {
    expect(after([`chain ${T} input { policy accept; }`]).base).toContain("chain input has policy accept");
    const flushed = after([`flush chain ${T} vpsfw_mark`]);
    expect(flushed.mark).toBeUndefined();
    expect(flushed.base).toContain("the mark is missing or altered");
});

test("chains, sets and maps of others", () => {
    const { foreign, understood, base } = after([
        `add set ${T} blocked { type ipv4_addr; }`,
        `add element ${T} blocked { 192.0.2.7 }`,
        `add map ${T} ports { type inet_service : verdict; }`,
        `add chain ${T} early { type filter hook prerouting priority -300; policy accept; }`,
        `add rule ${T} early ip saddr @blocked drop`,
    ]);
    expect(foreign).toEqual({
        "(unmanaged) chain early":
            "chain early (filter prerouting priority -300 policy accept): ip saddr @blocked drop",
        "(unmanaged) set blocked": "1 elements of ipv4_addr",
        "(unmanaged) map ports": "in our table",
    });
    expect(understood).toBe(false);
    expect(base).not.toContain("changed by hand");
});

test("a host without our table", () => {
    const reading = readBack(parse(nft.run([], [], "nft -j list ruleset")));
    expect(reading).toMatchObject({
        defaults: { ingress: "accept", egress: "accept" },
        unmanaged: [],
        understood: true,
    });
    expect(reading.rules.size).toBe(0);
    expect(sameRuleset({}, web)).toBe("there is no table of ours");
});

test("what others wrote is put back in its place with our own text", () => {
    const commands = [
        `add set ${T} blocked { type ipv4_addr; }`,
        `add element ${T} blocked { 192.0.2.7 }`,
        `add chain ${T} side`,
        `add rule ${T} side tcp dport 1 drop comment "a # handle 9"`,
        `insert rule ${T} input ip saddr @blocked drop`,
        `add rule ${T} input handle ${handleOf("web/quic")} tcp dport 3306 jump side`,
        `add rule ${T} input tcp dport 3307 accept`,
        `delete rule ${T} input handle ${handleOf("base:replies")}`,
    ].map((command) => `nft '${command}'`);
    const rendered = render(web, ownership);
    const list = (rulesets: string[], changes: string[]) => ({
        listing: parse(nft.run(rulesets, changes)),
        text: nft.run(rulesets, changes, listTextCommand),
    });
    const live = list([rendered], commands);
    const back = putBack(rendered, unmanagedText(live.text, live.listing));
    const again = readBack(parse(nft.run([rendered, back])));
    const before = readBack(live.listing);
    const shown = (reading: typeof before) => reading.unmanaged.map(({ key, line, place }) => ({ key, line, place }));
    expect(shown(again)).toEqual(shown(before));
    expect(again.effective.map(({ key }) => key)).toEqual(before.effective.map(({ key }) => key));
    // What we had lost comes back with our own text.
    expect(again.baseIntact).toBe(true);
    expect(putBack(rendered, { blocks: [], chains: [] })).toBe(rendered);
});

test("an output chain of others, where ours has none, is put back whole", () => {
    const rendered = render(web, ownership);
    expect(rendered).not.toContain("chain output");
    const commands = [
        `nft 'add chain ${T} output { type filter hook output priority 5; policy accept; }'`,
        `nft 'add rule ${T} output tcp dport 25 drop'`,
    ];
    const live = parse(nft.run([rendered], commands));
    const back = putBack(rendered, unmanagedText(nft.run([rendered], commands, listTextCommand), live));
    expect(readBack(parse(nft.run([rendered, back]))).unmanaged).toEqual(
        readBack(live).unmanaged.map((item) => ({ ...item, handle: expect.any(Number) })),
    );
});

test("a whole ruleset may be read: only our table counts", () => {
    const other = policy({ "web/a": "accept tcp from anywhere to port 1" });
    const listing = nft.run(
        [render(other, ownership)],
        ["nft add table ip vps_firewall", "nft add table inet other"],
        "nft -j -s -p list ruleset",
    );
    expect(sameRuleset(parse(listing), other)).toBeUndefined();
});

test.each(["{", "[]", "nft: segfault", '{"nftables": 3}'])("%s is no listing", (text) => {
    expect(() => parse(text)).toThrow(/not JSON|no list/);
});

/** What stands in the state for the traffic, after somebody inserted a rule by hand. */
const exposureAfter = (text: string) =>
    nftables.read(nft.run([render(web, ownership)], [`nft 'insert rule ${T} input ${text}'`])).exposure;

test("a rule that is not understood widens the exposure to bounds, where it may match and no further", () => {
    expect(exposureAfter("tcp dport 3306 accept")).toBeUndefined();
    const { "ingress tcp 443": https, ...others } = exposure(web);
    expect(exposureAfter("tcp dport 3306 meta skuid 1000 accept")).toEqual({
        ...exposure(web),
        "ingress tcp 3306": "at most anywhere",
    });
    // A drop by it takes nothing for sure away, and lets nothing in.
    expect(exposureAfter("tcp dport 443 meta skuid 1000 drop")).toEqual({
        ...others,
        "ingress tcp 443": `at most ${https}`,
    });
    expect(exposureAfter("ip saddr 192.0.2.7 tcp dport 443 meta skuid 1000 drop")).toEqual({
        ...others,
        "ingress tcp 443": "at least anywhere except 192.0.2.7, 203.0.113.0/24, at most anywhere except 203.0.113.0/24",
    });
    // The base is said elsewhere, and a rule in front of it changes nothing of that.
    expect(exposureAfter("meta skuid 1000 drop")).toEqual(
        Object.fromEntries(
            Object.entries(exposure(web)).map(([what, who]) => [
                what,
                what.startsWith("egress") ? who : `at most ${who}`,
            ]),
        ),
    );
});
