import * as pulumi from "@pulumi/pulumi";
import type { FirewallTemplate } from "./firewallTemplate";
import { NetcupRuleset } from "./netcupRuleset";
import { rawTemplates, secretMarks } from "./panelResource";
import { claimTarget } from "./targetClaims";

export interface NetcupFirewallArgs {
    /**
     * The server: its name in the panel (`v2202...`), its nickname, its host name, or one of its addresses. More than one, or
     * none, is an error (VF287).
     * @example "v2202412345678901"
     */
    server: pulumi.Input<string>;
    /**
     * The hardware address of the interface, where the server has several that can have a firewall (VF297).
     * @example "5a:f1:00:00:00:01"
     */
    interface?: pulumi.Input<string>;
    /**
     * The templates in the order that decides. At netcup they are one policy, since what no rule matches is decided once for an
     * interface; at most 500 rules as the panel counts them (VF291). What the panel can't say is an error (VF290).
     */
    templates: FirewallTemplate[];
    /**
     * What happens to a new packet that no rule matches. A direction that is accepted by default gets no rule there, unless the
     * templates drop something in it.
     * @default { ingress: "drop", egress: "accept" }
     */
    defaults?: {
        ingress?: pulumi.Input<"accept" | "drop">;
        egress?: pulumi.Input<"accept" | "drop">;
    };
    /**
     * Addresses and prefixes that must be able to open SSH. They are only proved (VF301), they open nothing.
     * @default []: it is proved that somebody can (VF300)
     * @example ["198.51.100.0/24"]
     */
    managementSources?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * The TCP port where SSH listens, 1 to 65535.
     * @default 22
     */
    managementPort?: pulumi.Input<number>;
    /**
     * `on` refuses templates that would let nobody, or not all `managementSources`, open SSH; a panel does not go back by itself.
     * `off` sends them all the same; each preview says so (VF302).
     * @default "on"
     */
    lockoutCheck?: pulumi.Input<"on" | "off">;
    /**
     * Where the panel is.
     * @default "https://www.servercontrolpanel.de"
     */
    url?: pulumi.Input<string>;
}

/**
 * The firewall of one server at netcup's panel: its templates, rendered for the panel, counted, proven, and attached to the public
 * interface as a policy of the account. netcup's own policies stay.
 *
 * The account's refresh token comes from `vps-firewall:netcupRefreshToken` (a secret of the stack's configuration) or
 * `VPS_FIREWALL_NETCUP_REFRESH_TOKEN` (VF298). It is read when an operation runs and is never in the state.
 *
 * @example
 * new NetcupFirewall("shop", { server: "v2202412345678901", templates: [web] });
 */
export class NetcupFirewall extends pulumi.ComponentResource {
    /** The traffic that the templates accept: `"ingress tcp 22"` -> who. */
    readonly exposure: pulumi.Output<Record<string, string>>;
    /** `"<template>/<rule>"` -> canonical line. */
    readonly rules: pulumi.Output<Record<string, string>>;
    /** The policy's id in the account. */
    readonly policyId: pulumi.Output<number>;
    /** How many of the 500 rules of an interface the policy takes. */
    readonly count: pulumi.Output<number>;

    constructor(name: string, args: NetcupFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
        super("vpsfw:index:NetcupFirewall", name, { templates: args.templates.map((t) => t.templateName) }, opts);
        const { server, interface: mac, templates, defaults, url } = args;
        const { managementSources, managementPort, lockoutCheck } = args;
        const owner = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
        const raw = rawTemplates(templates);
        const ruleset = new NetcupRuleset(
            name,
            {
                target: { server, ...(mac !== undefined && { interface: mac }), ...(url !== undefined && { url }) },
                owner,
                policyName: `${owner} ${name}`,
                ...raw,
                sameTargetAs: pulumi
                    .all([server, mac])
                    .apply((place) => claimTarget(`netcup ${place.map((part) => part ?? "").join(" ")}`, name)),
                ...(defaults && { defaults }),
                ...(managementSources !== undefined && { managementSources }),
                ...(managementPort !== undefined && { managementPort }),
                ...(lockoutCheck !== undefined && { lockoutCheck }),
                ...secretMarks(raw, ["rules", "exposure", "sets", "__sets"]),
            },
            { parent: this },
        );
        this.exposure = ruleset.exposure;
        this.rules = ruleset.rules;
        this.policyId = ruleset.policyId;
        this.count = ruleset.count;
        this.registerOutputs({ exposure: this.exposure, policyId: this.policyId });
    }
}
