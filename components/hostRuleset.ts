import * as pulumi from "@pulumi/pulumi";

/**
 * The text that the engine stores and runs as this resource's provider: a constant that names the entry of the
 * installed package, never a serialised closure. So a fixed library also serves old state, and no upgrade shows as a diff.
 */
const PROVIDER = 'exports.handler = () => require("pulumi-vps-firewall/provider/v1").provider;';

/** The ruleset of one Linux host: the one custom resource below a HostFirewall, so that an apply is one transaction. */
export class HostRuleset extends pulumi.CustomResource {
    declare readonly rules: pulumi.Output<Record<string, string>>;
    declare readonly exposure: pulumi.Output<Record<string, string>>;
    declare readonly machineId: pulumi.Output<string>;
    declare readonly generation: pulumi.Output<number>;
    declare readonly applyId: pulumi.Output<string>;

    constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
        const outputs = {
            rules: undefined,
            exposure: undefined,
            machineId: undefined,
            generation: undefined,
            applyId: undefined,
        };
        super("pulumi-nodejs:dynamic/vpsfw:HostRuleset", name, { ...outputs, ...inputs, __provider: PROVIDER }, opts);
    }
}
