import type { Direction } from "../../model/rule";
import { rowChanges, type RowChanges } from "../allowLists/rowChanges";

/** A row of a template's inbound or outbound list, in the words of the panel. */
export interface LayerStackRow {
    /** The first rule that it is made of. The panel has no field for it. */
    readonly key?: string;
    /** `ALL`, `TCP: ALL`, `TCP: 443`, `UDP: 8000-8010`, `ICMP: ALL`. */
    readonly traffic: string;
    /** The source of an inbound row, the destination of an outbound one, always with its length; absent: everywhere. */
    readonly address?: string;
}

export interface LayerStackTemplate {
    readonly inbound: readonly LayerStackRow[];
    readonly outbound: readonly LayerStackRow[];
}

/** A row by the names of the panel's fields. An empty text: nothing is entered there. */
export function panelFields({ traffic, address = "" }: LayerStackRow, direction: Direction): Record<string, string> {
    return {
        "Protocols and Ports": traffic,
        [direction === "ingress" ? "Source IP Address" : "Destination IP Address"]: address,
    };
}

/** What the panel shows of a row. */
export function contentOf({ traffic, address = "" }: LayerStackRow): string {
    return `${traffic} ${address}`;
}

/** What is to be done in the panel: in both lists all that is to be added, and only then what is to be removed. */
export function templateChanges(before: LayerStackTemplate, after: LayerStackTemplate): TemplateChanges {
    const changes = (list: keyof LayerStackTemplate) => {
        const { add, remove } = rowChanges(before[list], after[list], { contentOf, nameOf: () => "" });
        return { add, remove };
    };
    return { inbound: changes("inbound"), outbound: changes("outbound") };
}

export type TemplateChanges = Readonly<
    Record<keyof LayerStackTemplate, Pick<RowChanges<LayerStackRow>, "add" | "remove">>
>;
