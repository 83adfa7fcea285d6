import type { Packet } from "../../../core/analysis/decide";
import type { Family } from "../../../core/model/addresses";
import { rangeOf } from "./allowLists";

/** `in tcp X > 22`, `in6 tcp X > 22`, `in ping T reply`, `out udp > X:53`, `in tcp 10.0.0.1 > 22 related`. */
export type Ask = `${"in" | "in6" | "out" | "out6"} ${"tcp" | "udp" | "ping" | "gre"}${string}`;

const HOSTS: Readonly<Record<string, readonly [string, string]>> = {
    S: ["192.0.2.10", "2001:db8:5::10"],
    T: ["198.51.100.10", "2001:db8:77::10"],
    X: ["203.0.113.9", "2001:db8:bad::9"],
};

/** One packet in words: who is who is said in `HOSTS`, an address stands for itself. */
export function packetOf(ask: Ask): Packet {
    const form = /^(in|out)(6?) (tcp|udp|ping|gre)(?: ([\w.]+))?(?: > (?:([A-Z]):)?([A-Z]|\d+))?(?: (reply|related))?$/;
    const [, way, six, protocol = "", from = "S", host, last = "", state] = form.exec(ask)!;
    const family: Family = six ? 6 : 4;
    const ingress = way === "in";
    const [source, destination] = ingress ? [from, "S"] : ["S", host ?? last];
    const address = (name: string) => rangeOf(HOSTS[name]?.[family === 4 ? 0 : 1] ?? name).first;
    const numbers = { tcp: 6, udp: 17, ping: family === 4 ? 1 : 58, gre: 47 };
    const number = numbers[protocol as keyof typeof numbers];
    return {
        direction: ingress ? "ingress" : "egress",
        family,
        protocol: number,
        source: address(source),
        destination: address(destination),
        ...((protocol === "tcp" || protocol === "udp") && { sourcePort: 40000, destinationPort: Number(last) }),
        ...(protocol === "ping" && { icmpType: family === 4 ? 8 : 128, icmpCode: 0 }),
        ...(state && { state: state === "reply" ? ("established" as const) : ("related" as const) }),
    };
}
