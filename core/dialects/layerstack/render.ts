import { toPrefixes } from "../../model/addresses";
import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { type Allowed, allowedTraffic, type AllowedTraffic } from "../allowLists/allowed";
import { cidr, isEvery, type RowProtocol, type Span } from "../allowLists/boxes";
import type { AllowListForm } from "../allowLists/form";
import { listRows } from "../allowLists/listRows";
import { listed, named, type PanelNote } from "../allowLists/notes";
import { contentOf, type LayerStackRow, type LayerStackTemplate } from "./rows";

export type Addressed = Pick<AllowListForm, "own">;

export interface RenderedTemplate {
    readonly template: LayerStackTemplate;
    readonly notes: readonly PanelNote[];
}

/**
 * The rows to enter in the two lists of a template, so that it means the policy: in the order of the rules, which says nothing
 * there. Both directions are closed where no row opens them, so a default action that accepts is made of rows too.
 *
 * @throws CannotExpress
 */
export function renderTemplate(policy: Policy, { own }: Addressed = {}): RenderedTemplate {
    const form: AllowListForm = {
        ...{ panel: "a LayerStack template", families: [4, 6], icmpTypes: false },
        ...(own && { own }),
    };
    const list = (direction: Direction) => {
        const traffic = allowedTraffic(policy, direction, form);
        const { rows, notes } = listRows(traffic, rowsOf, contentOf);
        return { rows, notes: [...notes, ...ipv6Notes(traffic)] };
    };
    const [inbound, outbound] = [list("ingress"), list("egress")];
    return {
        template: { inbound: inbound.rows, outbound: outbound.rows },
        notes: [...inbound.notes, ...outbound.notes],
    };
}

/** A row before it has words; no address: everywhere. */
interface Entry {
    readonly protocol: RowProtocol | "all";
    readonly address?: string;
    readonly span: Span;
}

function rowsOf({ key, rule, boxes }: Allowed): LayerStackRow[] {
    const entries = boxes.flatMap(({ protocol, who, what }) =>
        toPrefixes(who).flatMap((prefix) => what.map((span): Entry => ({ protocol, address: cidr(prefix), span }))),
    );
    const joined = withFamiliesJoined(entries);
    const saysAny = !rule || rule.matches.some(({ protocol }) => protocol === "any");
    return (saysAny ? withProtocolsJoined(joined) : joined).map(({ address, ...traffic }) => ({
        ...{ key, traffic: trafficText(traffic) },
        ...(address !== undefined && { address }),
    }));
}

/** Everywhere in both families is a row without an address. */
function withFamiliesJoined(entries: readonly Entry[]): Entry[] {
    const place = ({ protocol, address, span }: Entry) => `${protocol} ${address} ${span.first}-${span.last}`;
    const places = new Set(entries.map(place));
    return entries.flatMap((entry): Entry[] => {
        const { protocol, address, span } = entry;
        const other = address === "0.0.0.0/0" ? "::/0" : address === "::/0" ? "0.0.0.0/0" : undefined;
        if (other === undefined || !places.has(place({ ...entry, address: other }))) return [entry];
        return address === "0.0.0.0/0" ? [{ protocol, span }] : [];
    });
}

/** All of the three protocols is `ALL`; only for a rule that says any, since nobody knows what else `ALL` lets through. */
function withProtocolsJoined(entries: readonly Entry[]): Entry[] {
    const wholes = new Map<string | undefined, number>();
    for (const { protocol, address, span } of entries)
        if (protocol !== "all" && isEvery(protocol, span)) wholes.set(address, (wholes.get(address) ?? 0) + 1);
    return entries.flatMap((entry): Entry[] => {
        if (wholes.get(entry.address) !== 3) return [entry];
        return entry.protocol === "tcp" ? [{ ...entry, protocol: "all" }] : [];
    });
}

function trafficText({ protocol, span }: Pick<Entry, "protocol" | "span">): string {
    if (protocol === "all") return "ALL";
    const { first, last } = span;
    const ports = isEvery(protocol, span) ? "ALL" : first === last ? `${first}` : `${first}-${last}`;
    return `${protocol.toUpperCase()}: ${ports}`;
}

/** The vendor's page says nothing of IPv6: rows for it alone may open nothing, all others may open IPv4 only. */
function ipv6Notes({ direction, allowed }: AllowedTraffic): PanelNote[] {
    const some = allowed.filter(({ boxes }) => boxes.some(({ family }) => family === 6));
    const only = some.filter(({ boxes }) => boxes.every(({ family }) => family === 6));
    const both = some.filter((each) => !only.includes(each));
    const note = (found: readonly Allowed[], severity: PanelNote["severity"], what: string): PanelNote[] => {
        if (found.length === 0) return [];
        const keys = found.map(({ key }) => key);
        const who = listed(keys.map((key) => named(key, direction)));
        return [
            {
                ...{ about: "IPv6 not verified", severity, keys },
                text: `That rows of ${who} allow ${what} is not verified: LayerStack's page says nothing of it.`,
            },
        ];
    };
    return [...note(only, "warning", "IPv6, which is all that they are about,"), ...note(both, "note", "IPv6 too")];
}
