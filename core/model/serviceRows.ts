import { protocolByNumber, protocolByWord } from "./protocols";
import type { Service } from "./service";

/**
 * Services by theme, one a line: `name and aliases | protocols | ports or types | source | what it is`. Protocols are
 * words or numbers; `-` is no port. The source is `iana`, or the site of the project whose documentation has the port.
 */
export type ServiceRows = Readonly<Record<string, string>>;

export interface CatalogueService extends Service {
    readonly theme: string;
    /** Whose number it is: `iana`, or the site of the project. */
    readonly source: string;
}

export function readRows(rows: ServiceRows): CatalogueService[] {
    return Object.entries(rows).flatMap(([theme, text]) =>
        text
            .split("\n")
            .filter((line) => line.trim())
            .map((line) => readRow(theme, line)),
    );
}

function readRow(theme: string, line: string): CatalogueService {
    const [names, protocols, numbers, source, description, ...more] = line.split("|").map((cell) => cell.trim());
    if (!names || !protocols || !numbers || !source || !description || more.length)
        throw new Error(`not a row of the service catalogue: ${line}`);
    const [name = "", ...aliases] = names.split(" ");
    const protocol = protocols.split(" ").map((word) => {
        const known = protocolByWord(word) ?? protocolByNumber(word);
        if (known === undefined || known === "any") throw new Error(`${name}: no protocol of a service: ${word}`);
        return known;
    });
    const list = numbers === "-" ? [] : numbers.split(", ");
    const what = protocols.startsWith("icmp") ? { ports: [], icmpTypes: list } : { ports: list };
    return { name, aliases, protocol, ...what, description, theme, source };
}
