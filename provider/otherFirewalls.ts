import { formatExample } from "../core/analysis/witness";
import { type OtherFilter, otherFilters } from "../core/dialects/otherFilters";
import { type Drop, whatOthersDrop } from "../core/dialects/whatOthersDrop";
import { type Diagnostic, diagnostic, printable } from "../core/model/diagnostics";
import type { Policy } from "../core/model/policy";
import type { Probe } from "../targets/ssh";
import type { HostInputs } from "./hostInputs";
import { listed } from "./listed";

type OtherFirewall = Probe["firewalls"][number];

/** `ufw (filters now; the next boot loads /etc/ufw)`; those that do nothing are left out. */
export function firewallWords(firewalls: readonly OtherFirewall[]): string[] {
    return firewalls.filter(isOn).map(({ name, active, atBoot, files }) => {
        const now = active ? "filters now" : "does not filter now";
        const then = atBoot ? `the next boot loads ${files.join(" and ")}` : "not at the next boot";
        return `${name} (${now}; ${then})`;
    });
}

export function isOn({ active, atBoot }: OtherFirewall): boolean {
    return active || atBoot;
}

/** A host may make up any number. */
const MOST_FILTERS = 20;

/** What the other packet filters of a host mean for the policy: what they drop although it accepts it. */
export function othersNotes(inputs: HostInputs, policy: Policy, probe: Probe): Diagnostic[] {
    const { host } = inputs.target;
    const { filters, unread } = probe.others ? otherFilters(probe.others) : { filters: [], unread: [] };
    const staying = filters
        .filter((filter) => !(inputs.takeover && isTaken(filter, probe.firewalls)))
        .slice(0, MOST_FILTERS);
    const { drops, perhaps } = whatOthersDrop(policy, staying);
    const others = [...new Set([...perhaps, ...unread])];
    // At the first contact they are all named anyway.
    const atMost = others.length > 0 && probe.table !== "absent";
    return [
        ...staying.flatMap(({ name }) => dropNotes(host, name, drops)),
        ...(atMost ? [diagnostic("VF192", { host, others: listed(others) })] : []),
        ...(flushesUs(inputs, probe) ? [diagnostic("VF195", { host })] : []),
    ];
}

/** Whose rules go with a firewall that is switched off. */
function isTaken({ name }: OtherFilter, firewalls: readonly OtherFirewall[]): boolean {
    const isActive = (wanted: string) => firewalls.some((each) => each.active && each.name === wanted);
    if (name === "ufw" || name === "firewalld") return isActive(name);
    if (name === "iptables") return ["netfilter-persistent", "iptables", "ip6tables"].some(isActive);
    return name.startsWith("table ") && isActive("nftables");
}

function dropNotes(host: string, name: string, drops: readonly Drop[]): Diagnostic[] {
    const own = drops.filter((drop) => drop.filter === name);
    const filter = printable(name, 80);
    const whole = own.filter((drop) => drop.whole);
    const some = own.filter((drop) => !drop.whole);
    const packets = (of: readonly Drop[]) => listed(of.map(({ packet, rule }) => `${formatExample(packet)} (${rule})`));
    return [
        ...(whole.length > 0
            ? [
                  diagnostic("VF190", {
                      host,
                      filter,
                      rules: listed(whole.map(({ rule }) => rule)),
                      packets: listed(whole.map(({ packet }) => formatExample(packet))),
                  }),
              ]
            : []),
        ...(some.length > 0 ? [diagnostic("VF191", { host, filter, packets: packets(some) })] : []),
    ];
}

function flushesUs({ takeover }: HostInputs, { filter, firewalls, managers }: Probe): boolean {
    const runs = managers.includes("firewalld") || firewalls.some((each) => each.name === "firewalld" && isOn(each));
    return filter.backend === "iptables" && !takeover && runs;
}

/** What a takeover has done (VF193), and what it could not (VF194). */
export function takeoverNotes(host: string, taken: readonly string[], kept: readonly string[]): Diagnostic[] {
    const proposal =
        "Their rules stay until the next boot, which does not load them any more; clear them by hand if they are not wanted.";
    return [
        ...(taken.length > 0 ? [diagnostic("VF193", { host, names: listed(taken) })] : []),
        ...(kept.length > 0 ? [diagnostic("VF194", { host, names: listed(kept), how: "off at once", proposal })] : []),
    ];
}

/** What could not be switched on again when a change was taken back, or by a delete. */
export function leftOffNotes(host: string, { leftOff }: Probe): Diagnostic[] {
    if (leftOff.length === 0) return [];
    const proposal = "Start them by hand: they were on before takeover.";
    return [diagnostic("VF194", { host, names: listed(leftOff), how: "on again", proposal })];
}
