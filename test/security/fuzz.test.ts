import { nftables, sameRuleset } from "../../core/dialects/nftables";
import { parseRule } from "../../core/model/parseRule";
import type { Policy } from "../../core/model/policy";
import { notKnownYet, policyOf } from "../../core/model/storedPolicy";
import { wishOf } from "../../provider/applyHost";
import { checkHost } from "../../provider/checkHost";
import type { HostInputs } from "../../provider/hostInputs";
import { openClaims } from "../../provider/machineClaims";
import { kernelTest, openNft } from "../core/dialects/nftables/kernel";
import { ownership } from "../core/dialects/nftables/policies";
import { hostileInputs, type RawInputs } from "./hostileTemplates";
import { readText } from "./readText";

const COUNT = 10_000;
/** nft takes some ten milliseconds for each. */
const KERNEL_COUNT = 300;
const seed = Math.floor(Math.random() * 2 ** 31);
const PRINTABLE = /^[\x20-\x7e]+$/;

/** A ruleset that came out of hostile inputs without an error. */
interface Accepted {
    readonly raw: RawInputs;
    readonly policy: Policy;
    readonly text: string;
}

describe("10,000 hostile templates", () => {
    let accepted: Accepted[];
    let refused = 0;

    beforeAll(() => {
        process.stdout.write(`    seed ${seed}\n`);
        accepted = hostileInputs(COUNT, seed).flatMap((raw) => {
            const outcome = inspect(raw);
            if (outcome === undefined) refused++;
            return outcome === undefined ? [] : [outcome];
        });
    });

    test("each ends in a coded error or in a ruleset that reads as the template", () => {
        process.stdout.write(`    ${refused} refused, ${accepted.length} rendered\n`);
        expect(refused + accepted.length).toBe(COUNT);
        // Else the generator has become one-sided.
        expect(Math.min(refused, accepted.length)).toBeGreaterThan(COUNT / 10);
    });

    kernelTest("nft itself reads some hundred of them in the same way", () => {
        const nft = openNft();
        try {
            for (let start = 0; start < KERNEL_COUNT; start += BATCH)
                readBack(nft, accepted.slice(start, start + BATCH));
        } finally {
            nft.close();
        }
    });
});

const wanted = (inputs: HostInputs) => ({
    resource: ownership.resource,
    inputs,
    known: undefined,
    claims: openClaims(),
    tell: () => undefined,
});

/** Nothing where `check` refuses it. */
function inspect(raw: RawInputs): Accepted | undefined {
    const hint = () => `seed ${seed}: ${JSON.stringify(raw)}`;
    try {
        const { inputs, failures } = checkHost(raw);
        for (const { property, reason } of failures)
            if (!/^VF0\d\d /.test(reason) || ![property, reason].every((text) => PRINTABLE.test(text)))
                throw new Error(`${property}: ${reason}`);
        if (failures.length > 0) return undefined;
        for (const text of Object.entries(inputs.rules).concat(Object.entries(inputs.exposure)).flat())
            if (!PRINTABLE.test(text)) throw new Error(`not printable: ${text}`);
        // Somebody who writes the words for what is not known yet is refused when it is to be applied.
        if (notKnownYet(policyOf(inputs)) !== undefined) {
            expect(() => wishOf(wanted(inputs))).toThrow(/^VF029 /);
            return undefined;
        }
        const { policy } = wishOf(wanted(inputs));
        for (const line of Object.values(inputs.rules)) if (!("rule" in parseRule(line))) throw new Error(line);
        const text = nftables.render(policy, ownership);
        const difference = sameRuleset(readText(text), policy);
        if (difference !== undefined) throw new Error(difference);
        return { raw, policy, text };
    } catch (error) {
        throw new Error(`${String(error)}\n${hint()}`);
    }
}

/** Rulesets for one call of nft: each gets a table of its own, which is renamed again in what is read. */
const BATCH = 30;

function readBack(nft: ReturnType<typeof openNft>, batch: readonly Accepted[]): void {
    const texts = batch.map(({ text }, index) => text.replaceAll("inet vps_firewall", `inet vps_firewall_${index}`));
    const listing = JSON.parse(nft.run([texts.join("")], [], "nft -j -s -p list ruleset")) as { nftables: object[] };
    const tables = new Map<string, object[]>();
    for (const object of listing.nftables)
        for (const [kind, value] of Object.entries(object) as [string, Record<string, unknown>][]) {
            if (kind === "metainfo") continue;
            const key = kind === "table" ? "name" : "table";
            const table = String(value[key]);
            const own = tables.get(table) ?? [];
            tables.set(table, own);
            own.push({ [kind]: { ...value, [key]: "vps_firewall" } });
        }
    expect(tables.size).toBe(batch.length);
    for (const [index, { policy, raw }] of batch.entries()) {
        const objects = tables.get(`vps_firewall_${index}`);
        const difference = nftables.difference(JSON.stringify({ nftables: objects }), policy);
        if (difference !== undefined) throw new Error(`${difference}\nseed ${seed}: ${JSON.stringify(raw)}`);
    }
}
