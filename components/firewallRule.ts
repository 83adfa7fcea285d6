import * as pulumi from "@pulumi/pulumi";
import { checkPolicy } from "../core/model/checkPolicy";
import type { AddressSet } from "./addressSet";
import { rawSets } from "./rawSets";
import { isFields, rawRule, type Rule } from "./ruleArgs";

export interface FirewallRuleArgs {
    /** The template it belongs to. */
    template: string;
    /** Its name there: a-z, 0-9, dot, underscore and hyphen, at most 48 characters (VF012). */
    rule: string;
    /** What it says. */
    args: Rule;
    /** The address sets that it may name. */
    sets: AddressSet[];
}

/**
 * One rule of a template, as a resource of its own, so that a preview shows `+ ~ -` for each rule.
 * `FirewallTemplate` makes them; there is no need to make one by hand.
 */
export class FirewallRule extends pulumi.ComponentResource {
    /** Its canonical line (docs/rules.md). */
    readonly line: pulumi.Output<string>;

    constructor(name: string, args: FirewallRuleArgs, opts?: pulumi.ComponentResourceOptions) {
        const line = pulumi
            .all([pulumi.output(rawRule(args.args)), pulumi.output(rawSets(args.sets))])
            .apply(([raw, sets]) => canonicalLine(raw, sets));
        const description = isFields(args.args) ? args.args.description : undefined;
        super("vpsfw:index:FirewallRule", name, { rule: line, ...(description && { description }) }, opts);
        this.line = line;
        this.registerOutputs({ rule: line });
    }
}

/** The line as the target's state will have it. A rule with mistakes is named by the check of the target, with code and fix. */
function canonicalLine(raw: unknown, sets: Record<string, unknown>): string {
    const { stored } = checkPolicy({ templates: [{ name: "template", rules: { rule: raw } }], sets });
    return stored.rules["template/rule"] ?? "(not valid)";
}
