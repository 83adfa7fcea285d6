import fc from "fast-check";
import { digestOf, parse, render, sameRuleset } from "../../../../core/dialects/nftables";
import { expectExactReading } from "./exactReading";
import { kernelTest as test, openNft } from "./kernel";
import { ownership, policies } from "./policies";

const nft = openNft();
afterAll(() => nft.close());

test("what the kernel lists of any policy reads back as exactly that policy", () => {
    fc.assert(
        fc.property(policies, (policy) => expectExactReading(nft, policy)),
        { numRuns: 40 },
    );
});

test("a listing of one policy differs from any other policy", () => {
    fc.assert(
        fc.property(policies, policies, (one, other) => {
            fc.pre(digestOf(one) !== digestOf(other));
            expect(sameRuleset(parse(nft.run([render(one, ownership)])), other)).toEqual(expect.any(String));
        }),
        { numRuns: 20 },
    );
});
