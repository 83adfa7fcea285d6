import type { Direction } from "../../model/rule";

/** Our chains, and the built-in ones that jump to them. */
export const CHAINS = {
    ingress: { own: "VPSFW-IN", builtIn: "INPUT" },
    egress: { own: "VPSFW-OUT", builtIn: "OUTPUT" },
} as const satisfies Record<Direction, { own: string; builtIn: string }>;

/**
 * What our chains do with a packet that they accept: it goes on behind the jump, where bans of others still bite. Only a drop
 * and a reject end.
 */
export const ACCEPT = "RETURN";
