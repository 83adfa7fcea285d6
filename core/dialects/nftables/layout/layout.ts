import type { KeyedRule } from "../../../model/policy";
import type { Direction } from "../../../model/rule";
import { layoutIdentifier } from "../identifiers";
import type { SetsByName } from "../renderAddresses";
import { layoutComment } from "../../ruleComment";
import { verdictText } from "../renderOptions";
import { renderKeyedRule } from "../renderRule";
import { words } from "../renderText";
import { type Atom, atomsOf } from "./atoms";
import { type Elements, elementsOf, isLarge, shapeOf } from "./elements";
import { renderElements, type Rendered } from "./renderElements";
import { type Placed, stagesOf } from "./stages";

/** The rules of one direction as lines of its chain, and the sets, maps and chains that these ask. */
export interface Layout {
    readonly lines: readonly string[];
    readonly objects: readonly string[];
}

interface Item extends Placed {
    readonly keyed: KeyedRule;
    /** The number of its place among the rules. */
    readonly place: number;
}

/**
 * Lays rules out so that a packet asks a few sets, however many rules there are: those that do the same and can be asked in any
 * order become elements of one set. What a set can't say stays a rule of its own, at its place in the order that decides.
 */
export function layOut(rules: readonly KeyedRule[], direction: Direction, sets: SetsByName): Layout {
    const items = rules.map((keyed, place): Item => {
        const { limit, log } = keyed.rule;
        const atoms = atomsOf(keyed.rule, sets);
        return { keyed, place, atoms, ...(!limit && !log && { verdict: verdictText(keyed.rule) }) };
    });
    const rendered: Rendered[] = [];
    const lines: string[] = [];
    for (const { verdict, items: some } of stagesOf(items, direction === "ingress" ? "source" : "destination")) {
        const { own, groups } = verdict === undefined ? { own: some, groups: [] } : grouped(some);
        for (const { keyed } of own) lines.push(...renderKeyedRule(keyed, sets));
        for (const { atoms, members, elements } of groups)
            for (const each of elements) {
                const name = layoutIdentifier(direction, rendered.length);
                const { text, family } = atoms[0]!;
                const comment = layoutComment(members.size, [...members][0]!.keyed.key);
                const one = renderElements(name, each, { text, family, verdict: words("counter", verdict!), comment });
                rendered.push(one);
                lines.push(one.line);
            }
    }
    // Where no set was made, the rules are read back one by one, so they stand in their order.
    if (rendered.length === 0) return { lines: rules.flatMap((keyed) => renderKeyedRule(keyed, sets)), objects: [] };
    return { lines, objects: rendered.flatMap(({ objects }) => objects) };
}

interface Group {
    readonly members: Set<Item>;
    readonly atoms: Atom[];
    readonly elements: readonly Elements[];
}

/** Which rules of a stage become elements of which sets, and which stay as they are. */
function grouped(items: readonly Item[]): { own: readonly Item[]; groups: readonly Group[] } {
    const own = new Set(items.filter(({ atoms }) => atoms.some(isLarge)));
    const parts = items.flatMap((item) => item.atoms.map((atom): NamedPart => ({ item, atom, group: groupOf(atom) })));
    for (;;) {
        const before = own.size;
        const groups = groupsOf(parts.filter(({ item }) => !own.has(item)));
        // A set for one rule says less than the rule.
        const alone = new Set(groups.filter(({ members }) => members.size > 1).flatMap(({ members }) => [...members]));
        for (const { members } of groups) for (const item of members) if (!alone.has(item)) own.add(item);
        const made = groups.map((group) => ({ ...group, elements: elementsOf(group.atoms.map(({ box }) => box)) }));
        for (const { elements, members } of made) if (!elements) for (const item of members) own.add(item);
        if (own.size > before) continue;
        return {
            own: items.filter((item) => own.has(item)),
            groups: made.map(({ elements, ...group }): Group => ({ ...group, elements: elements! })),
        };
    }
}

/** A part of a rule, by the name of the group that it can be in. */
interface NamedPart {
    readonly item: Item;
    readonly atom: Atom;
    readonly group: string;
}

function groupOf({ box, family, text }: Atom): string {
    return `${shapeOf(box).join()}|${family ?? ""}|${text}`;
}

function groupsOf(parts: readonly NamedPart[]): Omit<Group, "elements">[] {
    const groups = new Map<string, { members: Set<Item>; atoms: Atom[] }>();
    for (const { item, atom, group: name } of parts) {
        const group = groups.get(name) ?? { members: new Set(), atoms: [] };
        groups.set(name, group);
        group.members.add(item);
        group.atoms.push(atom);
    }
    return [...groups.values()];
}
