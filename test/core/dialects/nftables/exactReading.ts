import { digestOf, nftables, parse, readBack, render, sameRuleset } from "../../../../core/dialects/nftables";
import type { Policy } from "../../../../core/model/policy";
import type { Nft } from "./kernel";
import { ownership } from "./policies";

/** A policy as a reading shows it: what stands between the two directions has no order. */
function inReadingOrder({ rules, sets, defaults }: Policy) {
    const ingress = rules.filter(({ rule }) => rule.direction === "ingress");
    const egress = rules.filter(({ rule }) => rule.direction === "egress");
    return { rules: [...ingress, ...egress].map(({ key, rule }) => [key, rule]), sets, defaults };
}

/** Loads a policy and expects that nft lists what reads back as exactly that. */
export function expectExactReading(nft: Nft, policy: Policy): void {
    const listing = parse(nft.run([render(policy, ownership)]));
    const { rules, sets, defaults, ...rest } = readBack(listing);
    expect({ rules: [...rules], sets, defaults }).toEqual(inReadingOrder(policy));
    expect(rest).toEqual({
        mark: { ...ownership, digest: digestOf(policy) },
        base: nftables.baseLine,
        baseIntact: true,
        unmanaged: [],
        effective: inReadingOrder(policy).rules.map(([key, rule]) => ({ key, rule })),
        understood: true,
    });
    expect(sameRuleset(listing, policy)).toBeUndefined();
}
