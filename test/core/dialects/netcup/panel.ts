import type { Packet } from "../../../../core/analysis/decide";
import { decidePacket } from "../../../../core/dialects/netcup/decidePacket";
import type { Note } from "../../../../core/dialects/netcup/notes";
import { prove } from "../../../../core/dialects/netcup/prove";
import { render, rulesOf } from "../../../../core/dialects/netcup/render";
import {
    type AttachedPolicy,
    type FirewallRule,
    type PanelReading,
    READINGS,
} from "../../../../core/dialects/netcup/rule";
import { formatPacket } from "../../../../core/analysis/witness";
import type { Defaults, NamedSet, Policy } from "../../../../core/model/policy";
import { parseRule } from "../../../../core/model/parseRule";
import { inBothFamilies } from "../../analysis/probe";

/** Both defaults; a word for each where they differ. */
export const DROP: Defaults = { ingress: "drop", egress: "drop" };
export const OPEN: Defaults = { ingress: "accept", egress: "accept" };
export const USUAL: Defaults = { ingress: "drop", egress: "accept" };

/** A policy of canonical lines, as `web/1`, `web/2`, ... */
export function policyOf(lines: readonly string[], defaults: Defaults = USUAL, sets: readonly NamedSet[] = []): Policy {
    const rules = lines.map((line, index) => {
        const parsed = parseRule(line);
        if ("problem" in parsed) throw new Error(parsed.problem.message);
        return { key: `web/${index + 1}`, rule: parsed.rule };
    });
    return { rules, sets, defaults };
}

export function attached(rules: readonly FirewallRule[], name = "web"): AttachedPolicy {
    return { name, copied: false, rules };
}

/** What is sent, a line each: `INGRESS TCP 198.51.100.0/24 sp 1-9 > 192.0.2.10 22 ACCEPT`. */
export function sent(policy: Policy): string[] {
    return rulesOf(render(policy)).map(lineOf);
}

export function lineOf({ direction, protocol, action, ...rule }: FirewallRule): string {
    const { sources, sourcePorts, destinations, destinationPorts } = rule;
    const from = [sources?.join(","), sourcePorts && `sp ${sourcePorts}`];
    const to = [destinations?.join(","), destinationPorts];
    const end = to.filter(Boolean).join(" ");
    return [direction, protocol, ...from, end && `> ${end}`, action].filter(Boolean).join(" ");
}

export function notesOf(policy: Policy, kind: Note["kind"]): string[] {
    return render(policy)
        .notes.filter((note) => note.kind === kind)
        .map(({ key, text, packet }) => [key, text, packet && `(${formatPacket(packet)})`].filter(Boolean).join(": "));
}

/** What all readings of the vendor's page agree on for a packet in the words of `verdict`, in both families. */
export function onPanel(policies: readonly AttachedPolicy[], words: string, state?: Packet["state"]): string {
    const found = READINGS.map((reading) => inReading(policies, words, reading, state));
    return new Set(found).size === 1 ? found[0]! : "depends on the reading";
}

export function inReading(
    policies: readonly AttachedPolicy[],
    words: string,
    reading: PanelReading,
    state?: Packet["state"],
): string {
    return inBothFamilies(
        words,
        (packet) => decidePacket(policies, { ...packet, ...(state && { state }) }, reading).verdict,
    );
}

/** The same for what is sent of a policy. */
export function onPanelOf(policy: Policy, words: string, state?: Packet["state"]): string {
    return onPanel([attached(rulesOf(render(policy)))], words, state);
}

/** A difference in one line, or undefined. */
export function proofOf(rules: readonly FirewallRule[], policy: Policy): string | undefined {
    const found = prove([attached(rules)], policy);
    return found && `${formatPacket(found.packet)}: meant ${found.meant}, done ${found.done}`;
}
