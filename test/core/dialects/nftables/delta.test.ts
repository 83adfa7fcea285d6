import fc from "fast-check";
import { render } from "../../../../core/dialects/nftables";
import { deltaBetween } from "../../../../core/dialects/nftables/delta";
import { setIdentifier } from "../../../../core/dialects/nftables/identifiers";
import { type AddressRange, mergeRanges, prefixToRange } from "../../../../core/model/addresses";
import type { Policy } from "../../../../core/model/policy";
import { policy } from "./build";
import { crowdOf } from "./crowd";
import { ownership } from "./policies";

const crowds = mergeRanges([...crowdOf(4, 4100), ...crowdOf(6, 4100)]);
const rules = policy({ "web/blocked": "drop any from set blocked", "web/ssh": "accept tcp from anywhere to port 22" });
const blocking = (ranges: readonly AddressRange[]): Policy => ({
    ...rules,
    sets: [{ name: "blocked", ranges: mergeRanges(ranges) }],
});
const textOf = (wanted: Policy, applyId: string) => render(wanted, { ...ownership, applyId });

/** As host/delta.sh makes them. */
function edited(text: string, edits: string): string {
    const gone = new Set<number>();
    const more = new Map<number, string[]>();
    for (const edit of edits.trimEnd().split("\n")) {
        const [, kind, number, line] = /^([ad]) (\d+) ?([^]*)$/.exec(edit)!;
        if (kind === "d") gone.add(Number(number));
        else more.set(Number(number), [...(more.get(Number(number)) ?? []), line!]);
    }
    const lines = text
        .split("\n")
        .flatMap((line, i) => [...(gone.has(i + 1) ? [] : [line]), ...(more.get(i + 1) ?? [])]);
    return lines.join("\n");
}

const network = fc
    .tuple(fc.constantFrom<[4 | 6, number]>([4, 32], [4, 24], [6, 128], [6, 48]), fc.nat(400))
    .map(([[family, length], place]) => {
        const free = BigInt((family === 4 ? 32 : 128) - length);
        const top = family === 4 ? 200n << 24n : 0x3001n << 112n;
        return prefixToRange({ family, address: top + ((2n * BigInt(place)) << free), length });
    });
/** Some of the crowd, and others beside it. */
const some = fc.tuple(fc.array(fc.nat(crowds.length - 1), { maxLength: 30 }), fc.array(network, { maxLength: 30 }));

test("the edits make the later text of the former, and forward and back hold the same elements", () => {
    fc.assert(
        fc.property(some, some, (before, after) => {
            const of = ([less, more]: typeof before) =>
                blocking([...crowds.filter((_, i) => !less.includes(i)), ...more]);
            const [old, next] = [textOf(of(before), "0".repeat(16)), textOf(of(after), "1".repeat(16))];
            const [there, home] = [deltaBetween(old, next)!, deltaBetween(next, old)!];
            expect(edited(old, there.edits) === next).toBe(true);
            expect(edited(next, home.edits) === old).toBe(true);
            expect(there.back).toBe(home.forward);
            expect(there.forward).toBe(home.back);
            expect(there.forward.split("\n").length).toBeLessThan(200);
        }),
        { numRuns: 30 },
    );
});

test("what is sent for one network more", () => {
    const more = prefixToRange({ family: 4, address: 200n << 24n, length: 24 });
    const { forward } = deltaBetween(
        textOf(blocking(crowds), "0".repeat(16)),
        textOf(blocking([...crowds, more]), "1".repeat(16)),
    )!;
    expect(forward.replace(/d=\w+/, "d=..."))
        .toBe(`add element inet vps_firewall ${setIdentifier("blocked", 4)}_24 { 200.0.0.0 }
flush chain inet vps_firewall vpsfw_mark
table inet vps_firewall {
    chain vpsfw_mark { return comment "vpsfw1 o=0123456789abcdef r=00000000-0000-4000-8000-000000000000 a=1111111111111111 d=..."
    }
}
`);
});

test.each<[string, Policy]>([
    ["a rule", { ...blocking(crowds), rules: rules.rules.slice(0, 1) }],
    ["a default", { ...blocking(crowds), defaults: { ingress: "accept", egress: "accept" } }],
    ["a length", blocking([...crowds, prefixToRange({ family: 4, address: 200n << 24n, length: 9 })])],
    ["most of the elements", blocking(crowdOf(6, 4100))],
])("where %s differs, there is none", (_, other) => {
    expect(deltaBetween(textOf(blocking(crowds), "0".repeat(16)), textOf(other, "1".repeat(16)))).toBeUndefined();
});
