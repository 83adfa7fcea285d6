import * as pulumi from "@pulumi/pulumi";
import type { RawTemplate } from "../core/model/checkPolicy";
import type { FindingSetting } from "../core/model/findingSettings";
import type { AddressSet } from "./addressSet";
import { FirewallRule } from "./firewallRule";
import { mayName, rawRule, type Rule, setsOf } from "./ruleArgs";

export interface FirewallTemplateArgs {
    /**
     * The rules by name: a-z, 0-9, dot, underscore and hyphen, at most 48 characters (VF012); at least one (VF021).
     * Their order has no meaning: a drop or reject wins over an accept, unless `priority` says otherwise.
     * @example { ssh: { service: "ssh", from: office }, web: { service: ["http", "https"] }, metrics: "accept tcp from 10.0.0.0/8 to port 9100" }
     */
    rules: Record<string, Rule>;
    /**
     * Address sets that rules name in text (`"set office"`). Sets that are passed as objects need not be listed.
     * @default []
     */
    sets?: AddressSet[];
    /**
     * Other severities for findings about these rules, by code: off, note, warning or error. A lower one than the usual needs
     * a reason (VF052).
     * @example { VF222: { severity: "off", reason: "keys only, and fail2ban" } }
     */
    findings?: Record<string, FindingSetting>;
}

/**
 * A named set of rules, to be assigned to servers. One template is one branch in a preview, however many servers use it.
 *
 * @example
 * const web = new FirewallTemplate("web", { rules: { ssh: { service: "ssh", from: office }, https: { service: "https" } } });
 * new HostFirewall("web-1", { connection: { host: "192.0.2.10" }, templates: [web] });
 */
export class FirewallTemplate extends pulumi.ComponentResource {
    /** The name under which targets and previews refer to it. */
    readonly templateName: string;
    /** A component for each rule, by name. */
    readonly rules: Readonly<Record<string, FirewallRule>>;
    /** Every address set that a rule may name. */
    readonly sets: readonly AddressSet[];
    /** @internal What targets hand to their provider. */
    readonly raw: RawTemplate;

    constructor(name: string, args: FirewallTemplateArgs, opts?: pulumi.ComponentResourceOptions) {
        super("vpsfw:index:FirewallTemplate", name, { template: name }, opts);
        const entries = Object.entries(args.rules);
        const sets = [...new Set([...(args.sets ?? []), ...entries.flatMap(([, rule]) => setsOf(rule))])];
        this.templateName = name;
        this.sets = sets;
        this.raw = {
            name,
            rules: Object.fromEntries(entries.map(([rule, value]) => [rule, rawRule(value)])),
            ...(args.findings !== undefined && { findings: args.findings }),
        };
        this.rules = Object.fromEntries(
            entries.map(([rule, value]) => {
                // Only these, so that a set which is not known yet hides no other rule's line.
                const named = sets.filter((set) => mayName(value, set));
                const ruleArgs = { template: name, rule, args: value, sets: named };
                return [rule, new FirewallRule(`${name}/${rule}`, ruleArgs, { parent: this })];
            }),
        );
        this.registerOutputs({ template: name });
    }
}
