import type { Family } from "../../model/addresses";

/** Something for each family, such as what its restore program reads. */
export type Texts = Readonly<Record<Family, string>>;

/** The line before what belongs to a family; the scripts on the host know it too. */
const HEADERS: Texts = { 4: "# vps-firewall ipv4", 6: "# vps-firewall ipv6" };

/** Is there a part for each family, even one that says nothing? */
export function hasBothFamilies(text: string): boolean {
    const lines = new Set(text.split("\n"));
    return lines.has(HEADERS[4]) && lines.has(HEADERS[6]);
}

/** Both families in one file, so that one rename commits both. */
export function joinFamilies(texts: Texts): string {
    return `${HEADERS[4]}\n${texts[4]}${HEADERS[6]}\n${texts[6]}`;
}

/** The texts of a file of ours, or of a host's listing; empty where there is none. */
export function splitFamilies(text: string): Texts {
    const lines = text.split("\n");
    const of = (family: Family) => {
        const begin = lines.indexOf(HEADERS[family]);
        if (begin < 0) return "";
        const end = lines.findIndex((line, index) => index > begin && Object.values(HEADERS).includes(line));
        return lines.slice(begin + 1, end < 0 ? undefined : end).join("\n");
    };
    return { 4: of(4), 6: of(6) };
}
