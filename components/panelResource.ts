import * as pulumi from "@pulumi/pulumi";
import type { FirewallTemplate } from "./firewallTemplate";
import { rawSets } from "./rawSets";

/** What a panel's provider is handed of templates, each field a value of its own. */
export function rawTemplates(templates: readonly FirewallTemplate[]): { templates: unknown; addressSets: unknown } {
    return {
        templates: templates.map(({ raw }) => raw),
        addressSets: rawSets([...new Set(templates.flatMap((template) => template.sets))]),
    };
}

/**
 * The engine marks what a provider returns as secret by the name of a secret input. What is made of templates has other names,
 * so where a template holds a secret, these names are marked too.
 */
export function secretMarks(raw: ReturnType<typeof rawTemplates>, names: readonly string[]): pulumi.Inputs {
    const parts = [raw.templates, raw.addressSets].map((part) => pulumi.isSecret(pulumi.output(part)));
    const mark = Promise.all(parts).then((secret) => (secret.includes(true) ? pulumi.secret("secret") : undefined));
    return Object.fromEntries(names.map((name) => [name, mark]));
}

/** Inputs without those that are not given: undefined values do not travel. */
export function given(inputs: Readonly<Record<string, unknown>>): pulumi.Inputs {
    return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
}

/** The text that the engine stores as a resource's provider: a constant that names the entry of the installed package. */
export function providerText(entry: "leasewebSecurityGroup" | "netcup"): string {
    return `exports.handler = () => require("pulumi-vps-firewall/provider/v1").${entry};`;
}
