import * as pulumi from "@pulumi/pulumi";
import { type Connection, type FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";

export interface WebServerArgs {
    /** Usually an output of the resource that rents the server, so not known before it exists. */
    address: pulumi.Input<string>;
    firewall: FirewallTemplate[];
}

/** A server with its firewall, as one component of an infrastructure repository. */
export class WebServer extends pulumi.ComponentResource {
    /** Who reaches which port. */
    readonly exposure: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: WebServerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("example:index:WebServer", name, {}, opts);
        const connection: Connection = { host: args.address, user: "root" };
        const firewall = new HostFirewall(name, { connection, templates: args.firewall }, { parent: this });
        this.exposure = firewall.exposure;
        this.registerOutputs({ exposure: this.exposure });
    }
}
