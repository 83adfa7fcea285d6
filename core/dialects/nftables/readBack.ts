import { printable } from "../../model/diagnostics";
import type { NamedSet } from "../../model/policy";
import type { Rule } from "../../model/rule";
import type { EffectiveRule, Mark, Reading } from "../dialect";
import { baseLine } from "./base";
import { describe } from "./describe";
import { type Foreign, foreignObject, foreignRule, withKeys } from "./foreign";
import { MARK_CHAIN } from "./identifiers";
import type { Listing, NftChain, NftTable } from "./listing";
import { parseMark } from "./mark";
import { readChain } from "./readChain";
import { usedLimits } from "./readLimits";
import { readSets } from "./readSets";

const CHAINS = { ingress: "input", egress: "output" } as const;

/** What the listing means in the words of the model. */
export function readBack(listing: Listing): Reading {
    const { table } = listing;
    if (!table)
        return {
            rules: new Map(),
            sets: [],
            defaults: { ingress: "accept", egress: "accept" },
            base: "nothing of ours",
            baseIntact: false,
            unmanaged: [],
            effective: [],
            understood: true,
        };
    const mark = readMark(table);
    const sets = readSets(table);
    const ingress = readChain(table, CHAINS.ingress, "ingress", sets.known);
    const egress = readChain(table, CHAINS.egress, "egress", sets.known);
    const extra = table.chains.flatMap((chain) => readExtraChain(chain));
    const limits = usedLimits(table);
    const unusedLimits = table.limits.filter(({ name }) => !limits.has(name)).map(({ name }) => `limit ${name}`);
    const others = [...table.others, ...unusedLimits].map((other) =>
        foreignObject(printable(other, 100), "in our table"),
    );
    const changes = [
        ...table.flags.map((flag) => `the table is ${printable(flag, 20)}`),
        ...(mark.mark ? [] : ["the mark is missing or altered"]),
        ...sets.changes,
        ...ingress.changes,
        ...egress.changes,
    ];
    const items = [...ingress.foreign, ...egress.foreign, ...mark.foreign, ...extra, ...sets.foreign, ...others];
    const unmanaged = withKeys(items);
    const keyOf = new Map(items.map((item, index) => [item, unmanaged[index]!.key]));
    const effective = [...ingress.effective, ...egress.effective].map((entry): EffectiveRule =>
        "key" in entry ? entry : { key: keyOf.get(entry.foreign)!, rule: entry.foreign.rule! },
    );
    return {
        ...(mark.mark && { mark: mark.mark }),
        rules: new Map<string, Rule>([...ingress.rules, ...egress.rules]),
        sets: sets.known.map(({ set }): NamedSet => set),
        defaults: { ingress: ingress.action, egress: egress.action },
        base: changes.length === 0 ? baseLine : `${baseLine}; changed by hand: ${changes.join(", ")}`,
        baseIntact: changes.length === 0,
        unmanaged,
        effective,
        understood:
            ingress.understood &&
            egress.understood &&
            table.flags.length === 0 &&
            !table.chains.some((chain) => chain.hook && !isOurs(chain)),
    };
}

function readMark(table: NftTable): { mark?: Mark; foreign: Foreign[] } {
    const chain = table.chains.find(({ name }) => name === MARK_CHAIN);
    const rules = chain?.rules ?? [];
    const marked = rules.find(
        (rule) => rule.comment !== undefined && describe(rule) === "return" && parseMark(rule.comment),
    );
    const mark = marked && !chain?.hook ? parseMark(marked.comment!) : undefined;
    const foreign = rules.flatMap((rule, position) =>
        rule === marked ? [] : [foreignRule(describe(rule), MARK_CHAIN, position, rule.handle)],
    );
    return { ...(mark && { mark }), foreign };
}

function readExtraChain(chain: NftChain): Foreign[] {
    if (isOurs(chain)) return [];
    const { name, hook, rules } = chain;
    const where = hook ? `${hook.type} ${hook.hook} priority ${hook.priority} policy ${hook.policy}` : "no hook";
    const texts = rules.map(describe).join("; ");
    const line = printable([`chain ${name} (${where})`, texts].filter(Boolean).join(": "));
    return [{ subject: printable(`chain ${name}`, 100), line, place: name, position: 0 }];
}

function isOurs({ name }: NftChain): boolean {
    return name === MARK_CHAIN || Object.values<string>(CHAINS).includes(name);
}
