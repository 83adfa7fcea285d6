import type { Policy } from "../model/policy";
import { notKnownYet } from "../model/storedPolicy";
import { decide, type Packet } from "./decide";

/** One place where a packet is looked at. */
export interface Step {
    /** `base`, the name of a template, `default action`, or `outside templates` for what others wrote. */
    readonly place: string;
    /** What decides there; absent: no rule matches. */
    readonly decides?: string;
}

export interface Answer {
    /** `unknown`: it depends on a value that is not known yet. */
    readonly verdict: "accept" | "drop" | "reject" | "unknown";
    /** The key of a rule, `default action`, a part of the base, or what is not known. */
    readonly by: string;
    readonly path: readonly Step[];
}

/** What becomes of one new packet, and where that is decided. `baseOf` names the part of the dialect's base that accepts it. */
export function ask(
    policy: Policy,
    templates: readonly string[],
    packet: Packet,
    baseOf: (packet: Packet) => string | undefined,
): Answer {
    const accepted = baseOf(packet);
    if (accepted !== undefined)
        return { verdict: "accept", by: accepted, path: [{ place: "base", decides: accepted }] };
    const open = notKnownYet(policy);
    if (open !== undefined) return { verdict: "unknown", by: `${open} is not known yet`, path: [{ place: "base" }] };
    const { verdict, by } = decide(policy, packet);
    const places = placesOf(policy, templates, packet);
    const before = places.slice(0, by === "default action" ? places.length : places.indexOf(placeOf(by, templates)));
    const last = by === "default action" ? by : placeOf(by, templates);
    const path = [{ place: "base" }, ...before.map((place) => ({ place })), { place: last, decides: by }];
    return { verdict, by, path };
}

/** In the order in which they are asked. */
function placesOf({ rules }: Policy, templates: readonly string[], { direction }: Packet): string[] {
    const asked = rules.filter(({ rule }) => rule.direction === direction).map(({ key }) => placeOf(key, templates));
    return [...new Set([...templates.filter((name) => !asked.includes(name)), ...asked])].sort(
        (a, b) => rankOf(a, asked, templates) - rankOf(b, asked, templates),
    );
}

function rankOf(place: string, asked: readonly string[], templates: readonly string[]): number {
    return templates.includes(place) ? templates.indexOf(place) : asked.indexOf(place);
}

function placeOf(key: string, templates: readonly string[]): string {
    const template = key.slice(0, Math.max(0, key.indexOf("/")));
    return templates.includes(template) ? template : "outside templates";
}
