import * as pulumi from "@pulumi/pulumi";
import { located } from "../core/model/diagnostics";
import type { FindingSetting } from "../core/model/findingSettings";
import type { Defaults } from "../core/model/policy";
import type { FlatTemplate, PresetName } from "../core/model/templateData";
import { readTemplate } from "../core/model/templateInput";
import type { AddressSet } from "./addressSet";
import { FirewallRule } from "./firewallRule";
import { copyRule, mayName, rawRule, type Rule, setsOf } from "./ruleArgs";

/** What a template can extend: a preset by its name (docs/presets.md), a template, or the arguments of one. */
export type TemplateParent = PresetName | FirewallTemplate | FirewallTemplateArgs;

export interface FirewallTemplateArgs {
    /** Why the template is there: one line, at most 200 characters (VF028). Not inherited, not sent to the host. */
    readonly description?: string;
    /**
     * Templates whose rules it has too, under its own name. Of rules with the same name that of the later template wins,
     * and its own win over all; a rule is replaced whole. Errors: VF010, VF057, VF058.
     * @default nothing
     * @example ["minimum", monitoring]
     */
    readonly extends?: TemplateParent | readonly TemplateParent[];
    /**
     * The rules by name: a-z, 0-9, dot, underscore and hyphen, at most 48 characters (VF012); at least one, if none is
     * inherited (VF021).
     * Their order has no meaning: a drop or reject wins over an accept, unless `priority` says otherwise.
     * @example { ssh: { service: "ssh", from: office }, web: { service: ["http", "https"] }, metrics: "accept tcp from 10.0.0.0/8 to port 9100" }
     */
    readonly rules?: Readonly<Record<string, Rule>>;
    /**
     * Names of inherited rules that it does not have. Errors: VF055 not inherited, VF059 removed and given.
     * @default []
     * @example ["http"]
     */
    readonly remove?: readonly string[];
    /**
     * Default actions without which it makes no sense. A target with others is refused (VF056).
     * @default what it inherits
     * @example { egress: "drop" }
     */
    readonly requires?: Partial<Defaults>;
    /**
     * Address sets that rules name in text (`"set office"`). Sets that are passed as objects need not be listed.
     * @default []
     */
    readonly sets?: readonly AddressSet[];
    /**
     * Other severities for findings about these rules, by code: off, note, warning or error. A lower one than the usual needs
     * a reason (VF052).
     * @example { VF222: { severity: "off", reason: "keys only, and fail2ban" } }
     */
    readonly findings?: Record<string, FindingSetting>;
}

/** What a clone has otherwise than its original. */
export type TemplateChanges = Omit<FirewallTemplateArgs, "extends">;

/**
 * A named set of rules, to be assigned to servers. One template is one branch in a preview, however many servers use it.
 *
 * A mistake in `extends`, `remove` or `requires` is thrown, with its code; one in a rule is told by each target.
 *
 * @example
 * const web = new FirewallTemplate("web", { extends: "minimum", rules: { ssh: { service: "ssh", from: office } } });
 * new HostFirewall("web-1", { connection: { host: "192.0.2.10" }, templates: [web] });
 */
export class FirewallTemplate extends pulumi.ComponentResource {
    /** The name under which targets and previews refer to it. */
    readonly templateName: string;
    /** A component for each rule, inherited ones too, by name. */
    readonly rules: Readonly<Record<string, FirewallRule>>;
    /** Every address set that a rule may name. */
    readonly sets: readonly AddressSet[];
    /** @internal With all it inherits, for templates that are made of it. */
    readonly flat: FlatTemplate<Rule>;
    /** @internal What targets hand to their provider. */
    readonly raw: Readonly<Record<string, unknown>>;

    constructor(name: string, args: FirewallTemplateArgs, opts?: pulumi.ComponentResourceOptions) {
        const flat = flatten(name, args);
        const { description, requires } = flat;
        super("vpsfw:index:FirewallTemplate", name, { template: name, ...(description && { description }) }, opts);
        const entries = Object.entries(flat.rules);
        const sets = [...new Set([...listedSets(args), ...entries.flatMap(([, rule]) => setsOf(rule))])];
        this.templateName = name;
        this.sets = sets;
        this.flat = flat;
        this.raw = {
            name,
            rules: Object.fromEntries(entries.map(([rule, value]) => [rule, rawRule(value)])),
            ...(Object.keys(requires).length > 0 && { requires }),
            ...(flat.findings !== undefined && { findings: flat.findings }),
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

    /**
     * A template of its own that begins as a copy of this one, with a name and changes of its own.
     *
     * @example const staging = web.clone("staging", { rules: { ssh: { service: "ssh", from: vpn } }, remove: ["http"] });
     */
    clone(name: string, changes: TemplateChanges = {}, opts?: pulumi.ComponentResourceOptions): FirewallTemplate {
        const { description } = this.flat;
        return new FirewallTemplate(name, { ...(description && { description }), ...changes, extends: this }, opts);
    }
}

/** With all that it inherits. A copy: what becomes of the arguments later is theirs. */
function flatten(name: string, args: FirewallTemplateArgs): FlatTemplate<Rule> {
    const read = readTemplate(dataOf(args));
    if ("problems" in read) {
        const messages = read.problems.map(
            (one) => located(one, [name, one.property].filter(Boolean).join(" ")).message,
        );
        throw new pulumi.RunError(messages.join("\n"));
    }
    const { rules, ...rest } = read.template as FlatTemplate<Rule>;
    return { ...rest, rules: Object.fromEntries(Object.entries(rules).map(([rule, said]) => [rule, copyRule(said)])) };
}

/** As the model reads it: without sets, and with plain data for each template that it extends. */
function dataOf({ sets: _, ...args }: FirewallTemplateArgs): unknown {
    if (!("extends" in args)) return args;
    const parents = args.extends;
    return { ...args, extends: Array.isArray(parents) ? parents.map(parentData) : parentData(parents) };
}

function parentData(parent: unknown): unknown {
    if (parent instanceof FirewallTemplate) return parent.flat;
    return isArgs(parent) ? dataOf(parent) : parent;
}

/** Sets that the template or one which it extends lists. */
function listedSets({ extends: parents, sets = [] }: FirewallTemplateArgs): readonly AddressSet[] {
    const inherited = [parents].flat().flatMap((parent) => {
        if (parent instanceof FirewallTemplate) return parent.sets;
        return isArgs(parent) ? listedSets(parent) : [];
    });
    return [...inherited, ...sets];
}

function isArgs(parent: unknown): parent is FirewallTemplateArgs {
    return typeof parent === "object" && parent !== null && !(parent instanceof FirewallTemplate);
}
