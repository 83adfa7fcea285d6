import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, readBack, render, sameRuleset } from "../../../../core/dialects/nftables";
import { sample } from "./build";
import { openNft } from "./kernel";
import { ownership } from "./policies";

/**
 * Listings that this project made by running three versions of nft: `ours` of the policy below, `foreign` with rules added by
 * hand. VPS_FIREWALL_RECORD=1 makes them again (see versions.test.ts for the folders of the releases).
 */
const folder = join(__dirname, "recorded");
const roots = process.env.VPS_FIREWALL_NFT_ROOTS ?? "/var/cache/vps-firewall-lab";
const versions = { "0.9.8": join(roots, "bullseye"), "1.0.6": join(roots, "bookworm"), "1.1.3": join(roots, "trixie") };

const T = "inet vps_firewall";
const byHand = [
    `insert rule ${T} input tcp dport 3306 accept`,
    `insert rule ${T} input ip saddr { 192.0.2.1, 192.0.2.8/29 } udp dport { 1-5, 53 } reject`,
    `insert rule ${T} input icmp type { 0-8 } drop`,
    `insert rule ${T} input ct state new tcp dport 22 accept`,
    `insert rule ${T} input tcp dport 23 reject with tcp reset`,
    `add rule ${T} input tcp dport 3307 accept`,
].map((command) => `nft '${command}'`);

if (process.env.VPS_FIREWALL_RECORD)
    for (const [version, root] of Object.entries(versions)) {
        const nft = openNft(existsSync(root) ? root : "/");
        if (!nft.run([], [], "nft --version").includes(`v${version}`))
            throw new Error(`nft ${version} is not in ${root}`);
        const text = render(sample, ownership);
        writeFileSync(join(folder, `ours-${version}.listing`), pretty(nft.run([text])));
        writeFileSync(join(folder, `foreign-${version}.listing`), pretty(nft.run([text], byHand)));
        nft.close();
    }

/** An object a line. */
function pretty(json: string): string {
    const { nftables } = JSON.parse(json) as { nftables: unknown[] };
    return `{"nftables": [\n${nftables.map((object) => JSON.stringify(object)).join(",\n")}\n]}\n`;
}

const recorded = (name: string) => parse(readFileSync(join(folder, `${name}.listing`), "utf8"));

describe.each(Object.keys(versions))("nft %s", (version) => {
    test("lists the sample so that it reads back exactly", () => {
        const listing = recorded(`ours-${version}`);
        expect(listing.version).toBe(version);
        expect(sameRuleset(listing, sample)).toBeUndefined();
    });

    test("lists what others wrote so that it reads the same as in every version", () => {
        const { unmanaged, rules, baseIntact } = readBack(recorded(`foreign-${version}`));
        expect(rules).toEqual(readBack(recorded(`ours-${version}`)).rules);
        expect(baseIntact).toBe(true);
        expect(unmanaged.map(({ key, line }) => `${key}: ${line}`)).toEqual([
            "(unmanaged) tcp 23: reject tcp from anywhere to port 23 with tcp-reset",
            "(unmanaged) tcp 22: accept tcp from anywhere to port 22 state new",
            expect.stringMatching(
                /^\(unmanaged\) icmp echo-reply, 1, 2, .*: drop icmp echo-reply, 1, 2, .*, echo-request from anywhere$/,
            ),
            "(unmanaged) udp 1-5, 53: reject udp from 192.0.2.1, 192.0.2.8/29 to port 1-5, 53",
            "(unmanaged) tcp 3306: accept tcp from anywhere to port 3306",
            "(unmanaged) tcp 3307: accept tcp from anywhere to port 3307 (no effect: it stands behind the default)",
        ]);
    });
});
