import { DEFAULT_ACTION } from "../../analysis/decide";
import type { KeyedRule, Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { notKnownYet } from "../../model/storedPolicy";
import { CannotExpress } from "../dialect";
import { type Box, inFewRows, meet, rowsFor, subtract, withPeopleTogether } from "./boxes";
import type { AllowListForm } from "./form";
import { boxesOf, everything, type RuleBoxes } from "./ruleBoxes";

/** What is to be allowed for one rule that accepts, or for the default action where that accepts. */
export interface Allowed {
    readonly key: string;
    /** Absent: the default action. */
    readonly rule?: KeyedRule["rule"];
    /** In as few rows as these take. */
    readonly boxes: readonly Box[];
    /** Of families that rows can't name. */
    readonly unsaid: readonly Box[];
    /** Keys of the drops before it that are taken out of it. */
    readonly without: readonly string[];
}

/** A rule that drops: it has no row, and what it drops is in no row of the accepts behind it. */
export interface Dropped extends KeyedRule, RuleBoxes {}

export interface AllowedTraffic {
    readonly direction: Direction;
    readonly allowed: readonly Allowed[];
    readonly dropped: readonly Dropped[];
}

/** More rows for one rule are entered by nobody, and so many ranges take their time. It is no limit of a panel. */
const MOST_ROWS = 10_000;

/**
 * One direction of a policy as what is allowed, rule by rule: each accept without the drops that are decided before it. All of
 * them together allow what the policy accepts, in any order.
 *
 * @throws CannotExpress
 */
export function allowedTraffic(policy: Policy, direction: Direction, form: AllowListForm): AllowedTraffic {
    const open = notKnownYet(policy);
    if (open !== undefined) throw new Error(`${open} is not known yet, so no rows can be made`);
    const allowed: Allowed[] = [];
    const dropped: Dropped[] = [];
    const left = (key: string, boxes: readonly Box[]) =>
        without(boxes, dropped, (rows) => refuseTooMany(key, direction, rows));
    for (const keyed of policy.rules) {
        const { key, rule } = keyed;
        if (rule.direction !== direction) continue;
        const said = boxesOf(keyed, form, policy.sets);
        if (rule.action === "accept") allowed.push({ key, rule, ...said, ...left(key, said.boxes) });
        else dropped.push({ key, rule, ...said });
    }
    if (policy.defaults[direction] === "accept")
        allowed.push({ key: DEFAULT_ACTION, unsaid: [], ...left(DEFAULT_ACTION, everything(form)) });
    return { direction, allowed, dropped };
}

/** `look` is told how many ranges or rows it has come to, and may refuse them. */
function without(
    boxes: readonly Box[],
    dropped: readonly Dropped[],
    look: (rows: number) => void,
): Pick<Allowed, "boxes" | "without"> {
    const taking = dropped.filter((drop) => drop.boxes.some((taken) => boxes.some((box) => meet(box, taken))));
    let left = [...boxes];
    // Who is dropped in the same way is taken out at once.
    for (const taken of withPeopleTogether(taking.flatMap((drop) => drop.boxes))) {
        left = withPeopleTogether(subtract(left, taken));
        look(left.reduce((sum, { who }) => sum + who.length, 0));
    }
    const few = inFewRows(left);
    look(rowsFor(few));
    return { boxes: few, without: taking.map(({ key }) => key) };
}

function refuseTooMany(key: string, direction: Direction, rows: number): void {
    if (rows <= MOST_ROWS) return;
    const most = MOST_ROWS.toLocaleString("en");
    throw new CannotExpress(
        key,
        direction === "ingress" ? "from" : "to",
        `it takes more than ${most} rows, which nobody enters: name fewer networks or ports, or enforce it on the host (HostFirewall)`,
    );
}
