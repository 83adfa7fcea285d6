import fc from "fast-check";
import { CannotExpress } from "../../../../core/dialects/dialect";
import { iptables } from "../../../../core/dialects/iptables";
import type { Policy } from "../../../../core/model/policy";
import { policies } from "../nftables/policies";
import { type Edit, edited, saveOf } from "./save";

/** One thing that somebody does to lines of our chains; undefined where it would do nothing. */
type Change = (lines: readonly string[], at: number) => string[] | undefined;

const commentOf = (line = "") => /--comment "([^"]*)"/.exec(line)?.[1] ?? "";

const remove: Change = (lines, at) => lines.toSpliced(at, 1);
const double: Change = (lines, at) => lines.toSpliced(at, 0, lines[at]!);
const lose: Change = (lines, at) => lines.with(at, lines[at]!.replace(/ -m comment --comment "[^"]*"/, ""));
const turn: Change = (lines, at) =>
    lines.with(
        at,
        / -j \S+/.test(lines[at]!) ? lines[at]!.replace(/ -j (\S+).*$/, " -j ACCEPT") : `${lines[at]} -j DROP`,
    );
const changePort: Change = (lines, at) => {
    const line = lines[at]!.replace(/(port=?s? )(\d+)/, (_, option: string, port: string) => {
        return `${option}${Number(port) === 7 ? 8 : 7}`;
    });
    // Another port may be one that the list has already, or none that can stand there.
    return line === lines[at] || /[:,]/.test(/port\S* (\S+)/.exec(line)?.[1] ?? "") ? undefined : lines.with(at, line);
};
/** Bases accept, in any order; so do the lines of one rule, and the mark does nothing. */
const swap: Change = (lines, at) => {
    const [one, two] = [commentOf(lines[at]), commentOf(lines[at + 1])];
    const isFree = one === two || [one, two].some((comment) => /^vpsfw1 /.test(comment));
    if (at + 1 >= lines.length || isFree || [one, two].every((comment) => comment.startsWith("base:")))
        return undefined;
    if (/^-A (\S+)/.exec(lines[at]!)![1] !== /^-A (\S+)/.exec(lines[at + 1]!)![1]) return undefined;
    return lines.with(at, lines[at + 1]!).with(at + 1, lines[at]!);
};
const FOREIGN = [
    "-p tcp -m tcp --dport 3306 -j ACCEPT",
    "-s 10.0.0.0/8 -j DROP",
    "! -d 10.0.0.1/32 -p udp -m multiport --dports 1,5:9 -j REJECT --reject-with icmp-port-unreachable",
    "-j RETURN",
    "-m conntrack --ctstate INVALID -j DROP",
    "-p icmp -m icmp --icmp-type 8 -j DROP",
    "-p tcp -m owner --uid-owner 0 -j ACCEPT",
];
/** Behind the base: what drops before it takes some of the base away, which no rule of the model says. */
const insert =
    (rule: string): Change =>
    (lines, at) =>
        /^(base:|vpsfw1 )/.test(commentOf(lines[at]))
            ? undefined
            : lines.toSpliced(at, 0, `${/^-A \S+/.exec(lines[at]!)![0]} ${rule}`);

const changes = [remove, double, lose, turn, changePort, swap, ...FOREIGN.map(insert)];

test("whatever is changed by hand is a difference, and what is read then is what the chains do", () => {
    let [done, proved] = [0, 0];
    const change = fc.record({
        wanted: policies,
        change: fc.constantFrom(...changes),
        family: fc.constantFrom(4 as const, 6 as const, "both" as const),
        at: fc.oneof(
            fc.nat(1000),
            fc.nat(1000).map((n) => -1 - n),
        ),
    });
    fc.assert(
        fc.property(change, ({ wanted, change, family, at }) => {
            const listing = saved(wanted);
            if (listing === undefined) return;
            let happened = false;
            const edit: Edit = (lines) => {
                const first = lines.findIndex((line) => line.startsWith("-A VPSFW-"));
                const ours = lines.filter((line) => line.startsWith("-A VPSFW-"));
                const result = change(ours, ((at % ours.length) + ours.length) % ours.length);
                if (result) happened = true;
                return lines.toSpliced(first, ours.length, ...(result ?? ours));
            };
            // IPv6 has no words for some of these.
            const text = edited(listing, family, edit).replaceAll(/^# vps-firewall ipv6$[^]*/gm, (ipv6) =>
                ipv6
                    .replaceAll("10.0.0.0/8", "2001:db8::/32")
                    .replaceAll("10.0.0.1/32", "2001:db8::1/128")
                    .replaceAll(/-p icmp -m icmp --icmp-type 8/g, "-p ipv6-icmp -m icmp6 --icmpv6-type 128")
                    .replaceAll("icmp-port", "icmp6-port"),
            );
            if (!happened || text === listing) return;
            done++;
            expect(iptables.difference(text, wanted)).toEqual(expect.any(String));
            for (const known of [wanted, undefined]) {
                const { baseIntact, understood, effective: rules, sets, defaults } = iptables.read(text, known);
                if (!baseIntact || !understood) continue;
                proved++;
                expect(iptables.prove({ listing: text }, { rules, sets, defaults })).toBeUndefined();
            }
        }),
        { numRuns: 200 },
    );
    expect(done).toBeGreaterThan(80);
    expect(proved).toBeGreaterThan(40);
});

/** Nothing for a policy that iptables can't say. */
function saved(wanted: Policy): string | undefined {
    try {
        return saveOf(wanted);
    } catch (error) {
        if (error instanceof CannotExpress) return undefined;
        throw error;
    }
}
