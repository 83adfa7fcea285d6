import { type FirewallError, printable } from "../../core/model/diagnostics";
import { hostError } from "./hostError";

/** The diagnostics that end an operation without changing the host. */
export type ProtocolErrorCode =
    | "VF112"
    | "VF115"
    | "VF160"
    | "VF161"
    | "VF162"
    | "VF163"
    | "VF164"
    | "VF165"
    | "VF166"
    | "VF167"
    | "VF168"
    | "VF169"
    | "VF170"
    | "VF171"
    | "VF172"
    | "VF174"
    | "VF175"
    | "VF176"
    | "VF177"
    | "VF179"
    | "VF180"
    | "VF181"
    | "VF183";

export function protocolError(code: ProtocolErrorCode, host: string, detail = ""): FirewallError {
    return hostError(code, { host, detail: sentence(detail) });
}

const LONGEST_SENTENCE = 600;

/** What a host said, on one line and harmless for a terminal. */
export function sentence(text: string): string {
    // Cut first: it may be all that a host was allowed to send.
    const beginning = text.slice(0, 20 * LONGEST_SENTENCE);
    return printable(beginning.trim().replace(/\s+/g, " "), LONGEST_SENTENCE);
}
