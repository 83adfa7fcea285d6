import * as pulumi from "@pulumi/pulumi";
import type { FirewallTemplate } from "./firewallTemplate";
import { given, providerText, rawTemplates, secretMarks } from "./panelResource";
import { claimTarget } from "./targetClaims";

export interface LeasewebSecurityGroupArgs {
    /**
     * The templates in the order that decides. They may say what rules of a group can: ingress, TCP, UDP and ICMP with its types,
     * far addresses of IPv4, ports (VF313). What leaves is free, and what no rule accepts is dropped.
     * @example [web]
     */
    templates: FirewallTemplate[];
    /**
     * Its name at Leaseweb, 1 to 255 characters. Another group of that name is not taken over (VF327).
     * @default the name of the resource
     */
    groupName?: pulumi.Input<string>;
    /**
     * Ids of the Public Cloud instances in it.
     * @default none
     * @example [instance.id]
     */
    instances?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * `true` takes the instances out of all other groups, that of Leaseweb among them, which may allow everything; a destroy
     * puts them back. Otherwise what their other groups allow comes in too, and a warning names these (VF326).
     * @default false
     */
    exclusive?: pulumi.Input<boolean>;
    /**
     * `on` refuses templates that let nobody open SSH or a remote desktop, where the group is the only one of its instances
     * (VF330): a panel does not go back by itself.
     * @default "on"
     */
    lockoutCheck?: pulumi.Input<"on" | "off">;
    /** Id of a group that is there already, to take it over once, with its rules. */
    adopt?: pulumi.Input<string>;
    /**
     * The key of the account, made in the portal: a secret. `vps-firewall:leasewebApiKey` of the stack's configuration and
     * `VPS_FIREWALL_LEASEWEB_API_KEY` come first.
     */
    apiKey?: pulumi.Input<string>;
    /**
     * Where the API is; https, or this machine.
     * @default "https://api.leaseweb.com"
     */
    url?: pulumi.Input<string>;
}

/**
 * A security group of Leaseweb's Public Cloud (a beta API), made of templates, with the instances that are in it. Rules are added
 * before others are taken out. Where the API gives no ids of rules, a new group takes the old one's place.
 *
 * It is not the firewall of a VPS: that is `LeasewebVpsFirewall`. Checked against the published document only (docs/panels.md).
 *
 * @example
 * new LeasewebSecurityGroup("web", { templates: [web], instances: [instance.id], exclusive: true });
 */
export class LeasewebSecurityGroup extends pulumi.ComponentResource {
    /** What its rules let in, and all that leaves: `"ingress tcp 22"` -> who. */
    readonly exposure: pulumi.Output<Record<string, string>>;
    /** The rules of the group, by what they allow -> the rule of a template that each is made for. */
    readonly rows: pulumi.Output<Record<string, string>>;
    /** Its id at Leaseweb. Another one after rules without ids had to be taken out. */
    readonly groupId: pulumi.Output<string>;

    constructor(name: string, args: LeasewebSecurityGroupArgs, opts?: pulumi.ComponentResourceOptions) {
        const { templates, groupName = name, instances = [], exclusive, lockoutCheck, adopt, apiKey, url } = args;
        super("vpsfw:index:LeasewebSecurityGroup", name, { templates: templates.map((t) => t.templateName) }, opts);
        const raw = rawTemplates(templates);
        const inputs = given({
            ...{ ...raw, group: groupName, instances, exclusive, lockoutCheck, adopt, url },
            credentials: apiKey === undefined ? undefined : pulumi.secret({ apiKey }),
            sameTargetAs: pulumi
                .output(groupName)
                .apply((group) => claimTarget(`Leaseweb security group ${group}`, name)),
        });
        const marks = secretMarks(raw, ["rules", "rows", "exposure", "sets", "__sets"]);
        const group = new SecurityGroup(name, { ...inputs, ...marks }, { parent: this });
        this.exposure = group.exposure;
        this.rows = group.rows;
        this.groupId = group.groupId;
        this.registerOutputs({ exposure: this.exposure, groupId: this.groupId });
    }
}

/** The one custom resource below it. */
class SecurityGroup extends pulumi.CustomResource {
    declare readonly rows: pulumi.Output<Record<string, string>>;
    declare readonly exposure: pulumi.Output<Record<string, string>>;
    declare readonly groupId: pulumi.Output<string>;

    constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
        const outputs = { rows: undefined, exposure: undefined, groupId: undefined };
        const all = { ...outputs, ...inputs, __provider: providerText("leasewebSecurityGroup") };
        super("pulumi-nodejs:dynamic/vpsfw:LeasewebSecurityGroupRules", name, all, opts);
    }
}
