import { describeBare, startBareHost, type BareHost } from "./bareHost";
import { apply, mustBe, probe } from "./kit";
import { ruleset } from "./rulesets";

/** A ruleset of 20,000 prefixes: sent, staged, loaded, confirmed, listed. */
describeBare("a large ruleset", () => {
    let host: BareHost;
    beforeAll(async () => {
        host = await startBareHost();
    });
    afterAll(() => host.stop());

    test("arrives whole", async () => {
        const prefixes = Array.from(
            { length: 20_000 },
            (_, n) => `10.${n >> 12}.${(n >> 4) & 255}.${(n & 15) * 16}/29`,
        );
        const set = `    set many {\n        type ipv4_addr\n        flags interval\n        elements = { ${prefixes.join(",\n")} }\n    }\n`;
        const plan = (_: unknown, applyId: string) => {
            const forward = ruleset(applyId, 80).replace("    chain input", `${set}    chain input`);
            return { forward, boot: forward, manifest: {} };
        };
        const outcome = mustBe(await apply(host, 80, { plan, confirmSeconds: 30 }), "confirmed");
        const listed = (text: string) => (text.match(/"len": 29/g) ?? []).length;
        expect(listed(outcome.listing)).toBe(20_000);
        expect(listed((await probe(host)).listing)).toBe(20_000);
    });
});
