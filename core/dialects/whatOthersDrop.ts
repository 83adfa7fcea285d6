import { oneValue, whereAll } from "../analysis/constraints";
import { decide, type Packet } from "../analysis/decide";
import { type Diagram, openDiagrams, TooMuchWork } from "../analysis/diagram";
import { openInterfaces } from "../analysis/interfaces";
import { always } from "../analysis/matchSets";
import { and, butNot, orElse } from "../analysis/operations";
import { type ConditionLevels, lastOf, LEVEL, STATES } from "../analysis/packetFields";
import { openRuleSets } from "../analysis/ruleSets";
import { witness } from "../analysis/witness";
import type { Policy } from "../model/policy";
import type { Direction } from "../model/rule";
import { VERDICT } from "./meaning";
import type { OtherFilter } from "./otherFilters";
import { UnreadableRuleset } from "./unreadable";

/** Something that a rule accepts and another filter drops, whatever of that filter is not understood. */
export interface Drop {
    readonly filter: string;
    readonly rule: string;
    /** A packet that is dropped. */
    readonly packet: Packet;
    /** All that the rule accepts is dropped, save what the host sends to itself. */
    readonly whole: boolean;
}

export interface OthersDrop {
    readonly drops: readonly Drop[];
    /** The other filters that may drop something that is accepted here, without any of which that is sure. */
    readonly perhaps: readonly string[];
}

/** About a second, for each direction. */
const MOST_WORK = 4_000_000;
/** Diagrams are walked as deep as there are levels. */
const MOST_CONDITIONS = 1000;
/** Examples for each filter and direction. */
const MOST_RULES = 4;

/** A condition that packets for the server itself do not fulfil: those of containers do. */
const REDIRECTED = "ct status dnat";

/** Which new packets that rules of ours accept the other filters of a host drop: a packet passes only if all accept it. */
export function whatOthersDrop(policy: Policy, filters: readonly OtherFilter[]): OthersDrop {
    const drops: Drop[] = [];
    const perhaps = new Set(filters.filter(({ bans }) => bans).map(({ name }) => name));
    for (const direction of ["ingress", "egress"] as const) {
        const seen = inDirection(
            policy,
            filters.filter(({ bans }) => !bans),
            direction,
        );
        drops.push(...seen.drops);
        for (const name of seen.perhaps) perhaps.add(name);
    }
    for (const { filter } of drops) perhaps.delete(filter);
    return { drops, perhaps: [...perhaps] };
}

function inDirection(policy: Policy, filters: readonly OtherFilter[], direction: Direction): OthersDrop {
    const names = filters.map(({ name }) => name);
    try {
        const diagrams = openDiagrams(lastOf, MOST_WORK);
        const named = [
            policy.rules.flatMap(({ rule }) => rule.interfaces ?? []),
            ...filters.map((f) => [...f.interfaces]),
        ];
        const interfaces = openInterfaces(named.flat());
        const sets = openRuleSets(diagrams, policy, direction, interfaces);
        const matched = new Map(sets.rules.map(({ key, matched }) => [key, matched]));
        const byRules = [...matched.values()].reduce((a, b) => diagrams.combine(orElse, a, b), 0 as Diagram);
        if (byRules === 0) return { drops: [], perhaps: [] };
        const isNew = whereAll(diagrams, [oneValue(LEVEL.state, STATES.indexOf("new"))], 1);
        const toItself = whereAll(diagrams, [oneValue(LEVEL.interface, interfaces.names.indexOf("lo"))], 1);
        const accepts = diagrams.map(sets.decision().diagram, (verdict) => (verdict === VERDICT.accept ? 1 : 0));
        const accepted = [byRules, isNew].reduce((a, b) => diagrams.combine(and, a, b), accepts);
        const outside = diagrams.combine(butNot, accepted, toItself);

        const conditions: ConditionLevels = (name) => {
            const level = sets.levelOf(name);
            if (level >= LEVEL.condition + MOST_CONDITIONS) throw new TooMuchWork();
            return level;
        };
        const found = filters.map((filter) => {
            const verdicts = filter.verdicts(direction, { diagrams, interfaces, conditions });
            const ordinary = new Map(
                [...sets.levels].flatMap(([name, level]) => (name === REDIRECTED ? [[level, 0]] : [])),
            );
            const refuses = diagrams.map(diagrams.restrict(verdicts, ordinary), (one) =>
                one === VERDICT.accept || one === 0 ? 0 : 1,
            );
            const surely = diagrams.combine(and, outside, always(diagrams, refuses));
            return {
                name: filter.name,
                drops: dropsOf(filter.name, surely),
                perhaps: diagrams.combine(and, outside, refuses) !== 0,
            };
        });
        return {
            drops: found.flatMap(({ drops }) => drops),
            perhaps: found.filter((each) => each.perhaps).map(({ name }) => name),
        };

        function dropsOf(filter: string, dropped: Diagram): Drop[] {
            const drops: Drop[] = [];
            for (let left = dropped; left !== 0 && drops.length < MOST_RULES;) {
                const packet = witness(diagrams, left, direction, interfaces)!;
                const { by } = decide(policy, packet);
                const own = matched.get(by);
                // Nothing that can be: the sets are made of the rules that decide.
                if (own === undefined) break;
                const whole = diagrams.combine(butNot, diagrams.combine(and, outside, own), dropped) === 0;
                drops.push({ filter, rule: by, packet, whole });
                left = diagrams.combine(butNot, left, own);
            }
            return drops;
        }
    } catch (error) {
        if (!(error instanceof TooMuchWork) && !(error instanceof UnreadableRuleset)) throw error;
        return { drops: [], perhaps: names };
    }
}
