import fc from "fast-check";
import { nftables, parse, readBack, render, sameRuleset } from "../../../../core/dialects/nftables";
import { setIdentifier } from "../../../../core/dialects/nftables/identifiers";
import { formatAddress } from "../../../../core/model/addresses";
import { cachedUserland } from "../../../lab/userland";
import { policy } from "./build";
import { crowdOf, withCrowds } from "./crowd";
import { expectExactReading } from "./exactReading";
import { kernelTest, openNft } from "./kernel";
import { ownership, policies } from "./policies";

const nft = openNft();
afterAll(() => nft.close());

const ranges = [4, 6].flatMap((family) => crowdOf(family as 4 | 6, 4200));
const blocked = {
    ...policy({
        "web/blocked": "drop any from set blocked",
        "web/dns": "accept udp from anywhere except set blocked to port 53",
        "web/ssh": "accept tcp from anywhere to port 22",
    }),
    sets: [{ name: "blocked", ranges }],
};

test("the networks of a large set stand by their lengths, and rules ask each", () => {
    const text = render(blocked, ownership);
    const id = setIdentifier("blocked", 4);
    expect(text).not.toContain("flags interval");
    expect(text).toContain(`set ${id}_24 {\n        type ipv4_addr; comment "blocked"\n        elements = { `);
    expect(text).toContain(`ip saddr @${id}_32 counter drop comment "web/blocked"`);
    expect(text).toContain(`ip saddr & 255.255.255.0 @${id}_24 counter drop comment "web/blocked"`);
    // Nobody is an exception who is in one of them.
    expect(text).toMatch(new RegExp(`ip saddr != @${id}_32 ip saddr & .* != @${id}_17 udp dport 53 counter accept`));
    expect(nftables.prove({ text }, blocked)).toBeUndefined();
});

test.each([
    ["IPv4", crowdOf(4, 4000), true],
    ["IPv4", crowdOf(4, 4001), false],
    ["IPv6", crowdOf(6, 4000), true],
    ["IPv6", crowdOf(6, 4001), false],
])("of %s, 4,000 are intervals and more are not", (_, ranges, intervals) => {
    const text = render({ ...blocked, sets: [{ name: "blocked", ranges }] }, ownership);
    expect(text.includes("flags interval")).toBe(intervals);
});

kernelTest(
    "the kernel's list of any policy with large sets reads back as exactly that policy, and means it",
    () => {
        const withSets = policies.filter(({ sets }) => sets.length > 0);
        fc.assert(
            fc.property(withSets, fc.constantFrom([4], [6], [4, 6]), (small, families) => {
                const large = withCrowds(small, 4100, families);
                expectExactReading(nft, large);
                expect(nftables.prove({ listing: nft.run([render(large, ownership)]) }, large)).toBeUndefined();
            }),
            { numRuns: 5 },
        );
    },
    300_000,
);

describe("what was changed by hand", () => {
    const id = setIdentifier("blocked", 4);
    function after(command: string) {
        const listing = nft.run([render(blocked, ownership)], [`nft '${command}'`]);
        const { rules, unmanaged } = readBack(parse(listing));
        return {
            rules: [...rules.keys()],
            unmanaged: unmanaged.map(({ key }) => key),
            difference: sameRuleset(parse(listing), blocked),
            means: nftables.prove({ listing }, blocked) === undefined,
        };
    }
    const ofLength = (length: number) => {
        const ranges = crowdOf(4, 4200);
        return formatAddress(
            4,
            ranges.find(({ first, last }) => last - first === (1n << BigInt(32 - length)) - 1n)!.first,
        );
    };

    kernelTest("a network more, and one less", () => {
        expect(after(`add element inet vps_firewall ${id}_24 { 203.0.113.0 }`)).toEqual({
            rules: ["web/blocked", "web/dns", "web/ssh"],
            unmanaged: [],
            difference: "set blocked has 203.0.113.0/24 as well",
            means: false,
        });
        const address = ofLength(28);
        expect(after(`delete element inet vps_firewall ${id}_28 { ${address} }`)).toMatchObject({
            difference: `set blocked lacks ${address}/28`,
            means: false,
        });
    });

    kernelTest("an address that no packet finds, since it is no network of that length", () => {
        const { rules, difference, means } = after(`add element inet vps_firewall ${id}_24 { 203.0.113.7 }`);
        expect(rules).toEqual(["web/ssh"]);
        expect(difference).toBeDefined();
        expect(means).toBe(false);
    });

    kernelTest("a length that a rule does not ask any more", () => {
        const text = render(blocked, ownership).replace(/.*_24 counter drop comment "web\/blocked"\n/, "");
        const listing = nft.run([text]);
        expect([...readBack(parse(listing)).rules.keys()]).toEqual(["web/dns", "web/ssh"]);
        expect(nftables.prove({ listing }, blocked)).toBeDefined();
    });
});

describe.each(["bullseye", "trixie"] as const)("nft of Debian %s", (release) => {
    const root = cachedUserland(release);

    (root === undefined ? test.skip : kernelTest)("lists large sets so that they read back exactly", () => {
        const other = openNft(root);
        try {
            const forwarding = { ...blocked, forward: "containers" as const };
            for (const each of [blocked, forwarding]) {
                const listing = other.run([render(each, ownership)]);
                expect(nftables.difference(listing, each)).toBeUndefined();
                expect(nftables.prove({ listing }, each)).toBeUndefined();
            }
        } finally {
            other.close();
        }
    });
});
