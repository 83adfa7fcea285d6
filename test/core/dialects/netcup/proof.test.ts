import fc from "fast-check";
import { openDecider } from "../../../../core/dialects/netcup/decidePacket";
import { prove } from "../../../../core/dialects/netcup/prove";
import { render, rulesOf } from "../../../../core/dialects/netcup/render";
import { type FirewallRule, type PanelReading, READINGS } from "../../../../core/dialects/netcup/rule";
import type { Policy } from "../../../../core/model/policy";
import { type Random, randomFrom } from "../../../kernel/random";
import { mutate } from "./mutate";
import { wrongAt } from "./oracle";
import { attached, DROP, OPEN, policyOf, proofOf, USUAL } from "./panel";
import { boundariesIn, packetAt, policies, renderedIfSmall } from "./random";

/** The first packet of some for which rules are wrong, in some reading. */
function wrongAmong(
    policy: Policy,
    rules: readonly FirewallRule[],
    count: number,
    random: Random,
): { readonly what: string; readonly reading: PanelReading } | undefined {
    const edges = boundariesIn(policy);
    const deciders = READINGS.map((reading) => ({ reading, decide: openDecider([attached(rules)], reading) }));
    for (let i = 0; i < count; i++) {
        const packet = packetAt(edges, random.below);
        for (const { reading, decide } of deciders) {
            const what = wrongAt(policy, packet, decide(packet).verdict);
            if (what !== undefined) return { what, reading };
        }
    }
    return undefined;
}

test("what is rendered of any policy is proven to mean it", () => {
    let proven = 0;
    fc.assert(
        fc.property(policies, (policy) => {
            const rules = renderedIfSmall(policy);
            if (!rules) return;
            expect(prove([attached(rules)], policy)).toBeUndefined();
            proven++;
        }),
        { numRuns: 400 },
    );
    expect(proven).toBeGreaterThan(300);
});

test("the policy and the panel decide packets alike, both families, directions and replies: 120,000 of them", () => {
    let asked = 0;
    fc.assert(
        fc.property(policies, fc.nat(), (policy, seed) => {
            const rules = renderedIfSmall(policy);
            if (!rules) return;
            expect(wrongAmong(policy, rules, 300, randomFrom(seed))).toBeUndefined();
            asked += 300;
        }),
        { numRuns: 500 },
    );
    expect(asked).toBeGreaterThanOrEqual(120_000);
});

test("one thing changed in the rules is found by the proof wherever it changes what becomes of a packet", () => {
    let [found, kept] = [0, 0];
    fc.assert(
        fc.property(policies, fc.nat(), (policy, seed) => {
            const rules = renderedIfSmall(policy);
            if (!rules) return;
            const random = randomFrom(seed);
            const mutant = mutate(rules, random);
            const difference = prove([attached(mutant.rules)], policy);
            if (!difference) {
                kept++;
                expect(wrongAmong(policy, mutant.rules, 150, random)).toBeUndefined();
                return;
            }
            found++;
            // What it shows is so: the decider, which shares nothing with it, is wrong there in that reading.
            const wrong = READINGS.map((reading) => {
                const { verdict } = openDecider([attached(mutant.rules)], reading)(difference.packet);
                return wrongAt(policy, difference.packet, verdict);
            });
            expect(wrong.some((what) => what !== undefined)).toBe(true);
        }),
        { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(150);
    expect(kept).toBeGreaterThan(0);
});

test("what the proof finds, in words", () => {
    const ssh = policyOf(["accept tcp from anywhere to port 22"]);
    const [rule] = rulesOf(render(ssh)) as [FirewallRule];
    expect(proofOf([rule], ssh)).toBeUndefined();
    expect(proofOf([], ssh)).toBe("in tcp 203.0.113.9 -> 192.0.2.10 port 80: meant drop, done accept");
    expect(proofOf([{ ...rule, destinationPorts: "22-23" }], ssh)).toMatch(/port 23: meant drop, done accept$/);
    expect(proofOf([{ ...rule, sources: ["0.0.0.0/0"] }], ssh)).toMatch(
        /^in tcp 2001:db8:\S+ .* port 22: meant accept/,
    );
    expect(proofOf([rule, { direction: "EGRESS", protocol: "TCP", action: "ACCEPT" }], ssh)).toMatch(
        /^out udp .*: meant accept, done drop$/,
    );
});

test("the proof says in which reading of the vendor's page it found something", () => {
    const policy = policyOf(["egress drop tcp to anywhere port 25"], OPEN);
    const [drop] = rulesOf(render(policy)) as [FirewallRule];
    expect(prove([attached([drop])], policy)?.conditions[0]).toBe("rules that only drop make drop the default");
    const reply = policyOf(["accept tcp from anywhere to port 22", "egress accept udp to anywhere port 53"], DROP);
    const rules = rulesOf(render(reply)).filter(({ sourcePorts }) => sourcePorts !== "22");
    expect(prove([attached(rules)], reply)).toMatchObject({
        conditions: [expect.anything(), "TCP is tracked only where the server asked"],
        packet: { state: "established", direction: "egress" },
    });
});

test("a rule that rejects is never meant by a panel's", () => {
    const policy = policyOf(["reject tcp from anywhere to port 25"], USUAL);
    const [drops] = [policyOf([])].map((each) => rulesOf(render(each)));
    expect(proofOf(drops!, policy)).toMatch(/port 25: meant reject, done drop$/);
});
