import type { Rule } from "../../model/rule";
import type { AllowedTraffic } from "../allowLists/allowed";
import { named, type PanelNote } from "../allowLists/notes";

/** The vendor's page knows IPv4 alone: a note for each rule that means more than its rows, or whose words sound like more. */
export function ipv4Notes({ direction, allowed, dropped }: AllowedTraffic, panel: string): PanelNote[] {
    const note = (key: string, text: string, severity: PanelNote["severity"] = "note"): PanelNote => ({
        ...{ about: "IPv4 only", severity, keys: [key] },
        text,
    });
    const accepts = allowed.flatMap(({ key, rule, boxes, unsaid, without }) => {
        if (rule && unsaid.length === 0)
            return saysAllOfIpv4(rule)
                ? [note(key, `${key} says 0.0.0.0/0, which is all of IPv4 and nothing of IPv6.`)]
                : [];
        if (boxes.length > 0)
            return [note(key, `The rows of ${named(key, direction)} cover IPv4 only: ${panel} says nothing of IPv6.`)];
        const left = without.length > 0 ? `What is left of ${named(key, direction)} is` : `${key} has no row: it is`;
        return [note(key, `${left} about IPv6, of which ${panel} says nothing.`, "warning")];
    });
    const drops = dropped.flatMap(({ key, unsaid }) =>
        unsaid.length > 0 ? [note(key, `${key} is said for IPv4 only: ${panel} says nothing of IPv6.`)] : [],
    );
    return [...accepts, ...drops];
}

function saysAllOfIpv4({ from: { addresses } }: Rule): boolean {
    return addresses.kind === "anywhere" && addresses.family === 4;
}
