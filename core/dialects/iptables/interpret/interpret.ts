import { firstOf, type Constraint, ofFamily, oneValue, whereAll } from "../../../analysis/constraints";
import { type Diagram, type Diagrams, TooMuchWork } from "../../../analysis/diagram";
import type { Interfaces } from "../../../analysis/interfaces";
import { and, type Operation, orElse } from "../../../analysis/operations";
import { type ConditionLevels, LEVEL } from "../../../analysis/packetFields";
import type { Family } from "../../../model/addresses";
import { VERDICT } from "../../meaning";
import { type Around, type Hook, interfacePattern, readRule } from "./matches";
import type { Option, Rule, Save, Table } from "./readSave";

export { VERDICT };

/** A chain is left before its end. */
const LEAVES = 9;

export interface Interpretation {
    /** A `VERDICT` for every packet of the family; 0 for the other family. */
    readonly diagram: Diagram;
    /** False where something was not understood that may decide: then it is decided by conditions, either way. */
    readonly exact: boolean;
}

/** What the packets of a family are read with. */
export interface Surroundings {
    readonly diagrams: Diagrams;
    /** Every interface that the rules name must be in it. */
    readonly interfaces: Interfaces;
    readonly conditions: ConditionLevels;
}

/** More would only be a host that wants us to fall over them: diagrams are walked as deep as there are levels. */
const MOST_CONDITIONS = 1000;

/** The tables that may drop a packet, in the order in which they see it. */
const TABLES = ["raw", "mangle", "filter", "security"];

/** The kernel's own. */
const DEEPEST = 16;

/** Targets after which a packet goes on with the next rule, as it was for all that is asked here. */
const GOES_ON = new Set([
    ...["LOG", "NFLOG", "ULOG", "TRACE", "MARK", "CONNMARK", "SET", "CLASSIFY", "AUDIT", "CHECKSUM", "TCPMSS"],
    ...["TCPOPTSTRIP", "TOS", "DSCP", "TTL", "HL", "RATEEST", "LED", "TEE", "HMARK", "SECMARK", "CONNSECMARK"],
]);

/**
 * What all tables of a family do with a packet at a hook, as the kernel decides: a rule that returns goes on behind the jump,
 * an accept is the word of one table, a drop that of all. `only`: what one chain
 * does that others jump to.
 *
 * @throws TooMuchWork
 */
export function interpret(
    save: Save,
    family: Family,
    hook: Hook,
    { diagrams, interfaces, conditions: levelOf }: Surroundings,
    only?: string,
): Interpretation {
    let exact = true;
    const conditions: ConditionLevels = (name) => {
        const level = levelOf(name);
        if (level >= LEVEL.condition + MOST_CONDITIONS)
            throw new TooMuchWork(`more than ${MOST_CONDITIONS} conditions`);
        return level;
    };
    const around: Around = { family, hook, diagrams, interfaces, conditions };
    const places = TABLES.flatMap((name) => {
        const table = save.get(name);
        const chain = only ?? hook;
        return table?.has(chain) ? [runTable(table, chain)] : [];
    });
    const all = places.reduce((a, b) => diagrams.combine(andThen, a, b), VERDICT.accept);
    return { diagram: diagrams.combine(and, whereAll(diagrams, [ofFamily(family)], 1), all), exact };

    function runTable(table: Table, begin: string): Diagram {
        const done = new Map<string, Diagram>();
        const open: string[] = [];
        const policy = table.get(begin)!.policy === "DROP" ? VERDICT.drop : VERDICT.accept;
        return diagrams.map(runChain(begin), (end) => (end === 0 || end === LEAVES ? policy : end));

        /** 0 where a chain is left at its end, `LEAVES` where it is left before. */
        function runChain(name: string): Diagram {
            const before = done.get(name);
            if (before !== undefined) return before;
            // The kernel loads no circle and nothing so deep, so this is no ruleset that runs.
            if (open.includes(name) || open.length > DEEPEST) return anything(`chain ${name}`, []);
            open.push(name);
            const diagram = firstOf(diagrams, table.get(name)!.rules.map(runRule));
            open.pop();
            done.set(name, diagram);
            return diagram;
        }

        function runRule(rule: Rule): Diagram {
            const { constraints, target, exact: understood } = readRule(rule, around);
            if (!target) return 0;
            const outcome = outcomeOf(target.name, target.goto, target.options);
            if (outcome === 0) return 0;
            if (!understood) exact = false;
            if (outcome === undefined) return anything(`-j ${target.name}`, constraints);
            if (outcome <= LEAVES)
                return whereAll(diagrams, [...constraints, ...asked(target.name, target.options)], outcome);
            return diagrams.combine(and, whereAll(diagrams, constraints, 1), outcome);
        }

        /** What a target does; 0: nothing; undefined: that is not known. */
        function outcomeOf(name: string, goto: boolean, options: readonly Option[]): Diagram | undefined {
            if (table.has(name) && name !== hook) {
                const inside = runChain(name);
                return goto
                    ? diagrams.combine(orElse, inside, LEAVES)
                    : diagrams.map(inside, (end) => (end === LEAVES ? 0 : end));
            }
            if (GOES_ON.has(name)) return 0;
            if (name === "ACCEPT") return VERDICT.accept;
            if (name === "DROP") return VERDICT.drop;
            if (name === "RETURN") return LEAVES;
            return name === "REJECT" ? answerOf(options) : undefined;
        }
    }

    /** Not understood: it goes on, accepts or drops. */
    function anything(text: string, constraints: readonly Constraint[]): Diagram {
        exact = false;
        const decided = (["accept", "drop"] as const).map((verdict) =>
            whereAll(diagrams, [oneValue(conditions(`${text} ${verdict}s`), 1)], VERDICT[verdict]),
        );
        return diagrams.combine(and, whereAll(diagrams, constraints, 1), firstOf(diagrams, decided));
    }
}

/** Only what the first accepts comes to the second. */
const andThen: Operation = (a, b) => {
    if (a === VERDICT.accept) return b;
    return b === VERDICT.accept || a <= VERDICT.other ? a : undefined;
};

function answerOf(options: readonly Option[]): number {
    const said = options.find(({ name }) => name === "--reject-with")?.values[0] ?? "icmp-port-unreachable";
    return Object.hasOwn(ANSWERS, said) ? VERDICT[ANSWERS[said]!] : VERDICT.other;
}

const ANSWERS: Readonly<Record<string, keyof typeof VERDICT>> = {
    "tcp-reset": "tcp-reset",
    "icmp-port-unreachable": "port-unreachable",
    "icmp6-port-unreachable": "port-unreachable",
    "icmp-admin-prohibited": "admin-prohibited",
    "icmp6-adm-prohibited": "admin-prohibited",
    "icmp-host-unreachable": "host-unreachable",
    "icmp6-addr-unreachable": "host-unreachable",
    "icmp-net-unreachable": "no-route",
    "icmp6-no-route": "no-route",
};

/** Only TCP can be answered by a reset. */
function asked(target: string, options: readonly Option[]): readonly Constraint[] {
    const resets = target === "REJECT" && options.some(({ values }) => values[0] === "tcp-reset");
    return resets ? [oneValue(LEVEL.protocol, 6)] : [];
}

/** Every interface and beginning of one that rules name. */
export function interfaceNames(save: Save): Set<string> {
    const chains = [...save.values()].flatMap((table) => [...table.values()]);
    const options = chains.flatMap(({ rules }) => rules.flat());
    const named = options.filter(({ name }) => name === "-i" || name === "-o");
    const patterns = named.flatMap(({ values }) => interfacePattern(values[0] ?? "") ?? []);
    return new Set(patterns.filter((name) => name !== "*"));
}
