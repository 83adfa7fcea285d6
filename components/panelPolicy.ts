import * as pulumi from "@pulumi/pulumi";
import type { SoundPlan } from "../core/dialects/allowLists/soundPlan";
import type { PanelPlan } from "../core/dialects/allowLists/panelPlan";
import { checkPolicy, type NamedTemplate } from "../core/model/checkPolicy";
import type { Policy } from "../core/model/policy";
import { notKnownYet } from "../core/model/storedPolicy";
import type { FirewallTemplate } from "./firewallTemplate";
import { rawSets } from "./rawSets";

/** What templates say on a target, and what is missing of it. */
interface TemplatesOn {
    readonly templates: readonly FirewallTemplate[];
    readonly defaults?: Readonly<Record<string, pulumi.Input<string> | undefined>> | undefined;
}

/**
 * Something made of the policy that templates are on a target, once all of it is known. Undefined where a rule is refused:
 * the check of the target names it, with code and field.
 */
export function ofPolicy<Made>(
    { templates, defaults = {} }: TemplatesOn,
    make: (policy: Policy) => Made,
): pulumi.Output<Made | undefined> {
    const raw = pulumi.output(templates.map((template) => template.raw));
    const sets = pulumi.output(rawSets([...new Set(templates.flatMap((template) => template.sets))]));
    return pulumi.all([raw, sets, pulumi.output(defaults)]).apply(([named, known, said]) => {
        const rawPolicy = { templates: named as unknown as NamedTemplate[], sets: known, defaults: said };
        const { policy, problems } = checkPolicy(rawPolicy);
        return problems.length > 0 || notKnownYet(policy) !== undefined ? undefined : make(policy);
    });
}

/** The plan alone; its warnings go to the user, and what stops it stops the program. */
export function shownPlan(
    plan: pulumi.Output<SoundPlan | undefined>,
    resource: pulumi.Resource,
): pulumi.Output<PanelPlan> {
    return plan.apply((sound): PanelPlan => {
        const { plan: shown, messages = [] } = sound ?? {};
        const errors = messages.filter(({ severity }) => severity === "error");
        if (errors.length > 0) throw new pulumi.RunError(errors.map(({ message }) => message).join("\n"));
        for (const { message, severity } of messages)
            void (severity === "warning" ? pulumi.log.warn(message, resource) : pulumi.log.info(message, resource));
        return shown ?? { steps: [], notes: [] };
    });
}

/** The rows of a plan by their content, so that a preview shows each that comes, goes or gets another name. */
export function rowsByContent(plan: PanelPlan, name: string): Record<string, string> {
    const rows = plan.steps.flatMap(({ rows = [] }) => rows);
    return Object.fromEntries(
        rows.map((row) => {
            const content = Object.entries(row).filter(([field, value]) => field !== name && value !== "");
            return [content.map(([field, value]) => `${field} ${value}`).join(", "), row[name] ?? ""];
        }),
    );
}
