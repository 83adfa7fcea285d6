import { randomInt } from "node:crypto";
import fc from "fast-check";
import { decide, DEFAULT_ACTION, type Packet } from "../../../core/analysis/decide";
import { type Diagram, type Diagrams, openDiagrams } from "../../../core/analysis/diagram";
import { interfacesOf } from "../../../core/analysis/interfaces";
import { and, butNot, orElse } from "../../../core/analysis/operations";
import { lastOf } from "../../../core/analysis/packetFields";
import { evaluateAt } from "../../../core/analysis/packetValues";
import { formatPacket } from "../../../core/analysis/witness";
import type { RowChanges } from "../../../core/dialects/allowLists/rowChanges";
import { CannotExpress, type TranslationDifference } from "../../../core/dialects/dialect";
import { VERDICT } from "../../../core/dialects/meaning";
import type { Policy } from "../../../core/model/policy";
import type { Direction } from "../../../core/model/rule";
import { notKnownYet } from "../../../core/model/storedPolicy";
import { type Random, randomFrom } from "../../kernel/random";
import { policies as everyPolicy } from "../arbitraries";
import { corners, type Extent, isClaimed, packetsAround, type Sayable, sayablePolicies } from "./allowLists";

/** A panel whose lists only allow, as the tests below know it. `Lists`: all that is entered there. */
export interface PanelForm<Lists, Row> {
    readonly sayable: Sayable;
    readonly render: (policy: Policy) => Lists;
    readonly prove: (lists: Lists, policy: Policy) => TranslationDifference | undefined;
    readonly interpret: (lists: Lists, direction: Direction, diagrams: Diagrams) => Diagram;
    readonly open: (lists: Lists) => (packet: Packet) => { readonly verdict: "accept" | "drop" };
    /** Rows are held to the policy with packets of this family; of others they must not allow more. */
    readonly isSaid: (packet: Packet) => boolean;
    readonly directions: readonly Direction[];
    readonly list: (lists: Lists, direction: Direction) => readonly Row[];
    readonly withList: (lists: Lists, direction: Direction, rows: readonly Row[]) => Lists;
    readonly changes: (before: Lists, after: Lists, direction: Direction) => Pick<RowChanges<Row>, "add" | "remove">;
    readonly extentOf: (row: Row) => Extent;
    /** A row with one thing changed. */
    readonly change: (row: Row, random: Random) => Row | undefined;
}

/**
 * Three opinions about the same packets, none of which shares code with another: the policy's, the packet sets' and that of one
 * who reads the rows.
 */
export function testAgreement<Lists, Row>(id: string, form: PanelForm<Lists, Row>): void {
    const { render, prove, interpret, open, isSaid, directions, list, withList, changes, extentOf, change } = form;
    const policies = sayablePolicies(form.sayable);

    test(`${id}: what is rendered means the policy`, () => {
        let rowCount = 0;
        fc.assert(
            fc.property(policies, (policy) => {
                const lists = render(policy);
                expect(prove(lists, policy)).toBeUndefined();
                rowCount += directions.reduce((sum, direction) => sum + list(lists, direction).length, 0);
            }),
            { numRuns: 400 },
        );
        expect(rowCount).toBeGreaterThan(1000);
    });

    test("of all policies that there are, each is refused with a rule and a field, or means itself", () => {
        const counts = { proven: 0, refused: 0 };
        fc.assert(
            fc.property(everyPolicy, ({ policy }) => {
                fc.pre(notKnownYet(policy) === undefined);
                try {
                    expect(prove(render(policy), policy)).toBeUndefined();
                    counts.proven++;
                } catch (error) {
                    if (!(error instanceof CannotExpress)) throw error;
                    const keys = [...policy.rules.map(({ key }) => key), DEFAULT_ACTION];
                    expect(keys).toContain(error.key);
                    expect(error.message).toContain("HostFirewall");
                    counts.refused++;
                }
            }),
            { numRuns: 400 },
        );
        expect(counts.proven).toBeGreaterThan(10);
        expect(counts.refused).toBeGreaterThan(100);
    });

    test("policy, packet sets and the reader of rows agree on 100,000 packets where rules begin and end", () => {
        const asked = { said: 0, accepted: 0, others: 0 };
        fc.assert(
            fc.property(policies, fc.nat(), (policy, seed) => {
                const lists = render(policy);
                const diagrams = openDiagrams(lastOf);
                const done = {
                    ingress: interpret(lists, "ingress", diagrams),
                    egress: interpret(lists, "egress", diagrams),
                };
                const byRows = open(lists);
                const next = packetsAround(policy, randomFrom(seed));
                for (let i = 0; i < 250; i++) {
                    const packet = next();
                    const { verdict } = byRows(packet);
                    const inSets = evaluateAt(diagrams, done[packet.direction], packet, interfacesOf());
                    if (VERDICT[verdict] !== inSets) throw new Error(`${formatPacket(packet)}: ${verdict}, ${inSets}`);
                    if (!isClaimed(packet)) {
                        asked.others++;
                        continue;
                    }
                    const meant = decide(policy, packet).verdict;
                    const isRight = isSaid(packet) ? verdict === meant : verdict === "drop" || meant === "accept";
                    if (!isRight) throw new Error(`${formatPacket(packet)}: ${verdict}, not ${meant}`);
                    asked.said++;
                    if (directions.includes(packet.direction) && verdict === "accept") asked.accepted++;
                }
            }),
            { numRuns: 600 },
        );
        expect(asked.said).toBeGreaterThan(100_000);
        expect(asked.others).toBeGreaterThan(10_000);
        // Of both verdicts there are many.
        expect(asked.accepted).toBeGreaterThan(8_000);
        expect(asked.said - asked.accepted).toBeGreaterThan(8_000);
    });

    test("step by step from one list to another, never is less allowed than both allow, nor more than either", () => {
        let moments = 0;
        fc.assert(
            fc.property(policies, policies, fc.constantFrom(...directions), (one, other, direction) => {
                const [before, after] = [render(one), render(other)];
                const diagrams = openDiagrams(lastOf);
                const allowed = (lists: Lists) =>
                    diagrams.map(interpret(lists, direction, diagrams), (verdict) => (verdict === 1 ? 1 : 0));
                const both = diagrams.combine(and, allowed(before), allowed(after));
                const either = diagrams.combine(orElse, allowed(before), allowed(after));
                const { add, remove } = changes(before, after, direction);
                fc.pre(add.length + remove.length <= MOST_STEPS);
                const rows = [...list(before, direction)];
                const step = () => {
                    const now = allowed(withList(before, direction, rows));
                    expect(diagrams.combine(butNot, both, now)).toBe(0);
                    expect(diagrams.combine(butNot, now, either)).toBe(0);
                    moments++;
                };
                for (const row of add) {
                    rows.push(row);
                    step();
                }
                for (const row of remove) {
                    rows.splice(rows.indexOf(row), 1);
                    step();
                }
                expect(allowed(withList(before, direction, rows))).toBe(allowed(after));
            }),
            { numRuns: 40 },
        );
        expect(moments).toBeGreaterThan(100);
    });

    test("a row that is changed, taken away or added is found where it means something else, and only there", () => {
        const counts = { found: 0, same: 0 };
        const seed = randomInt(2 ** 31);
        const random = randomFrom(seed);
        while (counts.found < 300) {
            const [policy] = fc.sample(policies, { numRuns: 1, seed: random.below(2 ** 31) });
            const direction = random.pick(directions);
            const lists = render(policy!);
            const rows = list(lists, direction);
            const mutant = rows.length > 60 ? undefined : mutated(rows, change, random);
            if (!mutant) continue;
            const wrongLists = withList(lists, direction, mutant.rows);
            const difference = prove(wrongLists, policy!);
            const [right, wrong] = [open(lists), open(wrongLists)];
            const told = `seed ${seed}: ${JSON.stringify(mutant.changed)}`;
            if (difference) {
                const { packet, meant, done } = difference;
                if (right(packet).verdict !== meant || wrong(packet).verdict !== done || meant === done)
                    throw new Error(`${told}: ${formatPacket(packet)} is no witness`);
                counts.found++;
                continue;
            }
            for (const packet of corners(
                [...rows, ...mutant.rows].map(extentOf),
                mutant.changed.map(extentOf),
                direction,
            ))
                if (right(packet).verdict !== wrong(packet).verdict)
                    throw new Error(`${told}: not found: ${formatPacket(packet)}`);
            counts.same++;
        }
        expect(counts.same).toBeGreaterThan(30);
    });
}

/** Each step is looked at as a whole list. */
const MOST_STEPS = 40;

interface Mutant<Row> {
    readonly rows: readonly Row[];
    /** The rows that are no longer or newly there. */
    readonly changed: readonly Row[];
}

function mutated<Row>(
    rows: readonly Row[],
    change: PanelForm<unknown, Row>["change"],
    random: Random,
): Mutant<Row> | undefined {
    if (rows.length === 0) return undefined;
    const at = random.below(rows.length);
    const before = rows[at]!;
    const kind = random.pick(["changed", "changed", "changed", "taken away", "added"] as const);
    if (kind === "taken away") return { rows: rows.toSpliced(at, 1), changed: [before] };
    const row = change(before, random);
    if (row === undefined) return undefined;
    return kind === "added"
        ? { rows: [...rows, row], changed: [row] }
        : { rows: rows.with(at, row), changed: [before, row] };
}

/** A range with one end moved by one. */
export function shifted(first: number, last: number, random: Random): [first: number, last: number] {
    const by = random.pick([-1, 1]);
    return random.chance(0.5) ? [first + by, last] : [first, last + by];
}
