import { managementTraffic, type NamedTraffic, privateTraffic, sshTraffic } from "../core/model/privateServices";
import { services } from "../core/model/services";
import type { TrafficRow } from "./trafficRows";

/** What a row opens, worst first. */
export const RISKS = ["management", "private", "world", "more", "less"] as const;
export type Risk = (typeof RISKS)[number];

/** `management` and `private`: a service of that kind is opened to the whole internet. */
export function riskOf({ kind, direction, what, protocol, ports, after }: TrafficRow): Risk {
    if (kind === "narrows" || kind === "closes") return "less";
    if (direction === "egress" || !isWorld(after)) return "more";
    if (!ports) return what.startsWith("any") ? "management" : "world";
    const meets = (some: readonly NamedTraffic[]) =>
        some.some(
            (named) =>
                named.protocol === protocol &&
                named.ports.some((a) => ports.some((b) => a.first <= b.last && b.first <= a.last)),
        );
    if (meets([...sshTraffic, ...managementTraffic])) return "management";
    return meets(privateTraffic) ? "private" : "world";
}

/** `anywhere`, with exceptions or without, in one of the parts of who gets through. */
export function isWorld(who: string): boolean {
    return /(?:^|; |: )anywhere\b/.test(who);
}

/** The name by which readers know a single port. */
export function serviceAt({ protocol, ports }: Pick<TrafficRow, "protocol" | "ports">): string | undefined {
    const [only, more] = ports ?? [];
    if (!only || more || only.first !== only.last || (protocol !== "tcp" && protocol !== "udp")) return undefined;
    return names.get(`${protocol} ${only.first}`);
}

/** Of several services of a port the first of the catalogue. */
const names = new Map<string, string>();
for (const { name, protocol, ports } of services)
    for (const each of ["tcp", "udp"] as const)
        if (protocol.includes(each) && ports.length === 1 && !names.has(`${each} ${ports[0]}`))
            names.set(`${each} ${ports[0]}`, name);
