import type { Diagram, Diagrams } from "../../../analysis/diagram";
import type { Interfaces } from "../../../analysis/interfaces";
import type { ConditionLevels } from "../../../analysis/packetFields";
import {
    describeExpression,
    describeValue,
    type Element,
    type ElementSet,
    type Expression,
    type Operand,
    type Operator,
    type Statement,
    type Table,
    type Value,
} from "./ast";
import { UnreadableRuleset } from "../../unreadable";
import { type Constraint, firstOf, NEVER, oneValue, whereAll } from "../../../analysis/constraints";
import type { Field } from "./fields";
import { compare } from "./values";

/** What the rules of a table are read with. */
export interface Around {
    readonly diagrams: Diagrams;
    readonly fieldOf: (name: string) => Field;
    readonly table: Table;
    readonly conditions: ConditionLevels;
    readonly interfaces: Interfaces;
    /** Sets that rules put something into. */
    readonly filled: ReadonlySet<string>;
    /** Fields that rules give other values, such as `meta mark`. */
    readonly assigned: ReadonlySet<string>;
    /** The number of the next condition about one of those, since no two need to hold together. */
    readonly nextNumber: () => number;
    /** What sets that are not named hold, once made out: they can be long. */
    readonly known: Map<ElementSet, Map<string, readonly Constraint[]>>;
}

type Match = Extract<Statement, { kind: "match" }>;

/** What a match asks of a packet. What is not understood is a condition by its own text. */
export function matchOf(around: Around, { left, op, right }: Match): readonly Constraint[] {
    const both = bothPorts(left, right);
    if (both && op !== "!=") return [...impliedBy(around, both.left), ...comparison(around, both.left, op, both.right)];
    return [...impliedBy(around, left), ...comparison(around, left, op, right)];
}

/** One source and one destination port at once, as 32 bits of whatever header: nft lists them so. */
function bothPorts(left: Expression, right: Operand): { left: Expression; right: Value } | undefined {
    if (left.kind !== "field" || left.name !== "@th,0,32" || right.kind !== "word") return undefined;
    const number = Number(right.word);
    if (!Number.isInteger(number) || number < 0 || number > 0xffffffff) return undefined;
    const word = (value: number) => ({ kind: "word", word: String(value) }) as const;
    const field = (name: string) => ({ kind: "field", name }) as const;
    return {
        left: { kind: "concat", parts: [field("@th,0,16"), field("@th,16,16")] },
        right: { kind: "concat", parts: [word(number >>> 16), word(number & 0xffff)] },
    };
}

/** What the fields of an expression are of. */
export function impliedBy(around: Pick<Around, "fieldOf">, expression: Expression): readonly Constraint[] {
    if (expression.kind === "concat") return expression.parts.flatMap((part) => impliedBy(around, part));
    return expression.kind === "strange" ? [] : around.fieldOf(expression.name).implied;
}

function comparison(around: Around, left: Expression, op: Operator, right: Operand): readonly Constraint[] {
    if (right.kind !== "named")
        return literal(around, left, op, right.kind === "elements" ? keysOf(right.elements) : [right]);
    const set = setOf(around, right.name);
    if (set.dynamic || around.filled.has(right.name))
        return [condition(around, left, `@${around.table.name}/${right.name}`, op)];
    const key = `${op} ${describeExpression(left)}`;
    const known = around.known.get(set) ?? new Map<string, readonly Constraint[]>();
    around.known.set(set, known);
    const before = known.get(key);
    if (before) return before;
    // A set is looked up, bits or not; of a literal one of one element some versions of nft make a comparison of bits.
    const constraints = literal(
        around,
        left,
        op === "in" ? "==" : op,
        keysOf(set.elements),
        `@${around.table.name}/${right.name}`,
    );
    // Another condition each time where a field changes in between.
    if (!isAssigned(around, left)) known.set(key, constraints);
    return constraints;
}

export function setOf({ table }: Around, name: string): ElementSet {
    const set = table.sets.get(name);
    if (!set) throw new UnreadableRuleset(`there is no set ${JSON.stringify(name.slice(0, 40))}`);
    return set;
}

function keysOf(elements: readonly Element[]): Value[] {
    return elements.map(({ key }) => key);
}

/** A comparison with all of these values; `name` stands for them in the name of a condition. */
function literal(
    around: Around,
    left: Expression,
    op: Operator,
    values: readonly Value[],
    name?: string,
): readonly Constraint[] {
    if (values.length === 0) return op === "!=" ? [] : [NEVER];
    const understood =
        left.kind === "concat" ? concatenation(around, left, op, values) : single(around, left, op, values);
    return [understood ?? condition(around, left, name ?? wordsOf(values), op)];
}

function single(around: Around, left: Expression, op: Operator, values: readonly Value[]): Constraint | undefined {
    if (left.kind !== "field" && left.kind !== "masked") return undefined;
    const { dimension } = around.fieldOf(left.name);
    if (!dimension) return undefined;
    const mask = left.kind === "masked" ? { mask: left.mask } : {};
    return compare(dimension, { op, values, ...mask }, around.interfaces);
}

function concatenation(
    around: Around,
    { parts }: Extract<Expression, { kind: "concat" }>,
    op: Operator,
    values: readonly Value[],
): Constraint | undefined {
    if (op !== "==" && op !== "!=" && op !== "in") return undefined;
    const { diagrams } = around;
    const blocks = blocksOf(
        values.filter(({ kind }) => kind !== "rest"),
        parts.length,
    );
    if (!blocks) return undefined;
    const found: Diagram[] = values.some(({ kind }) => kind === "rest") ? [1] : [];
    for (const block of blocks) {
        const constraints = ofBlock(around, parts, block);
        if (!constraints) return undefined;
        found.push(whereAll(diagrams, constraints, 1));
    }
    const packets = firstOf(diagrams, found);
    return { kind: "packets", packets: op === "!=" ? diagrams.map(packets, (inside) => 1 - inside) : packets };
}

/** For each part of a key the values of which it is any. */
type Block = readonly (readonly Value[])[];

/**
 * Elements that differ in one part alone are one block: in whichever part there are most values. So a long set takes little
 * more than its longest blocks do. Undefined: some element has other parts.
 */
function blocksOf(elements: readonly Value[], count: number): Block[] | undefined {
    const rows: (readonly Value[])[] = [];
    for (const element of elements) {
        const row = partsOf(element, count);
        if (!row) return undefined;
        rows.push(row);
    }
    const texts = rows.map((row) => row.map((part) => JSON.stringify(part)));
    const widths = Array.from({ length: count }, (_, part) => new Set(texts.map((row) => row[part])).size);
    const widest = widths.indexOf(Math.max(...widths));
    const blocks = new Map<string, Value[][]>();
    rows.forEach((row, index) => {
        const others = texts[index]!.with(widest, "").join();
        const block = blocks.get(others);
        if (block) block[widest]!.push(row[widest]!);
        else
            blocks.set(
                others,
                row.map((part) => [part]),
            );
    });
    return [...blocks.values()];
}

function partsOf(element: Value, count: number): readonly Value[] | undefined {
    if (count === 1) return [element];
    return element.kind === "concat" && element.parts.length === count ? element.parts : undefined;
}

/** What a packet must be to be one of a block; undefined if some value is not understood. */
function ofBlock(around: Around, parts: readonly Expression[], block: Block): Constraint[] | undefined {
    const constraints: Constraint[] = [];
    for (let i = 0; i < parts.length; i++) {
        const constraint = single(around, parts[i]!, "==", block[i]!);
        if (!constraint) return undefined;
        constraints.push(constraint);
    }
    return constraints;
}

/** What a packet must be for an element to be its own. */
function ofElement(around: Around, parts: readonly Expression[], element: Value): Constraint[] | undefined {
    if (element.kind === "rest") return [];
    const row = partsOf(element, parts.length);
    return (
        row &&
        ofBlock(
            around,
            parts,
            row.map((part) => [part]),
        )
    );
}

/** A condition that holds or does not, by the text of a comparison. */
function condition(around: Around, left: Expression, right: string, op: Operator): Constraint {
    const negated = op === "!=";
    const operator = negated || op === "==" || op === "in" ? "" : `${op} `;
    const number = isAssigned(around, left) ? ` (${around.nextNumber()})` : "";
    const level = around.conditions(`${describeExpression(left)} ${operator}${right}${number}`);
    return oneValue(level, negated ? 0 : 1);
}

function isAssigned({ assigned }: Around, expression: Expression): boolean {
    if (expression.kind === "concat") return expression.parts.some((part) => isAssigned({ assigned } as Around, part));
    return expression.kind !== "strange" && assigned.has(expression.name);
}

function wordsOf(values: readonly Value[]): string {
    const words = values.map(describeValue).sort();
    return words.length === 1 ? words[0]! : `{ ${words.join(", ")} }`;
}

/**
 * Where each element of a verdict map is the packet's: 1, for the element with this index; undefined if it is not
 * understood. What is left over comes last.
 */
export function elementDiagrams(
    around: Around,
    key: Expression,
    elements: readonly Element[],
): { readonly element: Element; readonly packets: Diagram }[] | undefined {
    const parts = key.kind === "concat" ? key.parts : [key];
    const found: { element: Element; packets: Diagram }[] = [];
    for (const element of elements) {
        const constraints = ofElement(around, parts, element.key);
        if (!constraints) return undefined;
        found.push({ element, packets: whereAll(around.diagrams, constraints, 1) });
    }
    const isRest = ({ element }: { element: Element }) => element.key.kind === "rest";
    return [...found.filter((each) => !isRest(each)), ...found.filter(isRest)];
}
