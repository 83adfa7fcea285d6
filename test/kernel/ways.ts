import { formatAddress, type Family } from "../../core/model/addresses";
import { DEVICES } from "./devices";
import { type Probe, TCP, UDP } from "./packet";

/** How a packet is taken through this host. */
export interface Way {
    readonly leavesBy: string;
    /** What is put in the place of its destination: nothing, a container's address, or its port too where there is one. */
    readonly translated: "no" | "address" | "port";
}

/** Among the addresses and ports that rules name, so that a rule that asks for the wrong destination decides otherwise. */
export const CONTAINER: Readonly<Record<Family, bigint>> = { 4: 0x0a000009n, 6: (0x20010db8n << 96n) + 0x19n };
export const CONTAINER_PORT = 80;

const TRANSLATIONS = ["no", "address", "port"] as const satisfies Way["translated"][];

/**
 * The way of a packet as a number, which is the low half of the address that its frame comes from, and its mark: no rule
 * asks for these. One hexadecimal digit for the interface (forwarding.sh routes by it), one for the translation.
 */
export function numberOf({ leavesBy, translated }: Way): number {
    return (DEVICES.indexOf(leavesBy) + 1) * 16 + TRANSLATIONS.indexOf(translated);
}

/** Has another destination been put in the place of the one that it asked for? Only new connections are translated. */
export function isTranslated({
    forwarded,
    state = "new",
    family,
    protocol,
    destination,
    destinationPort,
}: Probe): boolean {
    if (!forwarded || forwarded.translated === "no" || state !== "new") return false;
    const otherPort = forwarded.translated === "port" && (protocol === TCP || protocol === UDP);
    return destination !== CONTAINER[family] || (otherPort && destinationPort !== CONTAINER_PORT);
}

/** The table that gives each packet its mark and its new destination. */
export function waysTable(): string {
    const marks = DEVICES.flatMap((leavesBy) =>
        TRANSLATIONS.map((translated) => {
            const number = numberOf({ leavesBy, translated });
            return `02:00:00:00:00:${number.toString(16).padStart(2, "0")} : ${number}`;
        }),
    );
    const [address, port] = [TRANSLATIONS.indexOf("address"), TRANSLATIONS.indexOf("port")];
    const withPort = `meta mark & 0xf == ${port} meta l4proto { tcp, udp }`;
    const any = `meta mark & 0xf == { ${address}, ${port} }`;
    const [four, six] = ([4, 6] as const).map((family) => formatAddress(family, CONTAINER[family]));
    return [
        "table inet ways {",
        "    chain marks {",
        "        type filter hook prerouting priority mangle;",
        `        meta mark set ether saddr map { ${marks.join(", ")} }`,
        "    }",
        "    chain translations {",
        "        type nat hook prerouting priority dstnat;",
        `        ${withPort} dnat ip to ${four}:${CONTAINER_PORT}`,
        `        ${withPort} dnat ip6 to [${six}]:${CONTAINER_PORT}`,
        `        ${any} dnat ip to ${four}`,
        `        ${any} dnat ip6 to ${six}`,
        "    }",
        "}",
        "",
    ].join("\n");
}
