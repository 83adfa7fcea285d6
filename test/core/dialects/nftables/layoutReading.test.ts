import fc from "fast-check";
import { cachedUserland } from "../../../lab/userland";
import { digestOf, listTextCommand, nftables, render } from "../../../../core/dialects/nftables";
import { formatRule } from "../../../../core/model/formatRule";
import type { Policy } from "../../../../core/model/policy";
import { policy } from "./build";
import { kernelTest, openNft } from "./kernel";
import { manyRules } from "./manyRules";
import { ownership } from "./policies";

const laidOut = (wanted: Policy) => render(wanted, ownership, 0);

const releases = { bullseye: "0.9.8", bookworm: "1.0.6", trixie: "1.1.3", forky: "1.1.7" } as const;

describe.each(Object.entries(releases))("nft of Debian %s (%s)", (release) => {
    const root = cachedUserland(release as keyof typeof releases);

    (root === undefined ? test.skip : kernelTest)("lists rules laid out in sets so that they read back", () => {
        const nft = openNft(root);
        try {
            fc.assert(
                fc.property(manyRules({ minLength: 30, maxLength: 200 }), (wanted) => {
                    const listing = nft.run([laidOut(wanted)]);
                    expect(nftables.prove({ listing }, wanted)).toBeUndefined();
                    expect(nftables.difference(listing, wanted)).toBeUndefined();
                    const { rules, sets, defaults, ...rest } = nftables.read(listing, wanted);
                    expect([...rules].map(([key, rule]) => ({ key, rule }))).toEqual(wanted.rules);
                    expect({ sets, defaults }).toEqual({ sets: wanted.sets, defaults: wanted.defaults });
                    expect(rest).toEqual({
                        mark: { ...ownership, digest: digestOf(wanted) },
                        base: nftables.baseLine,
                        baseIntact: true,
                        unmanaged: [],
                        effective: wanted.rules,
                        understood: true,
                    });
                }),
                { numRuns: 25 },
            );
        } finally {
            nft.close();
        }
    });
});

/** Each network in a set, each port in one, two rules by themselves, and IPv6 networks behind a map. */
const site = policy(
    {
        "web/scan-1": "drop any from 203.0.113.0/24",
        "web/scan-2": "drop any from 198.51.100.0/24",
        "web/ssh": "accept tcp from anywhere to port 22 limit 10/second log",
        "web/a": "accept tcp from 10.0.0.0/8 to port 8080",
        "web/b": "accept tcp from 192.0.2.0/24 to port 8443",
        "web/c": "accept tcp from 2001:db8::/32 to port 8080",
        "web/d": "accept tcp from 2001:db9::/48 to port 8443",
        "web/http": "accept tcp from anywhere to port 80",
        "web/office": "accept tcp from set office to port 5432",
        "web/quic": "accept udp from anywhere to port 443",
    },
    { office: ["10.1.0.0/16"] },
);

describe("what somebody changes by hand", () => {
    const nft = openNft();
    afterAll(() => nft.close());

    const setWith = (element: RegExp) => {
        const [, name] = new RegExp(`(?:set|map) (vpsfw_in_\\d+) \\{[^}]*${element.source}`).exec(laidOut(site))!;
        return name!;
    };
    const live = (...commands: string[]) => {
        const listing = nft.run([laidOut(site)], commands);
        const { rules, base, unmanaged, understood, exposure } = nftables.read(listing, site);
        return {
            rules: [...rules].map(([key, rule]) => [key, formatRule(rule)]),
            changed: base.split("; changed by hand: ")[1],
            unmanaged: unmanaged.map(({ key, line }) => [key, line]),
            understood,
            exposure,
            difference: nftables.difference(listing, site),
        };
    };
    const untouched = site.rules.map(({ key, rule }) => [key, formatRule(rule)]);

    kernelTest("nothing", () => {
        expect(live()).toEqual({
            rules: live().rules,
            changed: undefined,
            unmanaged: [],
            understood: true,
            exposure: undefined,
            difference: undefined,
        });
        expect(live().rules.map(([key]) => key)).toEqual(untouched.map(([key]) => key));
        expect(laidOut(site).match(/vpsfw_in_\d+ \{/g)!.length).toBeGreaterThan(2);
    });

    kernelTest.each([
        [
            "an element more",
            `nft add element inet vps_firewall ${setWith(/10\.0\.0\.0/)} '{ 172.16.0.0/12 . tcp . 25 }'`,
        ],
        ["an element less", `nft delete element inet vps_firewall ${setWith(/203\.0\.113\.0/)} '{ 203.0.113.0/24 }'`],
        ["an element of the map less", `nft delete element inet vps_firewall ${setWith(/jump/)} '{ tcp . 8443 }'`],
        ["a chain of the map emptied", `nft flush chain inet vps_firewall ${setWith(/jump/)}_0`],
    ])("%s", (_, command) => {
        const { changed, understood, difference, unmanaged, exposure } = live(command);
        expect(changed).toMatch(/^the rules laid out in sets mean something else \(in .+: \w+, not \w+\)$/);
        expect({ understood, unmanaged }).toEqual({ understood: false, unmanaged: [] });
        expect(difference).toContain(changed);
        expect(exposure).toBeDefined();
    });

    kernelTest("a rule of others", () => {
        const { rules, changed, unmanaged, understood, exposure, difference } = live(
            "nft insert rule inet vps_firewall input tcp dport 3306 accept",
        );
        expect(changed).toBeUndefined();
        expect(rules).toEqual(live().rules);
        expect(unmanaged).toEqual([["(unmanaged) tcp 3306", "accept tcp from anywhere to port 3306"]]);
        expect(understood).toBe(false);
        expect(exposure).toMatchObject({ "ingress tcp 3306": expect.stringContaining("anywhere") });
        expect(difference).toMatch(/^\(unmanaged\) tcp 3306/);
    });

    kernelTest("a rule that stands by itself is gone", () => {
        const handle = /# handle (\d+)/.exec(
            nft
                .run([laidOut(site)], [], listTextCommand)
                .split("\n")
                .find((line) => line.includes("limit name") && line.includes('comment "web/ssh"'))!,
        )![1]!;
        const all = live(`nft delete rule inet vps_firewall input handle ${handle}`);
        expect(all.difference).toBeDefined();
    });

    kernelTest("rules of others come back at their places", () => {
        const commands = [
            "nft insert rule inet vps_firewall input tcp dport 3306 accept",
            `nft add rule inet vps_firewall ${setWith(/jump/)}_0 counter`,
            "nft add set inet vps_firewall mine '{ type ipv4_addr; }'",
        ];
        const rendered = laidOut(site);
        const listing = nft.run([rendered], commands);
        const back = nftables.keepForeign(rendered, listing, nft.run([rendered], commands, listTextCommand))!;
        const again = nft.run([rendered, back]);
        const read = (text: string) => nftables.read(text, site).unmanaged.map(({ handle: _, ...item }) => item);
        expect(read(listing)).toHaveLength(3);
        expect(read(again)).toEqual(read(listing));
        expect(nftables.read(again, site).baseIntact).toBe(true);
    });
});
