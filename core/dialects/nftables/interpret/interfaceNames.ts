import { type Interfaces, openInterfaces } from "../../../analysis/interfaces";
import type { Policy } from "../../../model/policy";
import type { Expression, Operand, Ruleset, Value } from "./ast";
import { isInterface } from "./fields";
import { isInterfaceName } from "./values";

/** Every name and pattern of an interface that a ruleset asks for. */
export function interfaceNames({ tables }: Ruleset): Set<string> {
    const names = new Set<string>();

    function add(expression: Expression, values: readonly Value[]): void {
        if (expression.kind === "concat") {
            for (const value of values)
                if (value.kind === "concat")
                    expression.parts.forEach((part, i) => add(part, value.parts.slice(i, i + 1)));
        } else if (expression.kind === "field" && isInterface(expression.name))
            for (const value of values) if (value.kind === "word" && isInterfaceName(value.word)) names.add(value.word);
    }

    for (const { chains, sets } of tables) {
        const valuesOf = (operand: Operand): readonly Value[] => {
            if (operand.kind === "named") return sets.get(operand.name)?.elements.map(({ key }) => key) ?? [];
            return operand.kind === "elements" ? operand.elements.map(({ key }) => key) : [operand];
        };
        for (const statement of chains.flatMap(({ rules }) => rules.flat())) {
            if (statement.kind === "match" && hasInterface(statement.left))
                add(statement.left, valuesOf(statement.right));
            if (statement.kind === "vmap" && hasInterface(statement.key)) add(statement.key, valuesOf(statement.map));
        }
    }
    return names;
}

/**
 * The table for all that a ruleset and rules of a policy name.
 *
 * @throws TooMuchWork for more than 254 different ones.
 */
export function interfacesIn(ruleset: Ruleset, policy: Policy): Interfaces {
    return openInterfaces([...policy.rules.flatMap(({ rule }) => rule.interfaces ?? []), ...interfaceNames(ruleset)]);
}

function hasInterface(expression: Expression): boolean {
    if (expression.kind === "concat") return expression.parts.some(hasInterface);
    return expression.kind === "field" && isInterface(expression.name);
}
