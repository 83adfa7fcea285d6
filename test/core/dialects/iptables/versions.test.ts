import fc from "fast-check";
import { CannotExpress } from "../../../../core/dialects/dialect";
import { iptables } from "../../../../core/dialects/iptables";
import type { Policy } from "../../../../core/model/policy";
import { cachedUserland } from "../../../lab/userland";
import { policy } from "../nftables/build";
import { ownership, policies } from "../nftables/policies";
import { openPrograms, type Programs, programsTest, variants } from "./programs";

// Made by `npm run test:hosts`, or singly by `sh test/lab/makeUserland.sh bullseye`.
const releases = { bullseye: "1.8.7", bookworm: "1.8.9", trixie: "1.8.11", forky: "1.8.13" } as const;
const cases = (["bullseye", "bookworm", "trixie", "forky"] as const).flatMap((release) =>
    variants.map((variant) => [release, releases[release], variant] as const),
);

/** Nothing where iptables can't say the policy. */
function rendered(wanted: Policy): string | undefined {
    try {
        return iptables.render(wanted, ownership);
    } catch (error) {
        if (error instanceof CannotExpress) return undefined;
        throw error;
    }
}

function expectExact(programs: Programs, wanted: Policy): void {
    const text = rendered(wanted);
    if (text === undefined) return;
    const listing = programs.run(text);
    expect(iptables.difference(listing, wanted)).toBeUndefined();
    expect(iptables.read(listing, wanted)).toMatchObject({ understood: true, unmanaged: [], baseIntact: true });
    // Without the policy too: all is a rule of ours, though not with every word of it.
    const { unmanaged, understood } = iptables.read(listing);
    if (!wanted.rules.some(({ rule }) => rule.limit))
        expect({ unmanaged, understood }).toEqual({ unmanaged: [], understood: true });
}

describe.each(cases)("iptables of Debian %s (%s, %s)", (release, version, variant) => {
    const root = cachedUserland(release);
    const run = root === undefined ? test.skip : programsTest;
    const programs = openPrograms(variant, root);
    afterAll(() => programs.close());

    run("lists any policy so that it reads back exactly", () => {
        expect(programs.version()).toContain(`v${version}`);
        fc.assert(
            fc.property(policies, (wanted) => expectExact(programs, wanted)),
            { numRuns: 25 },
        );
    });

    run("lists every protocol by a name that is known, and every rate as it is worked out", () => {
        const numbers = Array.from({ length: 255 }, (_, i) => i + 1).filter(
            (number) => ![1, 6, 17, 58].includes(number),
        );
        expectExact(
            programs,
            policy({ "web/a": `accept ${numbers.map((n) => `protocol ${n}`).join(" + ")} from anywhere` }),
        );
        const rate = fc.oneof(
            fc.integer({ min: 1, max: 1_000_000 }),
            fc.integer({ min: 1, max: 100_000 }),
            fc.integer({ min: 1, max: 90 }),
        );
        const limits = fc.array(fc.tuple(rate, fc.constantFrom("second", "minute", "hour", "day")), {
            minLength: 200,
            maxLength: 200,
        });
        fc.assert(
            fc.property(limits, (list) => {
                const lines = list.map(([count, unit], i): [string, string] => [
                    `web/r${i}`,
                    `accept udp from anywhere to port 53 limit ${count}/${unit} burst 1${i % 2 ? " per source" : ""}`,
                ]);
                expectExact(programs, policy(Object.fromEntries(lines)));
            }),
            { numRuns: 4 },
        );
    });

    run("loads what others wrote again with our own text", () => {
        const wanted = policy({
            "web/a": "accept tcp from anywhere to port 22",
            "web/b": "accept udp from anywhere to port 53",
        });
        const text = iptables.render(wanted, ownership);
        const program = `iptables-${variant}`;
        const commands = [
            `${program} -I VPSFW-IN 1 -p tcp --dport 3306 -j ACCEPT`,
            `${program} -N side`,
            `${program} -I VPSFW-IN 9 -s 192.0.2.0/24 -m comment --comment 'say "no" \\ it'"'"'s' -j side`,
            `${program} -A VPSFW-IN -m limit --limit 3/hour -j LOG --log-prefix 'in: ' --log-level debug`,
            `ip6${program.slice(2)} -I VPSFW-IN 5 -s 2001:db8::1 -p tcp -m multiport --dports 1,2:5 -j REJECT --reject-with tcp-reset`,
        ];
        const listing = programs.run(text, commands);
        const back = iptables.keepForeign(text, listing, "")!;
        // Whoever loads it removes the jumps that are there.
        const unhooked = [program, `ip6${program.slice(2)}`].map((each) => `${each} -D INPUT -j VPSFW-IN`);
        const again = programs.run(text, [...commands, ...unhooked], back);
        const shown = (some: string) => iptables.read(some, wanted).unmanaged;
        expect(shown(listing)).toHaveLength(4);
        expect(shown(again)).toEqual(shown(listing));
        expect(iptables.read(again, wanted).baseIntact).toBe(true);
    });
});
