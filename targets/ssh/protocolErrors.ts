import { printable } from "../../core/model/diagnostics";

/** What the apply protocol says to a user when it stops before anything changed. */
const texts = {
    VF112: "{host} could not put back what it had before: {detail} Our table was removed there so that it can be reached. Run `pulumi up` to load a ruleset again.",
    VF160: "{host} has no nft. Install the package nftables there, or set prepare: true.",
    VF161: "{host} has nft {detail}. 0.9.8 is the oldest that is supported; update the package nftables there.",
    VF162: "{host} gives this user no root rights. Connect as root, or allow the user sudo without a password. {detail}",
    VF163: "another operation on the firewall of {host} is running. Try again when it has ended.",
    VF164: "the firewall of {host} was changed by somebody else each time this change was about to be loaded. Nothing was changed by this one. Run it again once the host is quiet.",
    VF165: "{host} has a table inet vps_firewall that this library did not write, so nothing could put it back. Rename or delete it there.",
    VF166: "nft on {host} refuses the ruleset: {detail} Nothing was changed.",
    VF167: "nft on {host} does not load again what it runs now, so a revert would fail: {detail} Nothing was changed.",
    VF168: "{host} could not arm its own revert: {detail} Nothing was changed.",
    VF169: "{host} could not store the ruleset: {detail} Nothing was changed.",
    VF170: "nft on {host} fails: {detail}",
    VF171: "the answer of {host} can't be used: {detail}",
    VF172: "a change on {host} is still neither confirmed nor taken back: {detail}",
} as const;

export type ProtocolErrorCode = keyof typeof texts;

/** An operation that ended without changing the host. */
export class ProtocolError extends Error {
    constructor(
        readonly code: ProtocolErrorCode,
        host: string,
        detail = "",
    ) {
        super(`${code} ${texts[code].replace("{host}", host).replace("{detail}", () => sentence(detail))}`.trim());
        this.name = "ProtocolError";
    }
}

/** What a host said, on one line and harmless for a terminal. */
export function sentence(text: string): string {
    return printable(text.trim().replace(/\s+/g, " "), 600);
}
