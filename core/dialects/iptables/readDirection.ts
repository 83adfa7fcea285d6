import type { Family } from "../../model/addresses";
import type { Policy } from "../../model/policy";
import type { Direction, Rule } from "../../model/rule";
import type { Mark } from "../dialect";
import type { Foreign } from "../foreign";
import type { Entry } from "../reading";
import { changesInFamilies } from "./changesInFamilies";
import type { Listing } from "./listing";
import { CHAINS } from "./names";
import { type ChainReading, readChain } from "./readChain";
import { mergeLines, mergeParts } from "./readEntries";
import { readForeign } from "./readForeign";
import { type JumpReading, readJump } from "./readJump";
import { readOwnRules } from "./readOwnRules";

export interface DirectionReading {
    /** What happens to a packet that no rule decides. */
    readonly action: "accept" | "drop";
    readonly rules: ReadonlyMap<string, Rule>;
    /** Keys of rules that are not exactly those of the expected policy. */
    readonly altered: ReadonlySet<string>;
    readonly effective: readonly Entry[];
    readonly foreign: readonly Foreign[];
    /** What is missing or changed other than rules, in words. */
    readonly changes: readonly string[];
    readonly understood: boolean;
    /** Those of the families that have our chain. */
    readonly marks: readonly (Mark | undefined)[];
}

/** One family of it; absent where it has no chain of ours. */
type HalfReading = (ChainReading & { readonly jump: JumpReading }) | undefined;

/** Reads our chain in both families, and how packets come to it. */
export function readDirection(listing: Listing, direction: Direction, expected: Policy | undefined): DirectionReading {
    const { own, builtIn } = CHAINS[direction];
    const halves = { 4: readHalf(listing, 4, direction), 6: readHalf(listing, 6, direction) };
    const there = [halves[4], halves[6]].filter((half) => half !== undefined);
    const parts = { 4: halves[4]?.parts ?? [], 6: halves[6]?.parts ?? [] };
    const ownRules = readOwnRules(parts, direction, expected);
    const { merged, agree } = mergeParts(parts, ownRules, direction, there.length > 0 ? expected : undefined);

    const before = mergeLines({ 4: halves[4]?.jump.before ?? [], 6: halves[6]?.jump.before ?? [] }).flatMap((lines) =>
        readForeign(lines, direction, { chain: builtIn, beforeJump: true }),
    );
    const rules = new Map<string, Rule>();
    const effective: Entry[] = [];
    const foreign: Foreign[] = [];
    let understood = agree;
    const addForeign = ({ item, understood: isUnderstood }: (typeof before)[number]) => {
        foreign.push(item);
        if (item.rule) effective.push({ foreign: item });
        if (!isUnderstood) understood = false;
    };
    before.forEach(addForeign);
    for (const { 4: ipv4, 6: ipv6 } of merged) {
        const some = ipv4 ?? ipv6!;
        if (some.kind === "own") {
            rules.set(some.key, some.rule);
            effective.push({ key: some.key, rule: some.rule });
            continue;
        }
        const lines = {
            ...(ipv4?.kind === "foreign" && { 4: ipv4.line }),
            ...(ipv6?.kind === "foreign" && { 6: ipv6.line }),
        };
        const noEffect = some.reachable ? {} : { noEffect: "it stands behind the default" };
        readForeign(lines, direction, { chain: own, ...noEffect }).forEach(addForeign);
    }

    const reached = there.filter(({ jump }) => jump.complete);
    const actions = new Set(there.map(({ action }) => action));
    const [action, ...otherActions] = actions;
    const isSame = there.length === 2 && otherActions.length === 0;
    const altered = [...rules.keys()].filter((key) => ownRules.has(key) && !ownRules.get(key)!.asExpected);
    return {
        action: isSame && reached.length > 0 ? action! : "accept",
        rules,
        altered: new Set(altered),
        effective: reached.length > 0 ? effective : [],
        foreign,
        changes: [
            ...changesIn(halves, direction),
            ...(there.length === 2 && otherActions.length > 0
                ? [`the ${direction} defaults of IPv4 and IPv6 differ`]
                : []),
            ...(agree ? [] : [`${direction} rules stand in another order in IPv6 than in IPv4`]),
        ],
        // Where neither family has our chain all of it passes, and that is no secret.
        understood: there.length === 0 || (understood && isSame && reached.length === 2),
        marks: there.map(({ mark }) => mark),
    };
}

function readHalf(listing: Listing, family: Family, direction: Direction): HalfReading {
    const { filter, sets } = listing[family];
    const chain = filter.get(CHAINS[direction].own);
    return (
        chain && {
            ...readChain(chain, family, direction, sets),
            jump: readJump(filter, CHAINS[direction], family, direction),
        }
    );
}

function changesIn(halves: Readonly<Record<Family, HalfReading>>, direction: Direction): string[] {
    // Egress that is not filtered has no chain.
    if (!halves[4] && !halves[6] && direction === "egress") return [];
    const [ipv4, ipv6] = [halves[4], halves[6]].map((half) => {
        if (!half) return [`chain ${CHAINS[direction].own} is missing`];
        return [...(half.mark ? [] : ["the mark is missing or altered"]), ...half.changes, ...half.jump.changes];
    });
    return changesInFamilies(ipv4!, ipv6!);
}
