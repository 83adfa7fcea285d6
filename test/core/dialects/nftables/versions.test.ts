import fc from "fast-check";
import { cachedUserland } from "../../../lab/userland";
import { expectExactReading } from "./exactReading";
import { kernelTest, openNft } from "./kernel";
import { policies } from "./policies";

// Made by `npm run test:hosts`, or singly by `sh test/lab/makeUserland.sh bullseye`.
const releases = { bullseye: "0.9.8", bookworm: "1.0.6", trixie: "1.1.3", forky: "1.1.7" } as const;

describe.each(Object.entries(releases))("nft of Debian %s (%s)", (release, version) => {
    const root = cachedUserland(release as keyof typeof releases);

    (root === undefined ? test.skip : kernelTest)("lists any policy so that it reads back exactly", () => {
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
