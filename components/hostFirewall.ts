import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { addressOf, commandConnection, type Connection, credentialsOf, targetOf } from "./connection";
import type { FirewallTemplate } from "./firewallTemplate";
import { HostRuleset } from "./hostRuleset";
import { secretMarks } from "./panelResource";
import { prepareScript } from "./prepareScript";
import { rawSets } from "./rawSets";
import type { Server } from "./server";
import { claimTarget } from "./targetClaims";

export interface HostFirewallArgs {
    /**
     * How to reach the host over SSH: the connection type of `@pulumi/command`. Nothing secret has to be in it. A key is
     * looked for, in this order, in the stack's configuration (`vps-firewall:privateKey`), the environment
     * (`VPS_FIREWALL_PRIVATE_KEY`), here, in `~/.ssh/config` (IdentityFile), and in the SSH agent.
     *
     * `proxy` is a jump host, whose host key and credentials are checked like those of the host (without any of its own
     * it gets the host's private key, never its password); the address that must stay accepted is then the jump host's.
     * Of `~/.ssh/config` these keywords are followed: Host, Match (all, host, originalhost), Include, HostName, Port,
     * User, IdentityFile, IdentitiesOnly, IdentityAgent, ProxyJump, UserKnownHostsFile, StrictHostKeyChecking,
     * ConnectTimeout; another one that decides where or how to connect is an error (VF148).
     * The user is root, or may use sudo; where that asks, it gets `vps-firewall:sudoPassword`, else
     * `VPS_FIREWALL_SUDO_PASSWORD`, else the password to log in with. Errors: VF140 to VF159, VF162, VF174 to VF176.
     *
     * Another port, address or jump host than before is opened beside the former way, confirmed over the new one, and
     * only then the former closed (VF110, VF119, VF121); sshd has to listen in both until then.
     * @example { host: server.ipv4Address, user: "root" }
     * @example { host: "10.0.0.5", proxy: { host: "bastion.example.net", user: "jump" } }
     */
    connection: pulumi.Input<Connection>;
    /**
     * All addresses of the server, of both families, for which it stands where rules and address sets of other servers
     * name it.
     * @default the host of the connection, where that is an address; naming a server without one is an error (VF044)
     * @example [server.ipv4Address, server.ipv6Address]
     */
    addresses?: pulumi.Input<string>[];
    /**
     * The templates in the order that decides: the first rule that matches wins. At least one.
     * @example [web, monitoring]
     */
    templates: FirewallTemplate[];
    /**
     * What happens to a new packet that no rule matches.
     * @default { ingress: "drop", egress: "accept" }
     */
    defaults?: {
        ingress?: pulumi.Input<"accept" | "drop">;
        egress?: pulumi.Input<"accept" | "drop">;
    };
    /**
     * How strictly the host's key is checked: `strict`: it must be in `connection.hostKey` or known_hosts;
     * `accept-new`: the first key seen is pinned in the state; `off`: not at all, with a warning.
     * @default "strict"
     */
    hostKeyChecking?: pulumi.Input<"strict" | "accept-new" | "off">;
    /**
     * Addresses and prefixes besides the deploying one that must be able to open SSH. They are only proved (VF103),
     * they open nothing.
     * @default []
     */
    managementSources?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * `on` proves before anything changes that a new SSH connection from the address that the host sees is accepted
     * (VF101), and so is what carries it where a tunnel ends on the host (VF102). `off` applies a change even if it is
     * known to lock you out; each preview says so (VF106). The host still goes back by itself unless a new connection
     * confirms the change.
     * @default "on"
     */
    lockoutCheck?: pulumi.Input<"on" | "off">;
    /**
     * Seconds the host waits for the confirmation before it goes back, a whole number from 5 to 600 (VF026).
     * @default 60
     */
    confirmSeconds?: pulumi.Input<number>;
    /** `organization/project/stack` that manages this host today, to take it over once (VF104 names it). */
    adopt?: pulumi.Input<string>;
    /**
     * What becomes of a host that does not answer when it is to be deleted or refreshed. `error`: the operation fails
     * (VF122). `forget`: a delete succeeds with a loud warning that the host, if it still lives, keeps its ruleset
     * (VF124); a refresh warns and keeps what the state says (VF125). It can be set when the host is gone already. A
     * server that is deleted in the same program needs no more than the resource option `deletedWith`.
     * @default "error"
     */
    onUnreachable?: pulumi.Input<"error" | "forget">;
    /**
     * Whose network the server is in, where that network blocks something by itself: a rule that opens what Leaseweb blocks
     * is then named (VF235).
     * @default nobody's: nothing is said
     */
    hoster?: pulumi.Input<"leaseweb">;
    /**
     * The packet filter of the host that holds the rules. `iptables` uses chains of our own in the table `filter` of both
     * families, through iptables-restore and ip6tables-restore 1.8.7 or later, of the variant (nft or legacy) that holds
     * rules already; what it can't say is an error (VF203). A host that has a ruleset of ours keeps its packet filter (VF181).
     * @default nftables; iptables where the host has no nft
     */
    backend?: pulumi.Input<"nftables" | "iptables">;
    /**
     * `true` switches off the other firewalls of the host, ufw, firewalld, netfilter-persistent, iptables-services and
     * nftables.service, once ours is loaded (VF193, VF194). A change that is not confirmed has them on again, and so has a
     * destroy; setting it back does not. Without it they go on, and a packet must get past all (VF190, VF191).
     * @default false
     */
    takeover?: pulumi.Input<boolean>;
    /**
     * What becomes of ports that containers of Docker or Podman publish, which are forwarded and so pass by rules for what comes
     * in. `filter`: they are decided like ports of the host, by the number that is asked for from outside; what asks for a
     * container's own address is dropped; what containers send is left to their engine. `leave`: they pass by (VF197).
     * @default "filter"
     */
    containers?: pulumi.Input<"filter" | "leave">;
    /**
     * Installs nftables where it is missing, through a `command.remote.Command`. Needs a known host key (VF025), and
     * root or sudo without a password.
     * @default false
     */
    prepare?: boolean;
    /**
     * Shell commands run on the host each time a change was confirmed, through a `command.remote.Command`, as the user
     * of the connection. Needs a known host key (VF025).
     * @example "systemctl restart fail2ban"
     */
    afterApply?: pulumi.Input<string> | pulumi.Input<string>[];
    /** @internal The switch of a `LeasewebVpsFirewall`: off, nothing is filtered and the rules wait. */
    enabled?: pulumi.Input<"on" | "off">;
}

/**
 * The firewall of one Linux host: its templates, rendered for nftables, proven, applied in one transaction over SSH and
 * confirmed over a new connection. Unconfirmed, the host goes back by itself.
 *
 * The resource's name is yours; the host is the one in `connection`. One host has one HostFirewall (VF023, VF105).
 *
 * @example
 * new HostFirewall("web-1", { connection: { host: "192.0.2.10", user: "root" }, templates: [web] });
 */
export class HostFirewall extends pulumi.ComponentResource implements Server {
    /** The traffic that the host accepts: `"ingress tcp 22"` -> who. */
    readonly exposure: pulumi.Output<Record<string, string>>;
    /** `"<template>/<rule>"` -> canonical line, as the host enforces them. */
    readonly rules: pulumi.Output<Record<string, string>>;
    /** How many changes were confirmed on the host. */
    readonly generation: pulumi.Output<number>;
    /** The host's machine-id. */
    readonly machineId: pulumi.Output<string>;
    /** @internal */
    readonly ownAddresses: () => pulumi.Input<string>[];

    constructor(name: string, args: HostFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
        super("vpsfw:index:HostFirewall", name, { templates: args.templates.map((t) => t.templateName) }, opts);
        this.ownAddresses = () => args.addresses ?? [addressOf(args.connection, name)];
        const prepared = args.prepare
            ? new remote.Command(
                  `${name}-prepare`,
                  { connection: commandConnection(args.connection, "prepare"), create: prepareScript },
                  { parent: this },
              )
            : undefined;
        const dependsOn = prepared ? { dependsOn: [prepared] } : {};
        const ruleset = new HostRuleset(name, rulesetInputs(name, args), { parent: this, ...dependsOn });
        if (args.afterApply !== undefined) {
            const commands = pulumi.all([args.afterApply].flat()).apply((lines) => lines.join("\n"));
            new remote.Command(
                `${name}-after-apply`,
                {
                    connection: commandConnection(args.connection, "afterApply"),
                    create: commands,
                    // A new apply id is there only once the host has confirmed.
                    triggers: [ruleset.applyId],
                },
                { parent: this, dependsOn: [ruleset] },
            );
        }
        this.exposure = ruleset.exposure;
        this.rules = ruleset.rules;
        this.generation = ruleset.generation;
        this.machineId = ruleset.machineId;
        this.registerOutputs({ exposure: this.exposure, machineId: this.machineId });
    }

    /** Its addresses, by which rules can name it: those it was given, else the host of its connection (VF044). */
    get addresses(): pulumi.Output<string[]> {
        return pulumi.output(this.ownAddresses());
    }
}

function rulesetInputs(name: string, args: HostFirewallArgs): pulumi.Inputs {
    const {
        connection,
        templates,
        managementSources,
        lockoutCheck,
        confirmSeconds,
        adopt,
        onUnreachable,
        hoster,
        backend,
        containers,
        takeover,
        hostKeyChecking,
        enabled,
    } = args;
    const target = targetOf(connection);
    const credentials = credentialsOf(connection);
    const rawTemplates = templates.map(({ raw }) => raw);
    const sets = rawSets([...new Set(templates.flatMap((template) => template.sets))]);
    return {
        target: { ...target, ...(hostKeyChecking !== undefined && { hostKeyChecking }) },
        owner: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
        templates: rawTemplates,
        addressSets: sets,
        sameTargetAs: pulumi
            .all([target.host, target.port, target.proxy])
            .apply((place) => claimTarget(placeName(place as Parameters<typeof placeName>[0]), name)),
        ...(credentials && { credentials }),
        ...(args.defaults && { defaults: args.defaults }),
        ...(managementSources !== undefined && { managementSources }),
        ...(lockoutCheck !== undefined && { lockoutCheck }),
        ...(confirmSeconds !== undefined && { confirmSeconds }),
        ...(adopt !== undefined && { adopt }),
        ...(onUnreachable !== undefined && { onUnreachable }),
        ...(hoster !== undefined && { hoster }),
        ...(backend !== undefined && { backend }),
        ...(containers !== undefined && { containers }),
        ...(takeover !== undefined && { takeover }),
        ...(enabled !== undefined && { enabled }),
        ...secretMarks({ templates: rawTemplates, addressSets: sets }, ["rules", "exposure", "sets", "__sets"]),
    };
}

/** The same private address behind two jump hosts is two hosts. */
function placeName([host, port, proxy]: [unknown, unknown, { host?: unknown; port?: unknown } | undefined]): string {
    const behind = proxy ? ` behind ${placeName([proxy.host, proxy.port, undefined])}` : "";
    return `${String(host)} port ${String(port ?? 22)}${behind}`;
}
