/** Something that goes wrong on the way, or happens in between. */
export type Fault<State> =
    /** That answer, without the request being looked at. */
    | { readonly kind: "answer"; readonly status: number; readonly body?: unknown; readonly retryAfter?: string }
    /** The connection is cut: before the request is carried out, or after. */
    | { readonly kind: "cut"; readonly when: "before" | "after" }
    /** No answer at all; the request is not carried out. */
    | { readonly kind: "hang" }
    /** The answer comes that much later. */
    | { readonly kind: "delay"; readonly ms: number }
    /** The answer is that, with its status as it would have been. */
    | { readonly kind: "other body"; readonly body: (real: unknown) => unknown }
    /** A second writer changes something just before the request is looked at. */
    | { readonly kind: "meanwhile"; readonly change: (state: State) => void }
    /** What this request begins ends as a failure. */
    | { readonly kind: "fails later" };

/** `Kind`: a panel may have faults of its own besides. */
export interface FaultPlan<Kind> {
    readonly fault: Kind;
    /** Which requests: tried on `PUT /publicCloud/v1/...`. Default: all. */
    readonly on?: RegExp;
    /** How many of them. Default: 1. */
    readonly times?: number;
    /** How many of them are left alone first. Default: 0. */
    readonly after?: number;
}

export interface Faults<Kind> {
    readonly plan: (plan: FaultPlan<Kind>) => void;
    /** The faults of this request; they are used up by it. */
    readonly of: (request: string) => readonly Kind[];
    readonly clear: () => void;
}

export function createFaults<Kind>(): Faults<Kind> {
    let plans: { readonly plan: FaultPlan<Kind>; seen: number }[] = [];
    return {
        plan: (plan) => plans.push({ plan, seen: 0 }),
        clear: () => (plans = []),
        of: (request) =>
            plans.flatMap((each) => {
                const { fault, on, times = 1, after = 0 } = each.plan;
                if (on && !on.test(request)) return [];
                const turn = each.seen++;
                return turn >= after && turn < after + times ? [fault] : [];
            }),
    };
}
