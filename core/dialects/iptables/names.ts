import type { Direction } from "../../model/rule";

/** Our chains, and the built-in ones that jump to them. */
export const CHAINS = {
    ingress: { own: "VPSFW-IN", builtIn: "INPUT" },
    egress: { own: "VPSFW-OUT", builtIn: "OUTPUT" },
} as const satisfies Record<Direction, { own: string; builtIn: string }>;

/**
 * Our chains for what is forwarded to containers. Docker puts its own jumps first in FORWARD of `filter` whenever it starts, so
 * ours is in `mangle`, which a packet comes to before.
 */
export const FORWARD_CHAINS = { own: "VPSFW-FWD", builtIn: "FORWARD", containers: "VPSFW-CTR" } as const;

/**
 * What our chains do with a packet that they accept: it goes on behind the jump, where bans of others still bite. Only a drop
 * and a reject end.
 */
export const ACCEPT = "RETURN";

/** What a rule of ours does with a packet, as it is written. */
export const JUMPS = { accept: `-j ${ACCEPT}`, drop: "-j DROP" } as const;

/** A pattern of interfaces, as iptables writes it: `br-*` is `br-+`. */
export function interfaceText(pattern: string): string {
    return pattern.replace(/\*$/, "+");
}
