import type { OperationResult } from "../../engine/stack";
import type { ResourceState } from "../../engine/state";
import type { LabHost } from "../lab";

/**
 * A program whose hosts come from its configuration: `hosts` is a JSON map of resource name to arguments, and `rules`
 * instead of templates; without rules, ssh and https are open.
 */
export const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";

const hosts = new pulumi.Config().requireObject<Record<string, any>>("hosts");
for (const [name, { rules, ...args }] of Object.entries(hosts)) {
    const template = new FirewallTemplate(\`\${name}-rules\`, { rules: rules ?? { ssh: { service: "ssh" }, web: { service: "https" } } });
    new HostFirewall(name, { confirmSeconds: 15, ...args, templates: [template] });
}`;

export const RULESET = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";

/** What the state keeps of hosts. */
export function rulesetsOf({ state }: Pick<OperationResult, "state">): ResourceState[] {
    return state.resources.filter(({ type }) => type === RULESET);
}

/** Is there no trace of an apply on the host? */
export async function untouched(host: LabHost): Promise<boolean> {
    const { stdout } = await host.run(
        "if command -v nft >/dev/null; then nft list tables; fi; ls -A /var/lib/vps-firewall /run/vps-firewall 2>/dev/null",
    );
    return !/table|nft|json|pending/.test(stdout);
}
