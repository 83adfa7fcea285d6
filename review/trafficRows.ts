import { DEFAULT_ACTION } from "../core/analysis/decide";
import { type Change, difference } from "../core/analysis/difference";
import type { Exposure } from "../core/analysis/exposure";
import { deciderOf } from "../core/analysis/decider";
import { EVERY_PORT } from "../core/analysis/pieces";
import type { Policy } from "../core/model/policy";
import { notKnownYet } from "../core/model/storedPolicy";
import { formatPorts, mergePorts, type PortRange } from "../core/model/ports";
import type { Direction } from "../core/model/rule";
import { type Area, areaOfChange, areasIn, NOBODY, portsOf, whoAt } from "./areas";

/** `opens`: nobody got through before; `widens`: more do; `changes`: some more, some less. */
export type Kind = "opens" | "widens" | "changes" | "narrows" | "closes";

/** Traffic that fares otherwise after a change of rules, said by who gets through. */
export interface TrafficRow {
    readonly kind: Kind;
    readonly direction: Direction;
    /** `tcp 443, 8000-8080`. */
    readonly what: string;
    /** Of TCP, UDP and the like. */
    readonly protocol?: string;
    readonly ports?: readonly PortRange[];
    readonly before: string;
    readonly after: string;
    /** Keys of the rules that decide it: those that open, and those that opened it before. */
    readonly rules: readonly string[];
    /** It depends on values that are known only later. */
    readonly perhaps?: true;
}

export interface Side {
    readonly policy: Policy;
    readonly exposure: Exposure;
}

/** What a change of rules means, exactly; equal rows for equal people and rules. `undefined`: too much to be found out. */
export function trafficRows(before: Side, after: Side): readonly TrafficRow[] | undefined {
    const { opened, closed, notAnalysed } = difference(before.policy, after.policy);
    if (notAnalysed.length > 0) return undefined;
    const areas = { before: areasIn(before.exposure), after: areasIn(after.exposure) };
    const changes = [
        ...opened.map((change) => ({ change, opens: true, area: areaOfChange(change) })),
        ...closed.map((change) => ({ change, opens: false, area: areaOfChange(change) })),
    ];
    const subjects = new Map<string, Located[]>();
    for (const each of changes) {
        const name = `${each.area.direction}|${each.area.subject}|${each.area.tail}`;
        subjects.set(name, [...(subjects.get(name) ?? []), each]);
    }
    const blame = { opens: blamer(after.policy), closes: blamer(before.policy) };
    const rows = new Map<string, Pieces>();
    for (const some of subjects.values()) {
        const { area } = some[0]!;
        const pieces = piecesOf(area, some, [...areas.before, ...areas.after]);
        for (const piece of pieces) {
            const at = piece?.first;
            const here = some.filter((each) => piece === undefined || covers(each, piece));
            if (here.length === 0) continue;
            const was = whoAt(areas.before, area, at);
            const is = whoAt(areas.after, area, at);
            const row = {
                kind: kindOf(here, was, is),
                direction: area.direction,
                before: was,
                after: is,
                rules: rulesOf(here, pieces.length > MOST_BLAMED ? undefined : at, blame),
                ...(here.every(({ change }) => change.perhaps) && { perhaps: true as const }),
            };
            const key = JSON.stringify([row, area.subject, area.tail]);
            const known: Pieces = rows.get(key) ?? { row, subject: area.subject, tail: area.tail, ports: [] };
            rows.set(key, known);
            if (piece) known.ports.push(piece);
        }
    }
    return [...rows.values()].map(({ row, subject, tail, ports }): TrafficRow => {
        const merged = mergePorts(ports);
        const isAll = merged.length === 1 && merged[0]!.first <= 1 && merged[0]!.last === EVERY_PORT.last;
        const words = merged.length === 0 || isAll ? "" : ` ${formatPorts(merged)}`;
        return {
            ...row,
            what: `${subject}${words}${tail}`,
            ...(merged.length > 0 && { protocol: subject, ports: merged }),
        };
    });
}

/** What is said alike of several ports. */
interface Pieces extends Pick<Area, "subject" | "tail"> {
    readonly row: Omit<TrafficRow, "what">;
    readonly ports: PortRange[];
}

interface Located {
    readonly change: Change;
    readonly opens: boolean;
    readonly area: Area;
}

function covers({ area }: Located, { first }: PortRange): boolean {
    return portsOf(area)?.some((range) => range.first <= first && first <= range.last) ?? true;
}

/** The ports of an area, cut wherever something may be said otherwise; one piece without ports where it has none. */
function piecesOf(
    area: Area,
    changes: readonly Located[],
    said: readonly (readonly [Area, string])[],
): readonly (PortRange | undefined)[] {
    if (!portsOf(area)) return [undefined];
    const starts = new Set<number>([EVERY_PORT.first]);
    const cut = (ranges: readonly PortRange[] = []) => {
        for (const { first, last } of ranges) starts.add(first).add(last + 1);
    };
    for (const each of changes) cut(each.area.ports);
    for (const [other] of said)
        if (other.direction === area.direction && other.subject === area.subject) cut(other.ports);
    const sorted = [...starts].filter((start) => start >= 1 && start <= EVERY_PORT.last).sort((a, b) => a - b);
    return sorted.map((first, i) => ({ first, last: (sorted[i + 1] ?? EVERY_PORT.last + 1) - 1 }));
}

function kindOf(here: readonly Located[], before: string, after: string): Kind {
    const opens = here.some((each) => each.opens);
    const closes = here.some((each) => !each.opens);
    if (opens && closes) return "changes";
    if (opens) return before === NOBODY ? "opens" : "widens";
    return after === NOBODY ? "closes" : "narrows";
}

type Blamer = (change: Change, port: number) => readonly string[] | undefined;

/** Of more ports the rules are named together. */
const MOST_BLAMED = 200;

/** The rule that decides the example of a change at one of its ports; undefined where that is not known yet. */
function blamer(policy: Policy): Blamer {
    if (notKnownYet(policy) !== undefined) return () => undefined;
    let decide: ReturnType<typeof deciderOf> | undefined;
    return ({ packet }, port) => [(decide ??= deciderOf(policy))({ ...packet, destinationPort: port }).by];
}

/** What opens it now, and what opened it before. A change may name several ports and the rules of all of them. */
function rulesOf(
    here: readonly Located[],
    port: number | undefined,
    blame: Readonly<Record<"opens" | "closes", Blamer>>,
): string[] {
    const keysOf = ({ change, opens }: Located) => {
        const all = opens ? change.after : change.before;
        if (all.length === 1 || port === undefined || !change.ports) return all;
        return blame[opens ? "opens" : "closes"](change, port) ?? all;
    };
    const keys = new Set(here.flatMap(keysOf));
    if (keys.size > 1) keys.delete(DEFAULT_ACTION);
    return [...keys];
}
