const PORT = "(?:[0-9]|[1-9][0-9]{1,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
const ports = { type: "string", pattern: `^${PORT}(?:-${PORT})?$` } as const;
const addresses = { type: "array", uniqueItems: true, items: { type: "string" } } as const;

/** What netcup's API document (SCP 2026.0703) says of a rule of a policy, and nothing beyond. */
export const firewallRuleSchema = {
    type: "object",
    required: ["direction", "protocol", "action"],
    properties: {
        numberOfEffectiveRules: { type: "integer" },
        description: { type: ["string", "null"], maxLength: 255 },
        direction: { enum: ["INGRESS", "EGRESS"] },
        protocol: { enum: ["TCP", "UDP", "ICMP", "ICMPv6"] },
        action: { enum: ["ACCEPT", "DROP"] },
        sources: addresses,
        sourcePorts: ports,
        destinations: addresses,
        destinationPorts: ports,
    },
    additionalProperties: false,
} as const;
