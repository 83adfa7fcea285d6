import type { Family } from "../../model/addresses";
import type { Direction } from "../../model/rule";
import { decides, type Line } from "./line";
import type { ListedTable } from "./listing";
import type { NumberedLine } from "./numberedLine";
import { readLine } from "./readLine";

export interface JumpReading {
    /** Does every packet come to our chain that is not accepted or dropped before? */
    readonly complete: boolean;
    readonly changes: readonly string[];
    /** Rules of others before it that may accept a packet, so that it passes by our chain. */
    readonly before: readonly NumberedLine[];
}

/** How a built-in chain of a family comes to ours. */
export function readJump(
    table: ListedTable,
    { own, builtIn }: { readonly own: string; readonly builtIn: string },
    family: Family,
    direction: Direction,
): JumpReading {
    const chain = table.get(builtIn);
    const lines = (chain?.rules ?? []).map((text, position): NumberedLine => ({
        text,
        position,
        line: readLine(text, family, direction),
    }));
    const jumps = lines.filter(({ line }) => comesTo(line, own));
    const plain = jumps.filter(({ line }) => line.target?.kind === "jump" && isAlways(line));
    const [first] = plain;
    if (!first) {
        const altered = jumps.some(({ line }) => isAlways(line)) ? "altered" : "conditional";
        const missing = jumps.length === 0 ? "missing" : altered;
        return { complete: false, changes: [`the jump to ${own} is ${missing}`], before: [] };
    }
    // What returns from a built-in chain meets its policy, as does what comes back from where it was told to go.
    const returnsAccept = chain?.policy !== "DROP";
    const mayPass = openMayAccept(table);
    const before = lines.slice(0, first.position).filter(({ line }) => {
        if (!line.target || comesTo(line, own)) return false;
        const returns = line.target.kind === "return" || line.target.kind === "goto";
        return (returns && returnsAccept) || mayPass(line);
    });
    const count = jumps.length === 2 ? "twice" : `${jumps.length} times`;
    return {
        complete: true,
        changes: [
            ...(jumps.length > 1 ? [`the jump to ${own} stands there ${count}`] : []),
            ...(before.length > 0 ? [`rules of others stand before the jump to ${own}`] : []),
        ],
        before,
    };
}

function comesTo({ target }: Line, chain: string): boolean {
    return (target?.kind === "jump" || target?.kind === "goto") && target.chain === chain;
}

function isAlways({ match }: Line): boolean {
    return match !== undefined && Object.keys(match).length === 0;
}

/** May a line accept a packet, itself or in a chain that it leads to? So may a target that nobody knows. */
function openMayAccept(table: ListedTable): (line: Line) => boolean {
    let found: ReadonlySet<string> | undefined;
    return (line) => {
        const chain = leadsTo(line, table);
        return chain === undefined ? accepts(line) : (found ??= acceptingChains(table)).has(chain);
    };
}

function leadsTo({ target }: Line, table: ListedTable): string | undefined {
    return (target?.kind === "jump" || target?.kind === "goto") && table.has(target.chain) ? target.chain : undefined;
}

function accepts(line: Line): boolean {
    const { target } = line;
    if (!target || !decides(line)) return false;
    if (target.kind === "other") return target.name !== "REJECT";
    return target.kind !== "drop" && target.kind !== "reject" && target.kind !== "return";
}

/** The chains from which a packet may come to an accept. */
function acceptingChains(table: ListedTable): ReadonlySet<string> {
    const callers = new Map<string, Set<string>>();
    const open: string[] = [];
    for (const [name, { rules }] of table)
        for (const text of rules) {
            // What matches is not asked for, so neither are family and direction.
            const line = readLine(text, 4, "ingress");
            const chain = leadsTo(line, table);
            if (chain !== undefined) callers.set(chain, (callers.get(chain) ?? new Set()).add(name));
            else if (accepts(line)) open.push(name);
        }
    const found = new Set<string>();
    while (open.length > 0) {
        const name = open.pop()!;
        if (found.has(name)) continue;
        found.add(name);
        open.push(...(callers.get(name) ?? []));
    }
    return found;
}
