import * as pulumi from "@pulumi/pulumi";
import { providerText } from "./panelResource";

/** The rules of one interface at netcup's panel. */
export class NetcupRuleset extends pulumi.CustomResource {
    declare readonly rules: pulumi.Output<Record<string, string>>;
    declare readonly exposure: pulumi.Output<Record<string, string>>;
    declare readonly policyId: pulumi.Output<number>;
    declare readonly count: pulumi.Output<number>;

    constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
        const outputs = {
            rules: undefined,
            exposure: undefined,
            serverId: undefined,
            serverName: undefined,
            mac: undefined,
            policyId: undefined,
            count: undefined,
        };
        const all = { ...outputs, ...inputs, __provider: providerText("netcup") };
        super("pulumi-nodejs:dynamic/vpsfw:NetcupRuleset", name, all, opts);
    }
}
