import type { Diagram } from "../analysis/diagram";
import type { Family } from "../model/addresses";
import { parseBoundedJson, UnboundedJson } from "../model/boundedJson";
import type { Direction } from "../model/rule";
import { interfaceNamesOfBoth, type Saves, verdictsOfBoth } from "./iptables/interpret/bothFamilies";
import { readSave, type Save, type Table } from "./iptables/interpret/readSave";
import { CHAINS } from "./iptables/names";
import { asListed } from "./nftables/interpret/asListed";
import type { ElementSet, Ruleset, Table as NftTable } from "./nftables/interpret/ast";
import { HOOKS } from "./nftables/interpret/fields";
import { interfaceNames } from "./nftables/interpret/interfaceNames";
import { interpret } from "./nftables/interpret/interpret";
import { readJson } from "./nftables/interpret/readJson";
import { readElementList, record, wordOf } from "./nftables/interpret/readJsonRule";
import type { Surroundings } from "./nftables/interpret/verdicts";
import { UnreadableRuleset } from "./unreadable";

/** A packet filter on the same host that is not ours. */
export interface OtherFilter {
    /** Of who wrote it, where that shows: `ufw`; else `table inet filter`, `iptables`. */
    readonly name: string;
    /** Drops addresses that misbehave: what it drops today says nothing of what is open. */
    readonly bans: boolean;
    /** Interfaces that it names. */
    readonly interfaces: Iterable<string>;
    /** What it does with every packet: terminals of `VERDICT`, 0 where it says nothing, conditions where it is not understood. */
    readonly verdicts: (direction: Direction, around: Surroundings) => Diagram;
}

/** What a host lists, ours among it. */
export interface Listings {
    /** JSON of `nft -j -t list ruleset`: without the elements of sets. */
    readonly nft: string;
    /** Lines of JSON of `nft -j list set`, of those whose elements were asked for. */
    readonly nftSets?: string;
    readonly iptables: readonly { readonly variant: string; readonly family: Family; readonly text: string }[];
}

export interface OtherFilters {
    readonly filters: readonly OtherFilter[];
    /** What could not be read: `nftables`, `iptables`. */
    readonly unread: readonly string[];
}

/** The packet filters of others that see what comes in or goes out. */
export function otherFilters({ nft, nftSets = "", iptables }: Listings): OtherFilters {
    const filters: OtherFilter[] = [];
    const unread: string[] = [];
    const trying = (name: string, read: () => readonly OtherFilter[]) => {
        try {
            filters.push(...read());
        } catch (error) {
            if (!(error instanceof UnreadableRuleset)) throw error;
            unread.push(name);
        }
    };
    const variants = [...new Set(iptables.map(({ variant }) => variant))];
    for (const variant of variants)
        trying("iptables", () => {
            const textOf = (family: Family) =>
                iptables.find((each) => each.variant === variant && each.family === family)?.text ?? "";
            return ofIptables({ 4: readSave(withoutOurs(textOf(4))), 6: readSave(withoutOurs(textOf(6))) });
        });
    const own = iptables.filter(({ variant }) => variant === "nft");
    if (nft !== "") trying("nftables", () => ofNftables(readJson(nft), own, readSets(nftSets)));
    return { filters, unread };
}

/** Names by which programs are known: of tables, and of chains in iptables. */
const TABLES: readonly [RegExp, string][] = [
    [/^firewalld$/, "firewalld"],
    [/^f2b-table$/, "fail2ban"],
    [/^crowdsec6?$/, "CrowdSec"],
    [/^sshguard$/, "sshguard"],
    [/^kube-proxy$/, "kube-proxy"],
    [/^libvirt_network$/, "libvirt"],
    [/^wg-quick-/, "wg-quick"],
    [/^docker-bridges$/, "Docker"],
];
const CHAIN_NAMES: readonly [RegExp, string][] = [
    [/^ufw6?-/, "ufw"],
    [/^IN_|^INPUT_ZONES/, "firewalld"],
    [/^f2b-|^fail2ban/, "fail2ban"],
    [/^CROWDSEC/, "CrowdSec"],
    [/^sshguard/, "sshguard"],
    [/^KUBE-/, "kube-proxy"],
    [/^LIBVIRT_/, "libvirt"],
    [/^ts-/, "Tailscale"],
];
const BANNING: ReadonlySet<string> = new Set(["fail2ban", "CrowdSec", "sshguard"]);

function ownerIn(names: readonly [RegExp, string][], name: string): string | undefined {
    return names.find(([form]) => form.test(name))?.[1];
}

function withoutOurs(text: string): string {
    return text.replace(/^.*VPSFW-.*$/gm, "");
}

/** Both families of a variant: whoever bans apart, since the rest can be understood without it. */
function ofIptables(saves: Saves): OtherFilter[] {
    const chains = [...saves[4].values(), ...saves[6].values()].flatMap((table) => [...table]);
    const decides = chains.some(([name, { policy, rules }]) => {
        return (name === "INPUT" || name === "OUTPUT") && (policy === "DROP" || rules.length > 0);
    });
    if (!decides) return [];
    const owners = chains.flatMap(([name]) => ownerIn(CHAIN_NAMES, name) ?? []);
    const banning = [...new Set(owners.filter((name) => BANNING.has(name)))];
    const others = [...new Set(owners.filter((name) => !BANNING.has(name)))];
    const read: Saves = { 4: withoutBans(saves[4]), 6: withoutBans(saves[6]) };
    return [
        ...banning.map((name) => ({ name, bans: true, interfaces: [], verdicts: () => 0 })),
        {
            name:
                others.length === 0 ? "iptables" : others.length === 1 ? others[0]! : `iptables (${others.join(", ")})`,
            bans: false,
            interfaces: interfaceNamesOfBoth(read),
            verdicts: (direction, around) => verdictsOfBoth(read, CHAINS[direction].builtIn, around),
        },
    ];
}

function withoutBans(save: Save): Save {
    const tables = [...save].map(([name, table]): [string, Table] => [
        name,
        new Map(
            [...table].map(([chain, { policy, rules }]) => {
                const banning = BANNING.has(ownerIn(CHAIN_NAMES, chain) ?? "");
                return [chain, { policy, rules: banning ? [] : rules }];
            }),
        ),
    ]);
    return new Map(tables);
}

function ofNftables(ruleset: Ruleset, saves: Listings["iptables"], known: KnownSets): OtherFilter[] {
    const others = asListed(ruleset).tables.filter((table) => {
        const { family, name, chains } = table;
        const sees = chains.some(({ hook }) => hook && (hook.hook === "input" || hook.hook === "output"));
        return sees && !(family === "inet" && name === "vps_firewall") && !isOfIptables(table, saves);
    });
    return others.map((table) => {
        const one: Ruleset = { tables: [withElements(table, known)] };
        const owner = ownerIn(TABLES, table.name);
        return {
            name: owner ?? `table ${table.family} ${table.name}`,
            bans: BANNING.has(owner ?? ""),
            interfaces: interfaceNames(one),
            verdicts: (direction, around) => interpret(one, HOOKS[direction], around).diagram,
        };
    });
}

/** nft can't say all of what iptables wrote, whose own program can. */
function isOfIptables({ family, name }: NftTable, saves: Listings["iptables"]): boolean {
    const text = saves.find((save) => family === (save.family === 4 ? "ip" : "ip6"))?.text ?? "";
    return text.includes(`*${name}\n`);
}

/** By family, table and name. */
type KnownSets = ReadonlyMap<string, ElementSet>;

/** What is not readable is a set that nobody knows. */
function readSets(lines: string): KnownSets {
    const known = new Map<string, ElementSet>();
    for (const line of lines.split("\n").filter((line) => line !== ""))
        try {
            const objects = record(parseBoundedJson(line)).nftables;
            for (const object of Array.isArray(objects) ? (objects as unknown[]) : []) {
                const { family, table, name, elem } = record(record(object).set);
                if (typeof name !== "string") continue;
                const elements = readElementList(elem, false);
                known.set(`${wordOf(family)} ${wordOf(table)} ${name}`, { elements, dynamic: false });
            }
        } catch (error) {
            const isReason = [UnboundedJson, SyntaxError, UnreadableRuleset].some((type) => error instanceof type);
            if (!isReason) throw error;
        }
    return known;
}

/** Of the other sets nobody knows what is in them: their elements were not asked for. */
function withElements(table: NftTable, known: KnownSets): NftTable {
    const { family, name, sets } = table;
    return {
        ...table,
        sets: new Map(
            [...sets].map(([set, listed]) => [
                set,
                known.get(`${family} ${name} ${set}`) ?? { ...listed, dynamic: true },
            ]),
        ),
    };
}
