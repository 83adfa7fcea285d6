import type { Packet } from "../../analysis/decide";
import { openDiagrams } from "../../analysis/diagram";
import type { Exposure } from "../../analysis/exposure";
import { openInterfaces } from "../../analysis/interfaces";
import { always } from "../../analysis/matchSets";
import { lastOf, LEVEL, openConditions } from "../../analysis/packetFields";
import { evaluateAt } from "../../analysis/packetValues";
import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import type { Bounds } from "../bounds";
import { exposureBoundsOf, NO_BOUNDS } from "../exposureBounds";
import { VERDICT } from "../meaning";
import { UnreadableRuleset } from "../unreadable";
import { splitFamilies } from "./families";
import { interfaceNamesOfBoth, type Saves, verdictsOfBoth } from "./interpret/bothFamilies";
import { type Chain, readSave, type Rule, type Save, type Table } from "./interpret/readSave";
import { CHAINS } from "./names";

/**
 * The traffic that a listed ruleset accepts outside of the base, where something in it is not understood: bounds that hold
 * whatever that means. It ends right behind the jump to our chain: rules of others behind it may only drop more. `policy` is
 * what was understood.
 */
export function exposureBounds(listing: string, policy: Policy): Exposure {
    try {
        const saves = readSaves(listing);
        const boundsIn = (direction: Direction) => {
            const ours = upToOurs(saves, direction);
            return exposureBoundsOf(
                direction,
                policy,
                interfaceNamesOfBoth(ours),
                ({ diagrams, interfaces, levelOf }) =>
                    verdictsOfBoth(ours, CHAINS[direction].builtIn, { diagrams, interfaces, conditions: levelOf }),
            );
        };
        return { ...boundsIn("ingress"), ...boundsIn("egress") };
    } catch (error) {
        if (!(error instanceof UnreadableRuleset)) throw error;
        return NO_BOUNDS;
    }
}

const MOST_WORK = 4_000_000;

/**
 * Does a packet get past our chain, whatever the matches hold that are not understood?
 *
 * @throws UnreadableRuleset, TooMuchWork
 */
export function boundsOf(listing: string, packet: Packet): Bounds {
    const ours = upToOurs(readSaves(listing), packet.direction);
    const diagrams = openDiagrams(lastOf, MOST_WORK);
    const named = packet.interface === undefined ? [] : [packet.interface];
    const interfaces = openInterfaces([...interfaceNamesOfBoth(ours), ...named]);
    const done = verdictsOfBoth(ours, CHAINS[packet.direction].builtIn, {
        diagrams,
        interfaces,
        conditions: openConditions(),
    });
    const accepted = diagrams.map(done, (verdict) => (verdict === VERDICT.accept ? 1 : 0));
    const is = (diagram: number) => evaluateAt(diagrams, diagram, packet, interfaces) === 1;
    return { may: is(diagrams.upTo(accepted, LEVEL.condition)), must: is(always(diagrams, accepted)) };
}

function readSaves(listing: string): Saves {
    const texts = splitFamilies(listing);
    return { 4: readSave(texts[4]), 6: readSave(texts[6]) };
}

/** The built-in chain up to the jump to ours, what accepts behind that, and the chains that it leads to. */
function upToOurs(saves: Saves, direction: Direction): Saves {
    return { 4: cutTable(saves[4], direction), 6: cutTable(saves[6], direction) };
}

function cutTable(save: Save, direction: Direction): Save {
    const { own, builtIn } = CHAINS[direction];
    const table = save.get("filter") ?? new Map<string, Chain>();
    const rules = table.get(builtIn)?.rules ?? [];
    const jumps = rules.flatMap((rule, index) => (targetOf(rule) === own ? [index] : []));
    // Where only some packets are sent to ours, all others pass.
    const end = jumps.find((index) => isAlways(rules[index]!)) ?? jumps.at(-1) ?? -1;
    const begin: Chain = { policy: "ACCEPT", rules: rules.slice(0, end + 1) };
    return new Map([["filter", reachableFrom(begin, builtIn, table)]]);
}

function reachableFrom(begin: Chain, name: string, table: Table): Table {
    const found = new Map([[name, begin]]);
    const open = [begin];
    while (open.length > 0)
        for (const rule of open.pop()!.rules) {
            const target = targetOf(rule) ?? "";
            const chain = table.get(target);
            if (!chain || found.has(target)) continue;
            found.set(target, chain);
            open.push(chain);
        }
    return found;
}

function targetOf(rule: Rule): string | undefined {
    return rule.find(({ name }) => name === "-j" || name === "-g")?.values[0];
}

function isAlways(rule: Rule): boolean {
    return rule.every(({ name, values: [value] }) => {
        return name === "-j" || name === "--comment" || (name === "-m" && value === "comment");
    });
}
