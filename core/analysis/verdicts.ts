import type { Policy } from "../model/policy";
import type { Direction, Rule } from "../model/rule";
import type { Diagram, Diagrams } from "./diagram";
import { within } from "./operations";

/** What is decided of a packet: terminals of diagrams of decisions. Rejects by their answers. */
export const VERDICT = {
    accept: 1,
    drop: 2,
    "port-unreachable": 3,
    "tcp-reset": 4,
    "admin-prohibited": 5,
    "host-unreachable": 6,
    "no-route": 7,
} as const;

/** The verdict of a rule, by what it does with the packets that it decides. */
export function verdictOf({ action, answer }: Rule): number {
    return action === "reject" ? VERDICT[answer ?? "port-unreachable"] : VERDICT[action];
}

/** `verdict` where a diagram of 0 and 1 is 1, else 0. */
export function withVerdict(diagrams: Diagrams, packets: Diagram, verdict: number): Diagram {
    return verdict === VERDICT.accept ? packets : diagrams.combine(within, verdict, packets);
}

/** What becomes of packets that no rule decides. */
export function defaultVerdict({ defaults }: Policy, direction: Direction): number {
    return VERDICT[defaults[direction]];
}
