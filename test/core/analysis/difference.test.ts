import fc from "fast-check";
import { type Change, difference } from "../../../core/analysis/difference";
import { decide, type Packet } from "../../../core/analysis/decide";
import type { Policy } from "../../../core/model/policy";
import { formatPacket } from "../../../core/analysis/witness";
import { policyFrom } from "./exposureOf";
import { isAccepted, packets, smallPolicy } from "./packets";

const line = ({ direction, what, who, packet, before, after, perhaps }: Change) =>
    `${direction} ${what}: ${who}; ${formatPacket(packet)}; ${before.join(", ")} => ${after.join(", ")}${perhaps ? " (perhaps)" : ""}`;

const changes = (...[before, after]: Parameters<typeof difference>) => {
    const { opened, closed } = difference(before, after);
    return { opened: opened.map(line), closed: closed.map(line) };
};

/** The packet of a change, and the same at each of its ports: of ranges at both ends and wherever a rule's ports end. */
function packetsOf({ packet, ports }: Change, policies: readonly Policy[]): Packet[] {
    const ends = policies.flatMap(({ rules }) =>
        rules.flatMap(
            ({ rule }) => rule.to.ports?.ranges.flatMap(({ first, last }) => [first - 1, first, last, last + 1]) ?? [],
        ),
    );
    const numbers = (ports ?? []).flatMap(({ first, last }) => [
        first,
        last,
        ...ends.filter((port) => first < port && port < last),
    ]);
    return [packet, ...numbers.map((destinationPort) => ({ ...packet, destinationPort }))];
}

/** Those rules that decide some of the packets, in their order and no others. */
function expectBlame(before: Policy, after: Policy, change: Change) {
    const all = packetsOf(change, [before, after]);
    const blamed = (policy: Policy) => {
        const keys = new Set(all.map((packet) => decide(policy, packet).by));
        return [...policy.rules.map(({ key }) => key), "default action"].filter((key) => keys.has(key));
    };
    expect(change.before).toEqual(blamed(before));
    expect(change.after).toEqual(blamed(after));
}

test("the walkthrough: https to everyone, ssh to the office only", () => {
    const sets = { office: { entries: ["198.51.100.0/24", "2001:db8:77::/48"] } };
    const scanners = "drop any from 203.0.113.0/24";
    const before = policyFrom({ scanners, ssh: "accept tcp from anywhere to port 22" });
    const after = policyFrom(
        { scanners, ssh: "accept tcp from set office to port 22", https: "accept tcp from anywhere to port 443" },
        { sets },
    );
    expect(changes(before, after)).toEqual({
        opened: [
            "ingress tcp 443: anywhere except 203.0.113.0/24; in tcp 198.51.100.9 -> 192.0.2.10 port 443; default action => web/https",
        ],
        closed: [
            "ingress tcp 22: anywhere except 198.51.100.0/24, 203.0.113.0/24, 2001:db8:77::/48; in tcp 192.0.2.9 -> 192.0.2.10 port 22; web/ssh => default action",
        ],
    });
});

test("splitting, renaming and reordering rules changes nothing", () => {
    const one = policyFrom({ web: "accept tcp from anywhere to port 80, 443", no: "drop any from 192.0.2.0/24" });
    const two = policyFrom({
        http: "accept tcp from anywhere to port 80",
        https: "accept tcp from anywhere to port 443",
        low: "drop any from 192.0.2.0/25",
        high: "drop any from 192.0.2.128/25",
    });
    expect(changes(one, two)).toEqual({ opened: [], closed: [] });
});

test("ports for which the same people are let in are one change, with all of the rules to blame", () => {
    const accepts = Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [`p${i + 10}`, `accept tcp from anywhere to port ${1000 + 2 * i}`]),
    );
    const before = policyFrom({
        ...accepts,
        no: "drop any from 203.0.113.0/24",
        own: "accept udp from anywhere to port 9",
    });
    const after = policyFrom({ ...accepts, own: "accept udp from anywhere to port 9-11" });
    const [tcp, old, fresh, ...more] = difference(before, after).opened;
    expect([tcp!.what, old!.what, fresh!.what, more]).toEqual([
        "tcp 1000, 1002, 1004, 1006, 1008, 1010, 1012, 1014, 1016, 1018, 1020, 1022 and 18 more ports",
        "udp 9",
        "udp 10-11",
        [],
    ]);
    expect(tcp).toMatchObject({
        who: "203.0.113.0/24",
        ports: Array.from({ length: 30 }, (_, i) => ({ first: 1000 + 2 * i, last: 1000 + 2 * i })),
        before: ["web/no"],
        after: Object.keys(accepts).map((name) => `web/${name}`),
    });
    expect(old).toMatchObject({ who: "203.0.113.0/24", before: ["web/no"], after: ["web/own"] });
    expect(fresh).toMatchObject({ who: "anywhere", ports: [{ first: 10, last: 11 }], after: ["web/own"] });
});

test("defaults, protocols and message types", () => {
    const closed = policyFrom({ a: "accept icmp echo-request from 192.0.2.7" });
    const open = policyFrom({ a: "accept icmp echo-request from 192.0.2.7" }, { defaults: { ingress: "accept" } });
    expect(changes(closed, open).opened).toEqual([
        "ingress any: anywhere; in tcp 203.0.113.9 -> 192.0.2.10 port 22; default action => default action",
        "ingress icmp echo-request: anywhere except 192.0.2.7; in icmp echo-request 203.0.113.9 -> 192.0.2.10; default action => default action",
    ]);
});

test("what is not known yet", () => {
    const before = policyFrom({ ssh: "accept tcp from 198.51.100.7 to port 22" });
    const more = policyFrom({ ssh: "accept tcp from 198.51.100.7, 198.51.100.8, (not known yet) to port 22" });
    expect(changes(before, more)).toEqual({
        opened: [
            "ingress tcp 22: 198.51.100.8; in tcp 198.51.100.8 -> 192.0.2.10 port 22; default action => web/ssh",
            expect.stringMatching(/^ingress tcp 22: anywhere except .*\(perhaps\)$/),
        ],
        closed: [],
    });
    const other = policyFrom({ ssh: "accept tcp from (not known yet) to port 22" });
    expect(changes(before, other).closed).toEqual([
        "ingress tcp 22: 198.51.100.7; in tcp 198.51.100.7 -> 192.0.2.10 port 22; web/ssh => default action (perhaps)",
    ]);
    expect(changes(other, other)).toEqual({ opened: [], closed: [] });
});

test("rules that both have count where they meet what differs, wherever they stand", () => {
    const policies = fc.tuple(smallPolicy({ narrowing: true, saying: true }), fc.nat(6), fc.nat(6));
    fc.assert(
        fc.property(policies, ([policy, out, to]) => {
            const left = policy.rules.filter((_, i) => i !== out);
            const moved = [...left.slice(0, to), ...policy.rules.slice(out, out + 1), ...left.slice(to)];
            for (const rules of [left, moved]) {
                const other = { ...policy, rules };
                const { opened, closed } = difference(policy, other);
                for (const change of [...opened, ...closed]) expectBlame(policy, other, change);
                const differs = packets.some((packet) => isAccepted(policy, packet) !== isAccepted(other, packet));
                if (differs) expect([...opened, ...closed]).not.toEqual([]);
            }
        }),
        { numRuns: 150 },
    );
});

test("exactly what a small world says", () => {
    const policies = smallPolicy({ narrowing: true, saying: true });
    fc.assert(
        fc.property(policies, policies, (before, after) => {
            const { opened, closed } = difference(before, after);
            for (const change of [...opened, ...closed]) expectBlame(before, after, change);
            const fates = (packet: Packet) =>
                [before, after].map((policy) => decide(policy, packet).verdict === "accept");
            const all = (changes: readonly Change[]) => changes.flatMap((each) => packetsOf(each, [before, after]));
            for (const packet of all(opened)) expect(fates(packet)).toEqual([false, true]);
            for (const packet of all(closed)) expect(fates(packet)).toEqual([true, false]);
            const some = (was: boolean, is: boolean) =>
                packets.some((packet) => isAccepted(before, packet) === was && isAccepted(after, packet) === is);
            if (some(false, true)) expect(opened).not.toEqual([]);
            if (some(true, false)) expect(closed).not.toEqual([]);
        }),
        { numRuns: 150 },
    );
});
