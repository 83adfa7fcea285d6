import * as pulumi from "@pulumi/pulumi";
import type { PanelPlan } from "../core/dialects/allowLists/panelPlan";
import { soundPlan } from "../core/dialects/allowLists/soundPlan";
import { portalPlan } from "../core/dialects/leaseweb";
import type { FirewallTemplate } from "./firewallTemplate";
import { HostFirewall, type HostFirewallArgs } from "./hostFirewall";
import { ofPolicy, rowsByContent, shownPlan } from "./panelPolicy";
import type { Server } from "./server";

/** Those of a `HostFirewall`, save what the firewall of a VPS decides itself: defaults, and whose network it is. */
export interface LeasewebVpsFirewallArgs extends Omit<
    HostFirewallArgs,
    "defaults" | "hoster" | "templates" | "enabled"
> {
    /**
     * On, what no rule accepts is dropped; off, nothing is filtered and the rules wait (VF310). All that leaves passes, on
     * and off. It is on unless you say otherwise, though Leaseweb delivers a VPS with its firewall off: a firewall that is
     * declared and filters nothing is a trap.
     * @default true
     */
    enabled?: pulumi.Input<boolean>;
    /**
     * The templates in the order that decides. They may say what the portal's rows can: ingress, TCP, UDP and ICMP, far
     * addresses, ports (VF313). None at all: nothing can reach the server (VF311).
     * @example [web, monitoring]
     */
    templates: FirewallTemplate[];
}

/**
 * The firewall of a Leaseweb VPS. No API takes its rules, so the same is enforced on the server itself, over SSH, as a
 * `HostFirewall` does it: an inbound allow list, all else dropped, what leaves is free. What Leaseweb blocks in its whole network
 * is warned about (VF235), and so is FTP without its passive ports (VF227).
 *
 * `portal` has the rows to enter in Leaseweb's portal by hand, where they filter before the server; they are proven to mean
 * the templates (VF314), for IPv4, which is all that the portal knows. The server is protected without them.
 *
 * @example
 * new LeasewebVpsFirewall("vps-1", { connection: { host: "192.0.2.10", user: "root" }, templates: [web] });
 */
export class LeasewebVpsFirewall extends pulumi.ComponentResource implements Server {
    /** The traffic that the server accepts: `"ingress tcp 22"` -> who. */
    readonly exposure: pulumi.Output<Record<string, string>>;
    /** `"<template>/<rule>"` -> canonical line; they wait while it is off. */
    readonly rules: pulumi.Output<Record<string, string>>;
    /** What to do in the portal, rows by the names of its fields: what `vps-firewall plan leaseweb` prints. */
    readonly portal: pulumi.Output<PanelPlan>;
    /** @internal */
    readonly ownAddresses: () => pulumi.Input<string>[];

    constructor(name: string, args: LeasewebVpsFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
        const { enabled = true, templates, ...ofHost } = args;
        const word = pulumi.output(enabled).apply((on): "on" | "off" => (on === false ? "off" : "on"));
        const sound = pulumi
            .output(enabled)
            .apply((on) =>
                ofPolicy({ templates, defaults: DEFAULTS }, (policy) =>
                    soundPlan("the firewall of a Leaseweb VPS", () => portalPlan(policy, on !== false)),
                ),
            );
        const rows = sound.apply((found) => rowsByContent(found?.plan ?? { steps: [], notes: [] }, "Name"));
        super("vpsfw:index:LeasewebVpsFirewall", name, { enabled: word, portalRows: rows }, opts);
        const host = new HostFirewall(
            name,
            { ...ofHost, templates, defaults: DEFAULTS, hoster: "leaseweb", enabled: word },
            { parent: this },
        );
        this.exposure = host.exposure;
        this.rules = host.rules;
        this.portal = shownPlan(sound, this);
        this.ownAddresses = host.ownAddresses;
        this.registerOutputs({ exposure: this.exposure, portal: this.portal });
    }

    /** Its addresses, by which rules can name it, as those of a `HostFirewall`. */
    get addresses(): pulumi.Output<string[]> {
        return pulumi.output(this.ownAddresses());
    }
}

const DEFAULTS = { ingress: "drop", egress: "accept" } as const;
