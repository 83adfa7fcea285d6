import type { PanelState } from "./state";

/** Something that goes wrong, or happens in between. */
export type Fault =
    /** That answer, without the request being looked at. */
    | { readonly kind: "answer"; readonly status: number; readonly body?: unknown; readonly retryAfter?: string }
    /** The connection is cut: before the request is carried out, or after. */
    | { readonly kind: "cut"; readonly when: "before" | "after" }
    /** No answer at all; the request is not carried out. */
    | { readonly kind: "hang" }
    /** The answer comes that much later. */
    | { readonly kind: "delay"; readonly ms: number }
    /** All access tokens end. */
    | { readonly kind: "expire" }
    /** The answer is that, with its status as it would have been. */
    | { readonly kind: "other body"; readonly body: (real: unknown) => unknown }
    /** The task that this request begins ends so. */
    | {
          readonly kind: "task";
          readonly end: "FINISHED" | "ERROR" | "CANCELED" | "ROLLBACK";
          readonly reasonIn?: "message" | "responseError";
          /** How often it is looked at before it ends. Default: that of the simulator. */
          readonly looks?: number;
      }
    /** A second writer changes something just before the request is looked at. */
    | { readonly kind: "meanwhile"; readonly change: (state: PanelState) => void };

export interface FaultPlan {
    readonly fault: Fault;
    /** Which requests: tried on `PUT /scp-core/api/v1/...`. Default: all. */
    readonly on?: RegExp;
    /** How many of them. Default: 1. */
    readonly times?: number;
    /** How many of them are left alone first. Default: 0. */
    readonly after?: number;
}

/** "Another update is running", as it was seen: neither its status nor its text is published. */
export const running = (status: 400 | 409 = 400): Fault => ({
    kind: "answer",
    status,
    body: { code: "firewall.update.running", message: "Another firewall policy update is running. Try again later." },
});

export interface Faults {
    readonly plan: (plan: FaultPlan) => void;
    /** The faults of this request; they are used up by it. */
    readonly of: (request: string) => readonly Fault[];
    readonly clear: () => void;
}

export function createFaults(): Faults {
    let plans: { readonly plan: FaultPlan; seen: number }[] = [];
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
