import type { Diagram, Diagrams } from "../../../analysis/diagram";
import { and, orElse } from "../../../analysis/operations";
import { LEVEL } from "../../../analysis/packetFields";
import {
    type Chain,
    describeExpression,
    type Elements,
    type Expression,
    type Named,
    type Rule,
    type Statement,
    type Table,
    type Verdict,
} from "./ast";
import { UnreadableRuleset } from "../../unreadable";
import { type Constraint, firstOf, ofFamily, oneValue, whereAll } from "../../../analysis/constraints";
import { type HookName, openFields } from "./fields";
import { type Around, elementDiagrams, impliedBy, matchOf, setOf } from "./matches";
import { type Surroundings, VERDICT } from "./verdicts";

/** Terminals beside the verdicts: the chain is left without one; inside of a verdict map: its element decides nothing. */
const [LEAVES, FOUND] = [9, 10] as const;

const TCP: Constraint = oneValue(LEVEL.protocol, 6);

/** The kernel's own limit. */
const DEEPEST = 16;

interface Running extends Surroundings {
    /** Something is not understood that may decide. */
    readonly inexact: () => void;
}

/** Gives for a base chain of the table what it does with every packet: a `VERDICT`. */
export function openChains(table: Table, hook: HookName, running: Running): (chain: Chain) => Diagram {
    const { diagrams } = running;
    const chains = new Map(table.chains.map((chain) => [chain.name, chain]));
    const statements = table.chains.flatMap(({ rules }) => rules.flat());
    let number = 0;
    const around: Around = {
        ...running,
        fieldOf: openFields(hook),
        table,
        filled: new Set(statements.flatMap((each) => (each.kind === "update" ? [each.set] : []))),
        assigned: new Set(statements.flatMap((each) => (each.kind === "assign" ? [each.field] : []))),
        nextNumber: () => ++number,
        known: new Map(),
    };
    const done = new Map<string, Diagram>();
    const open: string[] = [];

    /** 0 where a chain is left at its end, `LEAVES` where it is left before. */
    function runChain(name: string): Diagram {
        const before = done.get(name);
        if (before !== undefined) return before;
        const chain = chains.get(name);
        if (!chain) throw new UnreadableRuleset(`there is no chain ${JSON.stringify(name.slice(0, 40))}`);
        if (open.includes(name)) throw new UnreadableRuleset(`chains jump in a circle: ${[...open, name].join(", ")}`);
        if (open.length > DEEPEST) throw new UnreadableRuleset(`chains jump more than ${DEEPEST} deep`);
        open.push(name);
        const diagram = firstOf(
            diagrams,
            chain.rules.map((rule) => runRule(rule, 0)),
        );
        open.pop();
        done.set(name, diagram);
        return diagram;
    }

    /** What a rule does from one of its statements on; 0 where it decides nothing. */
    function runRule(rule: Rule, from: number): Diagram {
        const constraints: Constraint[] = [];
        for (let i = from; i < rule.length; i++) {
            const statement = rule[i]!;
            if (statement.kind === "verdict") return decide(constraints, statement.verdict);
            if (statement.kind === "vmap") return within(constraints, runMap(statement.key, statement.map));
            if (statement.kind === "strange")
                return within(constraints, anything(statement.text, runRule(rule, i + 1)));
            constraints.push(...asks(statement));
        }
        return 0;
    }

    function asks(statement: Exclude<Statement, { kind: "verdict" | "vmap" | "strange" }>): readonly Constraint[] {
        switch (statement.kind) {
            case "match":
                return matchOf(around, statement);
            case "limit":
                return [oneValue(around.conditions(statement.name), statement.over ? 0 : 1)];
            case "update":
                return [...impliedBy(around, statement.key), ...statement.limits.flatMap(asks)];
            case "assign":
                if (statement.field === "ct state") running.inexact();
                return [];
            case "nothing":
                return [];
        }
    }

    const within = (constraints: readonly Constraint[], diagram: Diagram): Diagram =>
        diagram === 0 ? 0 : diagrams.combine(and, whereAll(diagrams, constraints, 1), diagram);

    function decide(constraints: readonly Constraint[], verdict: Verdict): Diagram {
        if (verdict.kind === "reject") {
            const { name, of } = verdict.answer;
            const only = of === undefined ? [] : of === "tcp" ? [TCP] : [ofFamily(of === "ip" ? 4 : 6)];
            return whereAll(diagrams, [...constraints, ...only], VERDICT[name]);
        }
        const decided = outcomeOf(verdict);
        return decided <= LEAVES ? whereAll(diagrams, constraints, decided) : within(constraints, decided);
    }

    function outcomeOf(verdict: Verdict): Diagram {
        switch (verdict.kind) {
            case "accept":
                return VERDICT.accept;
            case "drop":
                return VERDICT.drop;
            case "reject":
                return VERDICT[verdict.answer.name];
            case "continue":
                return 0;
            case "return":
                return LEAVES;
            case "jump":
                return diagrams.map(runChain(verdict.target), (terminal) => (terminal === LEAVES ? 0 : terminal));
            case "goto":
                return diagrams.combine(orElse, runChain(verdict.target), LEAVES);
            case "strange":
                return anything(verdict.text, 0);
        }
    }

    function runMap(key: Expression, map: Elements | Named): Diagram {
        const set = map.kind === "named" ? setOf(around, map.name) : map;
        const elements =
            map.kind === "named" && (setOf(around, map.name).dynamic || around.filled.has(map.name))
                ? undefined
                : elementDiagrams(around, key, set.elements);
        const name = map.kind === "named" ? `@${table.name}/${map.name}` : "{ }";
        if (!elements) return anything(`${describeExpression(key)} vmap ${name}`, 0);
        const decided = elements.map(({ element, packets }) => {
            const outcome = element.verdict ? outcomeOf(element.verdict) : 0;
            // An element that goes on with the next rule is found all the same.
            return { packets, outcome: outcome === 0 ? FOUND : diagrams.combine(orElse, outcome, FOUND) };
        });
        const first = firstOf(
            diagrams,
            decided.map(({ packets, outcome }) => diagrams.combine(and, packets, outcome)),
        );
        const found = diagrams.map(first, (terminal) => (terminal === FOUND ? 0 : terminal));
        return diagrams.combine(and, whereAll(diagrams, impliedBy(around, key), 1), found);
    }

    /** Not understood: goes on with the rest of its rule or not, or decides either way. */
    function anything(text: string, rest: Diagram): Diagram {
        running.inexact();
        const [accepts, drops, matches] = ["accepts", "drops", "matches"].map((what) =>
            whereAll(diagrams, [oneValue(around.conditions(`${text} ${what}`), 1)], 1),
        );
        return firstOf(diagrams, [
            diagrams.combine(and, accepts!, VERDICT.accept),
            diagrams.combine(and, drops!, VERDICT.drop),
            diagrams.combine(and, matches!, rest),
        ]);
    }

    return (chain) => {
        const policy = chain.hook?.policy === "drop" ? VERDICT.drop : VERDICT.accept;
        return endWith(diagrams, runChain(chain.name), policy);
    };
}

function endWith(diagrams: Diagrams, diagram: Diagram, policy: number): Diagram {
    return diagrams.map(diagram, (terminal) => (terminal === 0 || terminal === LEAVES ? policy : terminal));
}
