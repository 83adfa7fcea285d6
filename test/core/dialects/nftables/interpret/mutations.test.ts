import { randomInt } from "node:crypto";
import fc from "fast-check";
import type { Packet } from "../../../../../core/analysis/decide";
import { formatPacket } from "../../../../../core/analysis/witness";
import type { TranslationDifference } from "../../../../../core/dialects/dialect";
import { nftables, render } from "../../../../../core/dialects/nftables";
import type { Ruleset } from "../../../../../core/dialects/nftables/interpret/ast";
import { readText } from "../../../../../core/dialects/nftables/interpret/readText";
import type { Policy } from "../../../../../core/model/policy";
import type { Peer } from "../../../../../core/model/rule";
import { randomFrom } from "../../../../kernel/random";
import { ownership, policies } from "../policies";
import { packetClasses } from "./classes";
import { mutate } from "./mutate";
import { type NftPacket, perPacket } from "./perPacket";

/** Mutants that mean something else. */
const WANTED = 200;
/** Packets by which two rulesets are compared. */
const MOST_PACKETS = 50_000;

const hooks = { ingress: "input", egress: "output" } as const;

test(`each of ${WANTED} mutants that mean something else is caught, and no other`, () => {
    const seed = Number(process.env.VPS_FIREWALL_SEED ?? randomInt(2 ** 31));
    const random = randomFrom(seed, 0);
    const drawn = fc.sample(policies, { seed, numRuns: 4000 }).filter(({ rules }) => rules.length > 0);
    const counts = { caught: 0, same: 0, tooLarge: 0 };
    const kinds = new Set<string>();
    for (const policy of drawn) {
        if (counts.caught >= WANTED) break;
        const rest = small(policy);
        const text = render(rest, ownership);
        if (!packetClasses([readText(text)], MOST_PACKETS / 2)) continue;
        const mutant = mutate(text, random);
        const [right, wrong] = [readText(text), readText(mutant.text)];
        const told = (problem: string) => `seed ${seed}, ${mutant.what}: ${problem}\n${text}\n${mutant.text}`;
        const difference = nftables.prove({ text: mutant.text }, rest);
        if (difference) {
            const packet = asNft(difference);
            const hook = hooks[difference.direction];
            const verdicts = [right, wrong].map((ruleset) => perPacket(ruleset, hook)(packet));
            const { meant, done } = difference;
            if (meant === done || `${verdicts}` !== `${[meant, done]}`)
                throw new Error(
                    told(`${formatPacket(difference.packet)} is ${verdicts.join(" and ")}, not ${meant} and ${done}`),
                );
            counts.caught++;
            kinds.add(mutant.what);
            continue;
        }
        const packet = firstDifferent(right, wrong);
        if (packet === "too many") counts.tooLarge++;
        else if (packet)
            throw new Error(
                told(
                    `not caught: ${JSON.stringify(packet, (_, value) => (typeof value === "bigint" ? String(value) : (value as unknown)))}`,
                ),
            );
        else counts.same++;
    }
    expect(counts.caught).toBe(WANTED);
    // Of both kinds there are many, and of many kinds.
    expect(counts.same).toBeGreaterThan(WANTED / 10);
    expect(kinds.size).toBeGreaterThan(12);
    expect(counts.tooLarge).toBeLessThan(counts.same / 4);
}, 300_000);

/** Few enough addresses and ports that every packet can be asked about. */
function small({ rules, sets, defaults }: Policy): Policy {
    const few = <T>(items: readonly T[]) => items.slice(0, 2);
    const only = <T>(items: readonly T[]) => items.slice(0, 1);
    const end = ({ addresses, ports }: Peer): Peer => ({
        addresses: {
            ...(addresses.kind === "list"
                ? { ...addresses, ranges: few(addresses.ranges), sets: only(addresses.sets) }
                : addresses),
            ...(addresses.except && {
                except: { ...addresses.except, ranges: only(addresses.except.ranges), sets: [] },
            }),
        },
        ...(ports && { ports: { ...ports, ranges: only(ports.ranges) } }),
    });
    return {
        rules: few(rules).map(({ key, rule }) => ({
            key,
            rule: { ...rule, from: end(rule.from), to: end(rule.to) },
        })),
        sets: sets.map((set) => ({ ...set, ranges: only(set.ranges) })),
        defaults,
    };
}

/** A packet that the two do not treat alike, of all that there are. */
function firstDifferent(one: Ruleset, other: Ruleset): NftPacket | "too many" | undefined {
    const packets = packetClasses([one, other], MOST_PACKETS);
    if (!packets) return "too many";
    // Where nothing of a hook was changed, nothing has to be asked.
    const pairs = Object.values(hooks)
        .filter((hook) => partOf(one, hook) !== partOf(other, hook))
        .map((hook) => [perPacket(one, hook), perPacket(other, hook)] as const);
    if (pairs.length === 0) return undefined;
    for (const packet of packets) if (pairs.some(([a, b]) => a(packet) !== b(packet))) return packet;
    return undefined;
}

/** What can decide at a hook: no chain of ours jumps. */
function partOf({ tables }: Ruleset, hook: string): string {
    return JSON.stringify(
        tables.map(({ chains, sets }) => [chains.filter((chain) => chain.hook?.hook === hook), [...sets]]),
    );
}

function asNft({ packet, conditions }: TranslationDifference): NftPacket {
    const { family, protocol, source, destination, sourcePort, destinationPort, icmpType, icmpCode }: Packet = packet;
    return {
        family,
        protocol,
        source,
        destination,
        ...(sourcePort !== undefined && { sourcePort }),
        ...(destinationPort !== undefined && { destinationPort }),
        ...(icmpType !== undefined && { type: icmpType }),
        ...(icmpCode !== undefined && { code: icmpCode }),
        ...(packet.tcpFlags !== undefined && { flags: packet.tcpFlags }),
        state: packet.state ?? "new",
        interface: packet.interface ?? "",
        holds: new Set(conditions.filter((condition) => !condition.endsWith(" does not hold"))),
    };
}
