import { printable } from "../../model/diagnostics";
import type { NamedSet } from "../../model/policy";
import type { Direction, Rule } from "../../model/rule";
import type { Mark, Reading } from "../dialect";
import { describe } from "./describe";
import { type Foreign, foreignObject, foreignRule } from "../foreign";
import { isLayoutIdentifier, MARK_CHAIN } from "./identifiers";
import type { Listing, NftChain, NftTable } from "./listing";
import { parseMark } from "../mark";
import { changedBase, keyedForeign, NOTHING_OF_OURS } from "../reading";
import { readChain } from "./readChain";
import { foreignInChains, forwardChains, layoutChains } from "./readForward";
import { usedLimits } from "./readLimits";
import { readSets } from "./readSets";

const CHAINS = { ingress: "input", egress: "output" } as const;

/** A reading by rules alone, and what of it rules can't tell. */
export interface RuleReading extends Reading {
    /** The directions of which rules are laid out in sets. */
    readonly laidOut: readonly Direction[];
    /** Is everything else understood? */
    readonly restUnderstood: boolean;
}

/** What the listing means in the words of the model. `problems`: what is wrong with it as a whole, in words. */
export function readBack(listing: Listing, problems: readonly string[] = []): Reading {
    const { laidOut: _, restUnderstood: __, ...reading } = readRules(listing, problems);
    return reading;
}

/** The same, where rules may be laid out in sets. */
export function readRules(listing: Listing, problems: readonly string[] = []): RuleReading {
    const { table } = listing;
    if (!table) return { ...NOTHING_OF_OURS, laidOut: [], restUnderstood: true };
    const mark = readMark(table);
    const sets = readSets(table);
    const ingress = readChain(table, CHAINS.ingress, "ingress", sets.known);
    const egress = readChain(table, CHAINS.egress, "egress", sets.known);
    const forward = forwardChains(table);
    const layout = layoutChains(table);
    const ours = [...forward, ...layout];
    const extra = table.chains.flatMap((chain) => (isOurs(chain, ours) ? [] : [readExtraChain(chain)]));
    const limits = usedLimits(table);
    const unusedLimits = table.limits.filter(({ name }) => !limits.has(name)).map(({ name }) => `limit ${name}`);
    const maps = table.others.filter((other) => !isLayoutMap(other));
    const others = [...maps, ...unusedLimits].map((other) => foreignObject(printable(other, 100), "in our table"));
    const changes = [
        ...table.flags.map((flag) => `the table is ${printable(flag, 20)}`),
        ...(mark.mark ? [] : ["the mark is missing or altered"]),
        ...sets.changes,
        ...ingress.changes,
        ...egress.changes,
        ...problems,
    ];
    const foreign = [
        ...ingress.foreign,
        ...egress.foreign,
        ...foreignInChains(table, ours),
        ...mark.foreign,
        ...extra,
        ...sets.foreign,
        ...others,
    ];
    const laidOut = [
        ...(ingress.laidOut ? (["ingress"] as const) : []),
        ...(egress.laidOut ? (["egress"] as const) : []),
    ];
    const restUnderstood =
        ingress.understood &&
        egress.understood &&
        table.flags.length === 0 &&
        !table.chains.some((chain) => chain.hook && !isOurs(chain, ours));
    return {
        ...(mark.mark && { mark: mark.mark }),
        rules: new Map<string, Rule>([...ingress.rules, ...egress.rules]),
        sets: sets.known.map(({ set }): NamedSet => set),
        defaults: { ingress: ingress.action, egress: egress.action },
        ...(forward.length > 0 && { forward: "containers" }),
        ...changedBase(changes),
        ...keyedForeign(foreign, [...ingress.effective, ...egress.effective]),
        understood: restUnderstood && laidOut.length === 0,
        laidOut,
        restUnderstood,
    };
}

/** As the parser names what it does not know. */
function isLayoutMap(other: string): boolean {
    const [kind, name = ""] = other.split(" ");
    return kind === "map" && isLayoutIdentifier(name);
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

function readExtraChain(chain: NftChain): Foreign {
    const { name, hook, rules } = chain;
    const where = hook ? `${hook.type} ${hook.hook} priority ${hook.priority} policy ${hook.policy}` : "no hook";
    const texts = rules.map(describe).join("; ");
    const line = printable([`chain ${name} (${where})`, texts].filter(Boolean).join(": "));
    return { subject: printable(`chain ${name}`, 100), line, place: name, position: 0 };
}

function isOurs({ name }: NftChain, ours: readonly string[]): boolean {
    return ours.includes(name) || name === MARK_CHAIN || Object.values<string>(CHAINS).includes(name);
}
