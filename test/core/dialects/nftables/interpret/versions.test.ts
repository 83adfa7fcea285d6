import fc from "fast-check";
import { openDiagrams } from "../../../../../core/analysis/diagram";
import { openInterfaces } from "../../../../../core/analysis/interfaces";
import { lastOf, openConditions } from "../../../../../core/analysis/packetFields";
import { nftables, render } from "../../../../../core/dialects/nftables";
import { asListed } from "../../../../../core/dialects/nftables/interpret/asListed";
import type { Ruleset } from "../../../../../core/dialects/nftables/interpret/ast";
import { interfaceNames } from "../../../../../core/dialects/nftables/interpret/interfaceNames";
import { interpret } from "../../../../../core/dialects/nftables/interpret/interpret";
import { readJson } from "../../../../../core/dialects/nftables/interpret/readJson";
import { readText } from "../../../../../core/dialects/nftables/interpret/readText";
import { cachedUserland } from "../../../../lab/userland";
import { kernelTest, type Nft, openNft } from "../kernel";
import { ownership, policies } from "../policies";
import { table } from "./ask";
import { constructs } from "./constructs";

// Made by `npm run test:hosts`, or singly by `sh test/lab/makeUserland.sh bullseye`.
const releases = ["bullseye", "bookworm", "trixie", "forky"] as const;

/** But for rates of bytes, of which 0.9.8 says other units in JSON than in text. */
const rules = constructs.flatMap(([forms]) =>
    forms.filter((form) => typeof form === "string" && !form.includes("bytes/second")).map(String),
);
/** Each in a table of its own: not every version takes every one. */
const texts = rules.map((rule, i) => table(rule).replace("table inet t ", `table inet t${i} `));

describe.each(releases)("nft of Debian %s", (release) => {
    const root = cachedUserland(release);
    const test = root === undefined ? it.skip : kernelTest;
    const withNft = (use: (nft: Nft) => void) => () => {
        const nft = openNft(root);
        try {
            use(nft);
        } finally {
            nft.close();
        }
    };

    test(
        "lists every construct so that it means the same, as text and as JSON",
        withNft((nft) => {
            const load = texts.map((text) => `nft '${text}' 2>/dev/null`);
            const enter = root === undefined ? "" : `chroot '${root}' `;
            const list = ["nft list ruleset", "echo ---", "nft -j list ruleset"];
            const last = [...load, ...list].map((command) => enter + command).join("\n");
            const [listed = "", json = ""] = nft.run([], [], `true\n${last}`).split("\n---\n");
            const [text, listing] = [asListed(readText(listed)), asListed(readJson(json))];
            expect(text.tables.length).toBeGreaterThan(rules.length * 0.8);
            expect(listing.tables.length).toBe(text.tables.length);
            for (const [index, rule] of rules.entries()) {
                const own = ({ tables }: Ruleset) => ({ tables: tables.filter(({ name }) => name === `t${index}`) });
                if (own(text).tables.length === 0) continue;
                const [written, asText, asJson] = meanings(readText(texts[index]!), own(text), own(listing));
                expect([rule, asText === written, asJson === written]).toEqual([rule, true, true]);
            }
        }),
    );

    test(
        "lists any policy so that it means the policy",
        withNft((nft) => {
            fc.assert(
                fc.property(policies, (policy) => {
                    const listing = nft.run([render(policy, ownership)]);
                    expect(nftables.prove({ listing }, policy)).toBeUndefined();
                }),
                { numRuns: 20 },
            );
        }),
    );
});

/** Diagrams of the same packets: equal numbers mean the same. */
function meanings(...rulesets: readonly Ruleset[]): number[] {
    const diagrams = openDiagrams(lastOf);
    const conditions = openConditions();
    const interfaces = openInterfaces(new Set(rulesets.flatMap((ruleset) => [...interfaceNames(ruleset)])));
    return rulesets.map((ruleset) => interpret(ruleset, "input", { diagrams, conditions, interfaces }).diagram);
}
