import type { Change } from "../core/analysis/difference";
import type { Exposure } from "../core/analysis/exposure";
import { EVERY_PORT } from "../core/analysis/pieces";
import type { PortRange } from "../core/model/ports";
import type { Direction } from "../core/model/rule";

/** One kind of traffic, as exposures and differences name it. */
export interface Area {
    readonly direction: Direction;
    /** `tcp`, `icmp echo-request`, `protocol 47`, `any`. */
    readonly subject: string;
    /** ` state invalid`, ` flags null`; else nothing. What is said of one interface belongs to the same area. */
    readonly tail: string;
    /** Absent: it has none, or they are all meant. */
    readonly ports?: readonly PortRange[];
}

const FORM = /^(.+?)(?: (\d+(?:-\d+)?(?:, .*?)?))??((?: (?:state|flags) \S+)*)(?: (?:in|out) \S+)?$/;

/** What `tcp 443, 8000-8080 state invalid in wg0` is about. */
export function areaOf(direction: Direction, what: string, ports?: readonly PortRange[]): Area {
    const [, subject = what, numbers, tail = ""] = FORM.exec(what.replace(/^protocol (\d+)/, "protocol-$1")) ?? [];
    const said = ports ?? (numbers === undefined ? undefined : numbers.split(", ").map(portsIn));
    return { direction, subject: subject.replace(/^protocol-/, "protocol "), tail, ...(said && { ports: said }) };
}

function portsIn(text: string): PortRange {
    const [first = 0, last = first] = text.split("-").map(Number);
    return { first, last };
}

export function areaOfChange({ direction, what, ports }: Change): Area {
    return areaOf(direction, what, ports);
}

/** The lines of an exposure, each with its area. */
export function areasIn(exposure: Exposure): readonly (readonly [Area, who: string])[] {
    return Object.entries(exposure).map(([key, who]) => {
        const space = key.indexOf(" ");
        return [areaOf(key.slice(0, space) as Direction, key.slice(space + 1)), who] as const;
    });
}

/** Who gets through at one port, or at all of an area that has none: the most exact line that says it. */
export function whoAt(
    areas: readonly (readonly [Area, string])[],
    { direction, subject, tail }: Area,
    port: number | undefined,
): string {
    const inDirection = areas.filter(([area]) => area.direction === direction);
    const whole = subject.split(" ")[0]!;
    for (const wantedTail of tail === "" ? [""] : [tail, ""])
        for (const wanted of new Set([subject, whole, "any"])) {
            const found = inDirection.find(
                ([area]) =>
                    area.subject === wanted &&
                    area.tail === wantedTail &&
                    (!area.ports || (port !== undefined && area.ports.some((range) => isWithin(port, range)))),
            );
            if (found) return found[1];
        }
    return NOBODY;
}

export const NOBODY = "nobody";

function isWithin(port: number, { first, last }: PortRange): boolean {
    return first <= port && port <= last;
}

/** The ports of an area that has any, all of them where it names none. */
export function portsOf({ subject, ports }: Area): readonly PortRange[] | undefined {
    return ports ?? (HAS_PORTS.has(subject) ? [EVERY_PORT] : undefined);
}

const HAS_PORTS: ReadonlySet<string> = new Set(["tcp", "udp", "sctp", "dccp", "udplite"]);
