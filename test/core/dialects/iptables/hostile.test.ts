import fc from "fast-check";
import { performance } from "node:perf_hooks";
import type { Packet } from "../../../../core/analysis/decide";
import { TooMuchWork } from "../../../../core/analysis/diagram";
import { boundsOf, iptables } from "../../../../core/dialects/iptables";
import { joinFamilies } from "../../../../core/dialects/iptables/families";
import { UnreadableListing, UnreadableRuleset } from "../../../../core/dialects/unreadable";
import type { Direction } from "../../../../core/model/rule";
import { policy, sample, web } from "../nftables/build";
import { ownership } from "../nftables/policies";
import { before, behind, type Edit, edited, saveOf } from "./save";

const PRINTABLE = /^[\x20-\x7e]*$/;

/** Reads, compares and keeps; anything but a reading or UnreadableListing throws. Seconds it took. */
function read(listing: string, expected = web): { readable: boolean; seconds: number } {
    const start = performance.now();
    let readable = true;
    for (const what of [
        () => checkReading(listing, expected),
        () => iptables.difference(listing, expected),
        () => iptables.keepForeign(iptables.render(expected, ownership), listing, ""),
    ])
        try {
            what();
        } catch (error) {
            if (!(error instanceof UnreadableListing)) throw error;
            expect(error.message).toMatch(PRINTABLE);
            readable = false;
        }
    return { readable, seconds: (performance.now() - start) / 1000 };
}

function checkReading(listing: string, expected: typeof web): void {
    for (const known of [undefined, expected]) {
        const { base, unmanaged, understood, exposure } = iptables.read(listing, known);
        expect(base).toMatch(PRINTABLE);
        expect(understood).toBe(exposure === undefined);
        expect(unmanaged.some(({ key, line }) => !PRINTABLE.test(key + line))).toBe(false);
        expect(new Set(unmanaged.map(({ key }) => key)).size).toBe(unmanaged.length);
    }
}

test.each<[name: string, listing: string, problem: RegExp]>([
    ["no headers", "*filter\nCOMMIT\n", /no part for each/],
    ["one family", "# vps-firewall ipv4\n*filter\nCOMMIT\n", /no part for each/],
    ["a crash", joinFamilies({ 4: "*filter\n:INPUT ACC", 6: "" }), /no part for each/],
    [
        "cut off",
        joinFamilies({ 4: "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", 6: "*filter\n:INPUT ACCEPT [0:0]\n" }),
        /IPv6: the listing is cut off/,
    ],
    [
        "cut off in a comment",
        joinFamilies({ 4: "", 6: '*filter\n:A - [0:0]\n-A A -m comment --comment "a\nCOMMIT\n' }),
        /IPv6: /,
    ],
    [
        "a message",
        joinFamilies({ 4: "iptables: Permission denied\n", 6: "" }),
        /"iptables: Permission denied" belongs to no table/,
    ],
    ["no chain", joinFamilies({ 4: "*filter\n-A INPUT -j DROP\nCOMMIT\n", 6: "" }), /is no rule of a chain/],
    [
        "a chain twice",
        joinFamilies({ 4: "*filter\n:A - [0:0]\n:A - [0:0]\nCOMMIT\n", 6: "" }),
        /chain A stands there twice/,
    ],
    ["two tables in one", joinFamilies({ 4: "*filter\n*nat\nCOMMIT\n", 6: "" }), /a table does not end/],
    [
        "rules of nft",
        joinFamilies({ 4: "# Table `filter' is incompatible, use 'nft' tool.\n", 6: "" }),
        /only nft can list/,
    ],
    ["colours", joinFamilies({ 4: "\u001b[31mno\n", 6: "" }), /"\\\\u001b\[31mno" belongs to no table/],
])("%s is no listing", (_, listing, problem) => {
    expect(() => iptables.read(listing)).toThrow(UnreadableListing);
    expect(() => iptables.read(listing)).toThrow(problem);
    expect(() => iptables.difference(listing, web)).toThrow(UnreadableListing);
});

test("warnings, counters, other tables and blanks at the end are no trouble", () => {
    const noisy = edited(saveOf(web), "both", (lines) => [
        "# Warning: iptables-legacy tables present, use iptables-legacy-save to see them",
        "*nat",
        ":INPUT ACCEPT [0:0]",
        "-A INPUT -j whatever",
        "COMMIT",
        "",
        ...lines.map((line) => (line.startsWith("-A") ? `[12:3456] ${line} ` : line)),
    ]);
    expect(iptables.difference(noisy, web)).toBeUndefined();
});

test("a comment over several lines is one rule", () => {
    const listing = edited(
        saveOf(web),
        4,
        before('"web/quic"', '-A VPSFW-IN -p tcp -m comment --comment "a', "COMMIT", 'b" -j DROP'),
    );
    expect(iptables.read(listing, web).unmanaged.map(({ line }) => line)).toEqual(["drop tcp from anywhere IPv4"]);
});

const many = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));
const own = '-m comment --comment "web/quic" -j RETURN';

test.each<[name: string, edit: Edit]>([
    [
        "5,000 rules of others",
        before('"web/quic"', ...many(5_000, (i) => `-A VPSFW-IN -s 10.${i >> 8}.${i & 255}.0/24 -j DROP`)),
    ],
    [
        "5,000 that are not understood",
        before('"web/quic"', ...many(5_000, (i) => `-A VPSFW-IN -m set --match-set s${i} src -j DROP`)),
    ],
    [
        "5,000 lines of one rule",
        before(
            '"web/quic"',
            ...many(
                10_000,
                (i) => `-A VPSFW-IN -s 10.${i >> 8}.${i & 255}.0/24 -d 10.${i >> 8}.${i & 255}.0/24 ${own}`,
            ),
        ),
    ],
    [
        "5,000 addresses of one rule",
        before('"web/quic"', ...many(5_000, (i) => `-A VPSFW-IN -s 10.${i >> 7}.${(2 * i) & 255}.0/24 ${own}`)),
    ],
    [
        "5,000 rules",
        before(
            '"web/quic"',
            ...many(
                10_000,
                (i) => `-A VPSFW-IN -p tcp -m tcp --dport ${i + 1} -m comment --comment web/r${i} -j RETURN`,
            ),
        ),
    ],
    [
        "5,000 limits",
        before(
            '"web/quic"',
            ...many(
                5000,
                (i) =>
                    `-A VPSFW-IN -m hashlimit --hashlimit-upto 1000000/sec --hashlimit-burst 1 --hashlimit-name x -m comment --comment web/r${i} -j RETURN`,
            ),
        ),
    ],
    [
        "5,000 rules before the jump",
        before("-A INPUT", ":o - [0:0]", ...many(5_000, () => "-A INPUT -j o"), ...many(5_000, () => "-A o -j o")),
    ],
    [
        "a circle",
        before("-A INPUT", ":a - [0:0]", ":b - [0:0]", "-A a -j b", "-A b -j a", "-A INPUT -j a", "-A b -j ACCEPT"),
    ],
    ["our chain in a circle", before('"web/quic"', "-A VPSFW-IN -j VPSFW-IN", "-A VPSFW-IN -j INPUT")],
    [
        "2,000 chains in a row",
        (lines) =>
            before(
                "-A INPUT",
                ...many(2000, (i) => `:c${i} - [0:0]`),
                ...many(1999, (i) => `-A c${i} -j c${i + 1}`),
                "-A INPUT -j c0",
                "-A c1999 -j ACCEPT",
            )(lines),
    ],
    ["300 interfaces", before('"web/quic"', ...many(300, (i) => `-A VPSFW-IN -i eth${i} -m owner -j ACCEPT`))],
    [
        "names of objects",
        before(
            '"web/quic"',
            "-A VPSFW-IN -p constructor -j DROP",
            "-A VPSFW-IN -j __proto__",
            '-A VPSFW-IN -m comment --comment "__proto__/constructor" -j toString',
        ),
    ],
    [
        "broken options",
        before(
            '"web/quic"',
            ...[
                "-j",
                "!",
                "! -j",
                "-s",
                "! !",
                "-p",
                "--dport",
                "-m",
                "-m tcp --tcp-flags SYN",
                "--comment",
                "-c 1 2",
                "- - -",
                "-p ipv6-icmp conntrack -m icmp6 --icmpv6-type 2 -j RETURN",
                "-p tcp x -m tcp --tcp-flags SYN SYN -j RETURN",
                "-s 1.2.3.4/99",
                "-s 1.2.3/8",
                "--dport 9-1",
                "--dport 70000",
                "--hashlimit-upto 0/sec",
                "--limit 1/x",
                "--limit 99999999999999999999/sec",
                "-j REJECT --reject-with",
                "-g",
            ].map((rule) => `-A VPSFW-IN ${rule}`),
        ),
    ],
])("%s is read in time", (_, edit) => {
    for (const family of [4, "both"] as const) {
        const listing = edited(saveOf(web), family, edit);
        const { seconds } = read(listing);
        expect(seconds).toBeLessThan(60);
        prove(listing);
    }
});

/** Anything but an answer, UnreadableRuleset or TooMuchWork throws. */
function prove(listing: string, expected = web): void {
    for (const what of [
        () => iptables.prove({ listing }, expected),
        () => boundsOf(listing, probe("ingress")),
        () => boundsOf(listing, probe("egress")),
    ])
        try {
            what();
        } catch (error) {
            if (!(error instanceof UnreadableRuleset || error instanceof TooMuchWork)) throw error;
        }
}

const probe = (direction: Direction): Packet => ({
    direction,
    family: 4,
    protocol: 6,
    source: 0xc6336409n,
    sourcePort: 40000,
    destination: 0xc000020an,
    destinationPort: 443,
});

test.each<[name: string, edit: Edit]>([
    ["5,000 bridges", behind("VPSFW-FWD -o docker0", ...many(5000, (i) => `-A VPSFW-FWD -o br${i} -g VPSFW-CTR`))],
    ["5,000 uplinks", behind("VPSFW-CTR -i docker0", ...many(5000, (i) => `-A VPSFW-CTR -i eth${i} -j RETURN`))],
    ["5,000 matches of one rule", behind("VPSFW-CTR -i docker0", `-A VPSFW-CTR${" -m socket".repeat(1400)} -j DROP`)],
    ["a circle", behind("VPSFW-CTR -i docker0", "-A VPSFW-CTR -g VPSFW-FWD")],
    [
        "a mark over and over",
        behind("VPSFW-FWD -o docker0", ...many(5000, () => `-A VPSFW-FWD -m comment --comment "vpsfw1 "`)),
    ],
])("%s in the chains for what is forwarded are read in time", (_, edit) => {
    const covering: typeof web = { ...web, forward: "containers" };
    const listing = edited(saveOf(covering), "both", edit);
    const { seconds } = read(listing, covering);
    expect(seconds).toBeLessThan(20);
    prove(listing, covering);
});

test("lines that no kernel holds end the reading", () => {
    const long = `-A VPSFW-IN -m comment --comment "${'\\"x'.repeat(1 << 20)}" -j DROP`;
    const open = ['-A VPSFW-IN -m comment --comment "a', ...many(200_000, () => "b")];
    for (const lines of [[long], open, ['"'.repeat(1 << 20)]]) {
        const { readable, seconds } = read(edited(saveOf(web), 4, behind('"web/quic"', lines.join("\n"))));
        expect(readable).toBe(false);
        expect(seconds).toBeLessThan(5);
    }
});

test("10,000 lines of a policy are read in well under a second", () => {
    const addresses = many(4000, (i) => `10.${i >> 7}.${(2 * i) & 255}.0/24`);
    const rules = Array.from({ length: 1000 }, (_, i) => [`web/b${i}`, `accept tcp from anywhere to port ${i + 100}`]);
    const lines = { "web/a": "accept tcp + udp from set big to port 22", ...Object.fromEntries(rules) };
    const wanted = policy(lines, { big: addresses });
    const listing = saveOf(wanted, iptables.render(wanted, ownership, { ipset: false }));
    expect(listing.split("\n").length).toBeGreaterThan(10_000);
    iptables.difference(listing, wanted);
    // Of the processor: other work on the machine adds nothing to it.
    const start = process.cpuUsage();
    expect(iptables.difference(listing, wanted)).toBeUndefined();
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(1500);
    expect(iptables.read(listing).rules.has("web/a")).toBe(true);
});

test("a listing that was cut, garbled or shuffled is a reading or none", () => {
    const listing = saveOf(sample);
    const words = [
        ...new Set(listing.split(/\s/)),
        '"',
        "!",
        "\n",
        "\\",
        "\u0000",
        "--dport",
        "0",
        "-1",
        "::",
        "1.2.3.4",
    ];
    const change = fc.tuple(fc.nat(listing.length), fc.nat(40), fc.array(fc.constantFrom(...words), { maxLength: 4 }));
    fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
            const text = changes.reduce(
                (some, [at, length, added]) => some.slice(0, at) + added.join(" ") + some.slice(at + length),
                listing,
            );
            const { readable } = read(text, sample);
            // Whatever is not exactly as it was is seen, unless the words mean the same.
            if (readable && iptables.difference(text, sample) === undefined)
                expect(iptables.prove({ listing: text }, sample)).toBeUndefined();
        }),
        { numRuns: 150 },
    );
});
