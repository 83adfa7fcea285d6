import fc from "fast-check";
import { iptables } from "../../../../core/dialects/iptables";
import { splitFamilies } from "../../../../core/dialects/iptables/families";
import { proveTranslation } from "../../../../core/dialects/iptables/interpret/prove";
import { CannotExpress } from "../../../../core/dialects/dialect";
import { formatRule } from "../../../../core/model/formatRule";
import type { Policy } from "../../../../core/model/policy";
import { policy } from "../nftables/build";
import { ownership, policies } from "../nftables/policies";
import { openPrograms, programsTest, variants } from "./programs";
import { edited, renderedWithSets, saveOf, without } from "./save";

const networks = (count: number) => Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.0/25`);
const networks6 = (count: number) => Array.from({ length: count }, (_, i) => `2001:db8:${(i + 1).toString(16)}::/49`);

const blocked = policy(
    {
        "web/blocked": "drop any from set blocked",
        "web/ssh": "accept tcp from set office to port 22",
        "web/mail": "egress accept tcp to set blocked port 25",
    },
    { blocked: [...networks(20), ...networks6(20)], office: ["192.0.2.7", "198.51.100.0/24"] },
    { ingress: "drop", egress: "drop" },
);

/** Nothing for a policy that iptables can't say. */
function rendered(wanted: Policy, most: number): string | undefined {
    try {
        return renderedWithSets(wanted, most);
    } catch (error) {
        if (error instanceof CannotExpress) return undefined;
        throw error;
    }
}

test("a long list of networks is a set, a short one is written out; without ipset both are", () => {
    const { 4: text } = splitFamilies(iptables.render(blocked, ownership));
    const [create, first] = text.split("\n");
    expect(create).toMatch(/^create vpsfw4-[0-9a-f]{16} hash:net family inet hashsize 64 maxelem 65536$/);
    const name = create!.split(" ")[1]!;
    expect(first).toBe(`add ${name} 10.0.0.0/25`);
    expect(text).toContain(`-A VPSFW-IN -m set --match-set ${name} src -m comment --comment "web/blocked" -j DROP`);
    expect(text).toContain(
        `-p 6 -m tcp --dport 25 -m comment --comment "web/mail" -j RETURN`.replace("-p 6", "-p tcp"),
    );
    expect(text).toContain(`--match-set ${name} dst`);
    expect(text.match(/^create /gm)).toHaveLength(1);
    expect(text.match(/"web\/ssh"/g)).toHaveLength(2);
    const plain = iptables.render(blocked, ownership, { ipset: false });
    expect(plain).not.toMatch(/^create|^add|match-set/m);
    expect(splitFamilies(plain)[4].match(/"web\/blocked"/g)).toHaveLength(20);
});

test("a list is another set once it holds something else, and the same one otherwise", () => {
    const nameIn = (entries: readonly string[]) => {
        const wanted = policy({ "web/a": "drop any from set list" }, { list: [...entries] });
        return /^create (\S+)/m.exec(iptables.render(wanted, ownership))![1];
    };
    expect(nameIn(networks(9))).toBe(nameIn([...networks(9)].reverse()));
    expect(nameIn(networks(9))).not.toBe(nameIn(networks(10)));
});

test("either way it means the policy, and reads back as the policy", () => {
    fc.assert(
        fc.property(policies, fc.integer({ min: 0, max: 2 }), (wanted, most) => {
            const text = rendered(wanted, most);
            if (text === undefined) return;
            expect(proveTranslation(splitFamilies(text), wanted)).toBeUndefined();
            const listing = saveOf(wanted, text);
            expect(iptables.prove({ listing }, wanted)).toBeUndefined();
            expect(iptables.difference(listing, wanted)).toBeUndefined();
            expect(iptables.read(listing, wanted)).toMatchObject({ understood: true, unmanaged: [], baseIntact: true });
        }),
        { numRuns: 150 },
    );
});

test("without the policy, the addresses stand in the rules", () => {
    const { rules, understood, unmanaged } = iptables.read(saveOf(blocked));
    expect({ understood, unmanaged }).toEqual({ understood: true, unmanaged: [] });
    expect(formatRule(rules.get("web/blocked")!)).toBe(
        `drop any from ${[...networks(20), ...networks6(20)].join(", ")}`,
    );
});

describe("changed by hand", () => {
    const listing = saveOf(blocked);
    const shown = (changed: string) => {
        const { rules, understood } = iptables.read(changed, blocked);
        const line = (key: string) => (rules.has(key) ? formatRule(rules.get(key)!) : "none");
        return { blocked: line("web/blocked"), mail: line("web/mail"), understood };
    };

    test("an entry less is another rule, proved to be one by a packet", () => {
        const changed = edited(listing, 4, without(" 10.0.3.0/25"));
        const rest = [...networks(20), ...networks6(20)].filter((network) => network !== "10.0.3.0/25").join(", ");
        expect(shown(changed)).toEqual({
            blocked: `drop any from ${rest}`,
            mail: `egress accept tcp to ${rest} port 25`,
            understood: true,
        });
        expect(iptables.difference(changed, blocked)).toMatch(/^set blocked is missing|^web\/blocked is /);
        expect(iptables.prove({ listing: changed }, blocked)).toMatchObject({
            direction: "egress",
            meant: "accept",
            done: "drop",
        });
    });

    test("a set that is empty, of another kind or missing is not taken for the list", () => {
        const isNone = (changed: string) => {
            expect(iptables.difference(changed, blocked)).toBeDefined();
            expect(iptables.prove({ listing: changed }, blocked)).toBeDefined();
        };
        isNone(edited(listing, 4, (lines) => lines.filter((line) => !line.startsWith("add "))));
        isNone(edited(listing, 4, (lines) => lines.filter((line) => !/^(add|create) /.test(line))));
        for (const [from, to] of [
            ["hash:net", "hash:ip"],
            ["hash:net family inet ", "hash:net family inet timeout 60 "],
            ["/25", "/25 nomatch"],
            ["/25", "/25 timeout 7"],
        ] as const)
            isNone(edited(listing, 4, (lines) => lines.map((line) => line.replace(from, to))));
    });
});

test("without ipset, more than 10,000 rules for one are refused, by the rule and the field", () => {
    const wanted = policy(
        { "web/a": "accept tcp from set many to set few port 22" },
        { many: networks(2000), few: networks(6) },
    );
    const plain = () => iptables.render(wanted, ownership, { ipset: false });
    expect(plain).toThrow(CannotExpress);
    expect(plain).toThrow(
        "it takes 12,000 rules of iptables, and 10,000 are the most: name fewer networks or ports, install ipset",
    );
    expect(splitFamilies(iptables.render(wanted, ownership))[4].match(/"web\/a"/g)).toHaveLength(6);
});

describe.each(variants)("the real programs (%s)", (variant) => {
    const programs = openPrograms(variant);
    afterAll(() => programs.close());

    programsTest("list sets so that they read back exactly", () => {
        const listing = programs.run(iptables.render(blocked, ownership));
        expect(iptables.difference(listing, blocked)).toBeUndefined();
        expect(iptables.prove({ listing }, blocked)).toBeUndefined();
        fc.assert(
            fc.property(policies, (wanted) => {
                const text = rendered(wanted, 0);
                if (text === undefined) return;
                const saved = programs.run(text);
                expect(iptables.difference(saved, wanted)).toBeUndefined();
                expect(iptables.prove({ listing: saved }, wanted)).toBeUndefined();
            }),
            { numRuns: 25 },
        );
    });
});
