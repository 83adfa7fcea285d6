import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expectExactReading } from "./exactReading";
import { kernelTest, openNft } from "./kernel";
import { policies } from "./policies";

// Made by: mmdebstrap --variant=extract --include=base-files,nftables RELEASE $VPS_FIREWALL_NFT_ROOTS/RELEASE
const folder = process.env.VPS_FIREWALL_NFT_ROOTS ?? "/var/cache/vps-firewall-lab";
const releases = { bullseye: "0.9.8", bookworm: "1.0.6", trixie: "1.1.3" };

describe.each(Object.entries(releases))("nft of Debian %s (%s)", (release, version) => {
    const root = join(folder, release);
    const there = existsSync(join(root, "usr/sbin/nft"));

    (there ? kernelTest : test.skip)("lists any policy so that it reads back exactly", () => {
        const nft = openNft(root);
        try {
            expect(nft.run([], [], "nft --version")).toContain(`v${version}`);
            fc.assert(
                fc.property(policies, (policy) => expectExactReading(nft, policy)),
                { numRuns: 30 },
            );
        } finally {
            nft.close();
        }
    });
});
