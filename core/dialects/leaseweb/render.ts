import { DEFAULT_ACTION } from "../../analysis/decide";
import { toPrefixes } from "../../model/addresses";
import type { Policy } from "../../model/policy";
import { allowedTraffic } from "../allowLists/allowed";
import { type Box, cidr, isEvery, type Span } from "../allowLists/boxes";
import type { AllowListForm } from "../allowLists/form";
import { type ListedRows, listRows } from "../allowLists/listRows";
import type { PanelNote } from "../allowLists/notes";
import { CannotExpress } from "../dialect";
import { ipv4Notes } from "./ipv4Notes";
import { vpsContent, type VpsRow } from "./rows";
import { securityGroupContent, type SecurityGroupRule } from "./securityGroupRules";

const GROUP: AllowListForm = { panel: "a Leaseweb security group", families: [4], icmpTypes: true };

export type Addressed = Pick<AllowListForm, "own">;

/**
 * The rows to enter in the portal for the firewall of a VPS, so that it means the policy once it is on: in the order of the
 * rules, which says nothing there. Of IPv6 it says nothing, as the portal doesn't.
 *
 * @throws CannotExpress
 */
export function renderVpsRows(policy: Policy, { own }: Addressed = {}): ListedRows<VpsRow> {
    return render(
        policy,
        { panel: "the firewall of a Leaseweb VPS", families: [4], icmpTypes: false, ...(own && { own }) },
        vpsRowsOf,
        vpsContent,
    );
}

/**
 * The same as rules of a Public Cloud security group. They have no names, so a rule that two rules of the policy say is there once.
 *
 * @throws CannotExpress
 */
export function renderSecurityGroup(policy: Policy, { own }: Addressed = {}): ListedRows<SecurityGroupRule> {
    return render(policy, { ...GROUP, ...(own && { own }) }, securityGroupRulesOf, securityGroupContent);
}

/** A rule of a group with the key of the policy's rule that it is made for, the first one where there are several. */
export interface KeyedGroupRule {
    readonly key: string;
    readonly row: SecurityGroupRule;
}

/** The same, each with the rule that it is made for. */
export function renderKeyedGroup(policy: Policy): ListedRows<KeyedGroupRule> {
    return render(
        policy,
        GROUP,
        (box, key) => securityGroupRulesOf(box).map((row) => ({ key, row })),
        ({ row }) => securityGroupContent(row),
    );
}

function render<Row>(
    policy: Policy,
    form: AllowListForm,
    rowsOf: (box: Box, key: string) => Row[],
    contentOf: (row: Row) => string,
): ListedRows<Row> {
    const outbound = outboundNotes(policy, form);
    const traffic = allowedTraffic(policy, "ingress", form);
    const { rows, notes } = listRows(traffic, ({ key, boxes }) => boxes.flatMap((box) => rowsOf(box, key)), contentOf);
    return { rows, notes: [...notes, ...ipv4Notes(traffic, form.panel), ...outbound] };
}

const PROTOCOL = { tcp: "TCP", udp: "UDP", icmp: "ICMP" } as const;

function vpsRowsOf({ protocol, who, what }: Box, name: string): VpsRow[] {
    return toPrefixes(who).flatMap((prefix) =>
        what.map(({ first, last }): VpsRow => {
            const row = { name, protocol: PROTOCOL[protocol], source: cidr(prefix) };
            if (protocol === "icmp") return row;
            return { ...row, startPort: first, ...(last > first && { endPort: last }) };
        }),
    );
}

function securityGroupRulesOf({ protocol, who, what }: Box): SecurityGroupRule[] {
    return toPrefixes(who).flatMap((prefix) =>
        what.flatMap((span): SecurityGroupRule[] => {
            const source = cidr(prefix);
            if (protocol === "icmp") return messages(span).map((message) => ({ protocol: "ICMP", ...message, source }));
            // All ports are also the one that nobody can name.
            const startPort = isEvery(protocol, span) ? 0 : span.first;
            return [{ protocol: PROTOCOL[protocol], startPort, endPort: span.last, source }];
        }),
    );
}

/** -1 is any: types of which all codes are meant, and all types, are one rule each. */
function messages(span: Span): { icmpType: number; icmpCode: number }[] {
    if (isEvery("icmp", span)) return [{ icmpType: -1, icmpCode: -1 }];
    const found: { icmpType: number; icmpCode: number }[] = [];
    for (let message = span.first; message <= span.last;) {
        const [icmpType, icmpCode] = [message >> 8, message & 255];
        const isWhole = icmpCode === 0 && message + 255 <= span.last;
        found.push({ icmpType, icmpCode: isWhole ? -1 : icmpCode });
        message += isWhole ? 256 : 1;
    }
    return found;
}

/** Outbound traffic is free there, so a policy must leave it free, and a rule that accepts some of it changes nothing. */
function outboundNotes({ rules, defaults }: Policy, { panel }: AllowListForm): PanelNote[] {
    const outbound = rules.filter(({ rule }) => rule.direction === "egress");
    const wayOut = "leave it out here, or enforce egress on the host (HostFirewall)";
    const closing = outbound.find(({ rule }) => rule.action !== "accept");
    if (closing) throw new CannotExpress(closing.key, "direction", `${panel} can't block what leaves: ${wayOut}`);
    if (defaults.egress !== "accept")
        throw new CannotExpress(
            DEFAULT_ACTION,
            "egress",
            `${panel} lets all that leaves pass: say egress "accept" here, or enforce egress on the host (HostFirewall)`,
        );
    return outbound.map(({ key }) => ({
        about: "outbound is free",
        severity: "note",
        keys: [key],
        text: `${key} has no row: all that leaves is allowed anyway.`,
    }));
}
