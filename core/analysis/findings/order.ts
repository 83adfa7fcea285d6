import { DEFAULT_ACTION } from "../decide";
import type { Family } from "../../model/addresses";
import { icmpMessage } from "../../model/icmpTypes";
import type { PortList, ProtocolMatch } from "../../model/rule";
import type { AddressSpace } from "../addressAlgebra";
import type { Diagram, Diagrams } from "../diagram";
import { formatWho } from "../formatWho";
import { butNot, orElse } from "../operations";
import { byFamily, forAddresses, forPorts, forValues, LEVEL, PROTOCOL_NUMBERS } from "../packetFields";
import { type Decider, decidersOf, type RuleTree } from "../ruleTree";
import {
    exampleOf,
    type Finding,
    finding,
    only,
    type Surroundings,
    takersOf,
    takersText,
    templateOf,
    trafficText,
} from "./finding";

/** Rules that never decide, in part or at all, and rules that could be taken out: what other rules make of them. */
export function orderFindings(around: Surroundings): Finding[] {
    const { tree, shares } = around;
    return tree.rules.flatMap((rule, index) => {
        const { decides, spare } = shares[index]!;
        if (rule.may === 0) return [empty(around, index)];
        if (decides === 0) return [dead(tree, index)];
        const cut = decides === rule.may ? [] : partlyTaken(around, index);
        return spare ? [spareRule(around, index), ...cut] : cut;
    });
}

function empty({ tree, policy }: Surroundings, index: number): Finding {
    const { key, rule } = tree.rules[index]!;
    const sets = [rule.from, rule.to].flatMap(({ addresses }) => (addresses.kind === "list" ? addresses.sets : []));
    const hollow = sets.find(({ name }) => policy.sets.find((set) => set.name === name)?.ranges.length === 0);
    const reason = hollow ? `set ${hollow.name} is empty` : "no address or port is left in one of its lists";
    return finding("VF213", key, [key], { rule: key, reason });
}

function dead(tree: RuleTree, index: number): Finding {
    const { key, may } = tree.rules[index]!;
    const blame = takersOf(tree, may, { end: index });
    const { packet, example } = exampleOf(tree, may);
    return finding("VF214", key, blame, { rule: key, takers: takersText(tree, blame, "takes"), example }, packet);
}

function spareRule({ tree, shares, policy }: Surroundings, index: number): Finding {
    const { key, rule, limited } = tree.rules[index]!;
    const { decides } = shares[index]!;
    const leaveOut = (other: number) => shares[other]!.spare || shares[other]!.decides === 0;
    const takers = takersOf(tree, decides, { first: index + 1, leaveOut });
    const { packet, example } = exampleOf(tree, decides);
    const text = (verb: string) => takersText(tree, takers, verb);
    if (limited) return finding("VF234", key, takers, { rule: key, takers: text("accepts"), example }, packet);
    if (takers.length === 1 && takers[0] === DEFAULT_ACTION)
        return finding("VF219", key, takers, { rule: key, action: policy.defaults[rule.direction], example }, packet);
    return finding("VF218", key, takers, { rule: key, takers: text("decides"), example }, packet);
}

/** A rule that decides some of what it matches: is a listed item of it gone, and does another template contradict it? */
function partlyTaken(around: Surroundings, index: number): Finding[] {
    const { tree, shares } = around;
    const { diagrams } = tree;
    const { key, rule, may } = tree.rules[index]!;
    const { decides } = shares[index]!;
    if (rule.action !== "accept") {
        const accepts = acceptsBefore(tree, index);
        if (accepts.length > 0) return [tookBefore(tree, index, accepts)];
    }
    const traffic = (packets: Diagram) => diagrams.upTo(packets, LEVEL.interface);
    const gone = only(tree, may, diagrams.combine(butNot, traffic(may), traffic(decides)));
    const contradicted = gone === 0 ? undefined : contradiction(tree, index, gone);
    if (contradicted) return [contradicted];
    const items = [...goneTraffic(tree, index, gone), ...goneAddresses(around, index)];
    return items.flatMap(({ part, packets }) => {
        const blame = takersOf(tree, packets, { end: index });
        // What an accept leaves to another accept is not lost.
        if (blame.every((other) => isAccept(tree, other) === (rule.action === "accept"))) return [];
        const { packet, example } = exampleOf(tree, packets);
        const takers = takersText(tree, blame, "takes");
        return [finding("VF215", key, blame, { rule: key, part, takers, example }, packet)];
    });
}

function isAccept({ actions }: RuleTree, key: string): boolean {
    return actions.get(key) === "accept";
}

const MOST_BLAMED = 8;

/** The first accepts of earlier templates that take some of a rule. */
function acceptsBefore(tree: RuleTree, index: number): Decider[] {
    const { key, may } = tree.rules[index]!;
    const found: Decider[] = [];
    if (templateOf(tree.rules[0]!.key) === templateOf(key)) return found;
    const end = tree.rules.findIndex((other) => templateOf(other.key) === templateOf(key));
    for (const decider of decidersOf(tree, may, { end })) {
        if (tree.rules[decider.index]!.rule.action === "accept") found.push(decider);
        if (found.length === MOST_BLAMED) break;
    }
    return found;
}

function tookBefore(tree: RuleTree, index: number, accepts: readonly Decider[]): Finding {
    const { key, rule } = tree.rules[index]!;
    const blame = accepts.map((accept) => tree.rules[accept.index]!.key);
    const { packet, example } = exampleOf(tree, accepts[0]!.packets);
    const takers = takersText(tree, blame, "takes");
    return finding("VF216", key, blame, { rule: key, action: rule.action, takers, example }, packet);
}

/** An accept of which an earlier template drops whole ports. */
function contradiction(tree: RuleTree, index: number, gone: Diagram): Finding | undefined {
    const { key, rule } = tree.rules[index]!;
    if (rule.action !== "accept" || templateOf(tree.rules[0]!.key) === templateOf(key)) return undefined;
    const blame = [...decidersOf(tree, gone, { end: index })].filter((decider) => {
        const other = tree.rules[decider.index]!;
        return other.rule.action !== "accept" && templateOf(other.key) !== templateOf(key);
    });
    if (blame.length === 0) return undefined;
    const keys = blame.map((decider) => tree.rules[decider.index]!.key);
    const packets = blame.map((decider) => decider.packets).reduce((a, b) => tree.diagrams.combine(orElse, a, b));
    const { packet, example } = exampleOf(tree, packets);
    const part = trafficText(tree.diagrams, packets);
    return finding("VF217", key, keys, { rule: key, part, takers: takersText(tree, keys, "takes"), example }, packet);
}

/** A part of a rule as it was listed, of which nothing is left to the rule. */
interface Gone {
    readonly part: string;
    readonly packets: Diagram;
}

/** Protocols, message types and ports. */
function goneTraffic(tree: RuleTree, index: number, gone: Diagram): Gone[] {
    if (gone === 0) return [];
    const { diagrams } = tree;
    const { rule, may } = tree.rules[index]!;
    const items = rule.matches
        .flatMap((match) => itemsOf(diagrams, match, rule.to.ports))
        .filter((item) => {
            const packets = only(tree, may, item);
            return packets !== 0 && diagrams.combine(butNot, packets, gone) === 0;
        });
    if (items.length === 0) return [];
    const packets = only(
        tree,
        may,
        items.reduce((a, b) => diagrams.combine(orElse, a, b)),
    );
    return [{ part: trafficText(diagrams, packets), packets }];
}

function itemsOf(diagrams: Diagrams, { protocol, types }: ProtocolMatch, ports: PortList | undefined): Diagram[] {
    if (protocol === "any") return [];
    const number = typeof protocol === "number" ? protocol : PROTOCOL_NUMBERS[protocol];
    const kids =
        ports?.ranges.map((range) => forPorts(diagrams, LEVEL.destinationPort, [range], 1)) ??
        types?.map((text) => {
            const { type, code } = icmpMessage(protocol as "icmp", text)!;
            const codes = code === undefined ? 1 : forValues(diagrams, LEVEL.icmpCode, [code], 1);
            return forValues(diagrams, LEVEL.detail, [type], codes);
        });
    return (kids ?? [1]).map((kid) => forValues(diagrams, LEVEL.protocol, [number], kid));
}

/** Addresses that the rule lists one by one. */
function goneAddresses({ tree, shares }: Surroundings, index: number): Gone[] {
    const { diagrams } = tree;
    const { rule, may } = tree.rules[index]!;
    const { addresses } = rule.direction === "ingress" ? rule.from : rule.to;
    if (addresses.kind === "anywhere" || addresses.ranges.length + addresses.sets.length < 2) return [];
    const own = new Set([0, 1, 2, 3].map((word) => LEVEL.own + word));
    const people = (packets: Diagram) =>
        diagrams.exists(diagrams.from(diagrams.upTo(packets, LEVEL.sourcePort), LEVEL.family), own);
    const gone = diagrams.combine(butNot, people(may), people(shares[index]!.decides));
    const items =
        gone === 0
            ? []
            : addresses.ranges.filter((range) => {
                  const packets = peopleIn(tree, [range]);
                  return diagrams.combine(butNot, packets, gone) === 0;
              });
    if (items.length === 0) return [];
    const part = `traffic ${rule.direction === "ingress" ? "from" : "to"} ${formatWho(items)}`;
    return [{ part, packets: only(tree, may, peopleIn(tree, items)) }];
}

function peopleIn({ diagrams }: RuleTree, ranges: AddressSpace): Diagram {
    const ofFamily = (family: Family) => forAddresses(diagrams, LEVEL.far, family, ranges, 1);
    return byFamily(diagrams, [ofFamily(4), ofFamily(6)]);
}
