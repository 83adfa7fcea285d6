import { findings } from "../../../../core/analysis/findings/findings";
import { policyFrom } from "../exposureOf";
import { messages } from "./findingsOf";

const until = (expires: string, today?: string) => {
    const policy = policyFrom({ r: "accept tcp from 198.51.100.7 to port 80" });
    const rules = policy.rules.map(({ key, rule }) => ({ key, rule: { ...rule, expires } }));
    return messages(findings({ ...policy, rules }, today === undefined ? {} : { today }));
};

test("a rule after its last day warns, and notes for 30 days before it", () => {
    expect(until("2026-11-25", "2026-11-26")).toEqual([
        "VF232 web/r was wanted until 2026-11-25 and is still in force. Take it out, or give it a new date.",
    ]);
    expect(until("2026-11-26", "2026-11-26")[0]).toMatch(/^VF233 web\/r is wanted until 2026-11-26 only\./);
    expect(until("2026-12-26", "2026-11-26")[0]).toMatch(/^VF233/);
    expect(until("2026-12-27", "2026-11-26")).toEqual([]);
    expect(until("2020-01-01")).toEqual([]);
});

describe("a rule with a limit", () => {
    const limited = (more: Record<string, string>, defaults: Record<string, string> = {}) => {
        const policy = policyFrom({ ping: "accept icmp echo-request from anywhere", ...more }, { defaults });
        const limit = { rate: 10, per: "second", burst: 20, perSource: false } as const;
        const rules = policy.rules.map((keyed) =>
            keyed.key === "web/ping" ? { ...keyed, rule: { ...keyed.rule, limit } } : keyed,
        );
        return messages(findings({ ...policy, rules }));
    };

    test("limits something where what follows drops", () => expect(limited({})).toEqual([]));

    test("VF234: limits nothing where what follows accepts", () => {
        const found = limited({ z: "accept icmp from anywhere" });
        expect(found).toEqual([
            "VF234 the limit of web/ping limits nothing: web/z (accept) accepts what is beyond it, for example " +
                "icmp echo-request 203.0.113.9 -> this server. Let what is beyond be dropped: narrow what accepts it, or add a drop with a higher priority number.",
        ]);
        expect(limited({}, { ingress: "accept" }).filter((message) => message.startsWith("VF234"))[0]).toContain(
            "the default action accepts what is beyond it",
        );
    });

    test("takes nothing for sure from what follows", () => {
        expect(limited({ z: "drop icmp from anywhere priority 2000" }).join()).not.toContain("VF214");
    });
});
