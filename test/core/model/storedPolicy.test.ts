import fc from "fast-check";
import { checkPolicy, type RawPolicy } from "../../../core/model/checkPolicy";
import { notKnownYet, policyOf, storePolicy } from "../../../core/model/storedPolicy";
import { policies } from "../arbitraries";

const addressesFrom = (count: number) => Array.from({ length: count }, (_, i) => `10.${i >> 7}.${(i & 127) * 2}.1`);

function check(raw: RawPolicy) {
    const checked = checkPolicy(raw);
    expect(checked.problems).toEqual([]);
    return checked;
}

const oneTemplate = (rules: Record<string, unknown>, sets: Record<string, unknown> = {}): RawPolicy => ({
    templates: [{ name: "web", rules }],
    sets,
});

describe("the stored form of a policy", () => {
    test("gives the policy back, in deciding order", () => {
        fc.assert(
            fc.property(policies, ({ policy, templates }) => {
                const shuffled = { ...policy, rules: [...policy.rules].reverse() };
                expect(policyOf(storePolicy(shuffled, templates))).toEqual(policy);
            }),
        );
    });

    test("survives JSON", () => {
        fc.assert(
            fc.property(policies, ({ policy, templates }) => {
                const stored = storePolicy(policy, templates);
                expect(JSON.parse(JSON.stringify(stored))).toEqual(stored);
            }),
        );
    });

    test("does not depend on the order of keys in the input", () => {
        const rules = {
            ssh: "accept tcp from set office to port 22",
            "10": "drop tcp from 203.0.113.0/24 to port 22",
            "9": { protocol: "udp", ports: 53, from: addressesFrom(9) },
        };
        const sets = { office: { entries: ["198.51.100.0/24"] }, vpn: { entries: [] } };
        const reverse = <T>(map: Record<string, T>) => Object.fromEntries(Object.entries(map).reverse());
        const stored = check(oneTemplate(rules, sets)).stored;
        expect(JSON.stringify(check(oneTemplate(reverse(rules), reverse(sets))).stored)).toBe(JSON.stringify(stored));
    });

    test("of the walkthrough's template", () => {
        const { stored } = check(
            oneTemplate(
                {
                    ssh: { service: "ssh", from: ["set office"] },
                    web: { service: ["http", "https"] },
                    quic: { protocol: "udp", ports: 443 },
                    scanners: { action: "drop", from: ["203.0.113.0/24"] },
                    metrics: "accept tcp from 10.0.0.0/8 to port 9100",
                },
                { office: { entries: ["2001:db8:77::/48", "198.51.100.0/24"] } },
            ),
        );
        expect(stored).toEqual({
            rules: {
                "web/metrics": "accept tcp from 10.0.0.0/8 to port 9100",
                "web/quic": "accept udp from anywhere to port 443",
                "web/scanners": "drop any from 203.0.113.0/24",
                "web/ssh": expect.stringMatching(/^accept tcp from set office \(2, [0-9a-f]{8}\) to port 22$/),
                "web/web": "accept tcp from anywhere to port 80, 443",
            },
            sets: { office: { "198.51.100.0/24": true, "2001:db8:77::/48": true } },
            defaults: { ingress: "drop", egress: "accept" },
        });
    });
});

describe("deciding order", () => {
    test("templates in their order; within one by priority, then drop, reject, accept, then name", () => {
        const { policy, stored } = check({
            templates: [
                { name: "zone", rules: { b: "accept any from anywhere", a: "accept any from anywhere" } },
                {
                    name: "app",
                    rules: {
                        accept: "accept tcp from anywhere to port 80",
                        drop: "drop any from 203.0.113.0/24",
                        reject: "reject tcp from anywhere to port 113",
                        hole: "accept any from 203.0.113.7 priority 900",
                        last: "drop any from anywhere priority 2000",
                        off: "drop any from anywhere disabled",
                    },
                },
            ],
        });
        const order = ["zone/a", "zone/b", "app/hole", "app/drop", "app/reject", "app/accept", "app/last"];
        expect(policy.rules.map(({ key }) => key)).toEqual(order);
        expect(stored.templates).toBe("zone, app");
        expect(stored.order).toBe("app/hole (900), app/last (2000)");
        expect(stored.rules["app/off"]).toBe("drop any from anywhere disabled");
    });

    test("says nothing of templates and priorities where there is nothing to say", () => {
        const { stored } = check(oneTemplate({ ssh: "accept tcp from anywhere to port 22 priority 1000" }));
        expect(stored).not.toHaveProperty("order");
        expect(stored).not.toHaveProperty("templates");
    });
});

describe("address sets", () => {
    test("a list of 8 addresses stays in the line, one of 9 becomes a set named after the rule", () => {
        const eight = check(oneTemplate({ db: { protocol: "tcp", ports: 5432, from: addressesFrom(8) } })).stored;
        expect(eight.rules["web/db"]).toContain("from 10.0.0.1, 10.0.2.1,");
        expect(eight).not.toHaveProperty("sets");
        const nine = check(oneTemplate({ db: { protocol: "tcp", ports: 5432, from: addressesFrom(9) } })).stored;
        expect(nine.rules["web/db"]).toMatch(/^accept tcp from set web\/db \(9, [0-9a-f]{8}\) to port 5432$/);
        expect(Object.keys(nine.sets!["web/db"]!)).toEqual(addressesFrom(9));
    });

    test("both ends of a rule can be long, beside a set of the user's", () => {
        const raw = { from: [...addressesFrom(9), "set office"], to: addressesFrom(10), protocol: "any" };
        const { stored, policy } = check(oneTemplate({ r: raw }, { office: { entries: ["192.0.2.1"] } }));
        expect(stored.rules["web/r"]).toMatch(
            /^accept any from set office \(1, \w{8}\), set web\/r \(9, \w{8}\) to set web\/r\/to \(10, \w{8}\)$/,
        );
        expect(policy.sets.map(({ name }) => name)).toEqual(["office", "web/r", "web/r/to"]);
    });

    test("the digest changes with the entries, not with how they are written", () => {
        const lineOf = (entries: string[]) =>
            check(oneTemplate({ r: "accept any from set s" }, { s: { entries } })).stored.rules["web/r"];
        const line = lineOf(["10.0.0.0/24", "2001:db8::1"]);
        expect(lineOf(["2001:DB8::1", "10.0.0.128/25", "10.0.0.0-10.0.0.127"])).toBe(line);
        expect(lineOf(["10.0.0.0/24", "2001:db8::2"])).not.toBe(line);
    });

    test("256 entries are stored by name, 257 by count and digest with the entries aside", () => {
        const store = (count: number) =>
            check(oneTemplate({ r: "accept any from set s" }, { s: { entries: addressesFrom(count) } }));
        expect(Object.keys(store(256).stored.sets!["s"]!)).toHaveLength(256);
        expect(store(256).stored).not.toHaveProperty("__sets");
        const { stored, policy } = store(257);
        expect(stored.sets!["s"]).toEqual({ count: 257, digest: expect.stringMatching(/^[0-9a-f]{8}$/) });
        expect(stored.__sets!["s"]!.split("\n")).toEqual(addressesFrom(257));
        expect(policy.sets[0]!.ranges).toHaveLength(257);
    });

    test.each([1, 300])("a set of %d known addresses and one that is not known yet is not taken for known", (count) => {
        const entries = [...addressesFrom(count), "(not known yet)"];
        const { stored, policy } = check(oneTemplate({ r: "accept any from set s" }, { s: { entries } }));
        expect(stored.rules["web/r"]).toBe(`accept any from set s (${count}, not known yet)`);
        expect(policy.sets[0]).toMatchObject({ name: "s", unknown: true });
        expect(notKnownYet(policy)).toBe("s");
    });

    test("lost entries are an error, never an empty set", () => {
        const { stored } = check(oneTemplate({ r: "drop any from set s" }, { s: { entries: addressesFrom(257) } }));
        expect(() => policyOf({ ...stored, __sets: {} })).toThrow("the state has lost the entries of address set s");
        expect(() => policyOf({ ...stored, sets: { s: { "10.0.0.1/8": true } } })).toThrow("VF002");
    });

    test("that no rule uses are left out, empty ones stay", () => {
        const sets = { used: { entries: [] }, unused: { entries: ["192.0.2.1"] } };
        expect(check(oneTemplate({ r: "accept any from set used" }, sets)).stored.sets).toEqual({ used: {} });
    });
});

describe("values that are not known yet", () => {
    const unknown = "(not known yet)";

    test("leave the rest of the line as it is", () => {
        const { stored, policy } = check(
            oneTemplate({
                a: { protocol: "tcp", ports: [22, unknown], from: ["192.0.2.1", unknown] },
                b: { protocol: "udp", ports: unknown, from: unknown, description: unknown },
            }),
        );
        expect(stored.rules["web/a"]).toBe(`accept tcp from 192.0.2.1, ${unknown} to port 22, ${unknown}`);
        expect(stored.rules["web/b"]).toBe(`accept udp from ${unknown} to port ${unknown}`);
        expect(notKnownYet(policy)).toBe("web/a");
    });

    test.each(["action", "direction", "protocol", "service", "icmpTypes", "priority", "enabled"])(
        "as %s make the whole rule unknown",
        (field) => {
            const rest = ["service", "protocol", "icmpTypes"].includes(field) ? {} : { protocol: "tcp" };
            const icmp = field === "icmpTypes" ? { protocol: "icmp" } : {};
            const { stored, policy } = check(oneTemplate({ r: { ...rest, ...icmp, [field]: unknown } }));
            expect(stored.rules["web/r"]).toBe(unknown);
            expect(policy).toMatchObject({ rules: [], unknownRules: ["web/r"] });
            expect(notKnownYet(policy)).toBe("web/r");
        },
    );
});
