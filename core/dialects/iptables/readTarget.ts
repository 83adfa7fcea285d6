import type { Family } from "../../model/addresses";
import type { RejectAnswer } from "../../model/rule";
import type { Target } from "./line";

/** What stands behind `-j` or `-g`. */
export function readTarget(option: "-j" | "-g", words: readonly string[], family: Family): Target {
    const [name = "", ...options] = words;
    const other: Target = { kind: "other", name };
    if (option === "-g") return options.length === 0 ? { kind: "goto", chain: name } : other;
    switch (name) {
        case "ACCEPT":
        case "RETURN":
        case "DROP":
            return options.length === 0 ? { kind: PLAIN[name] } : other;
        case "REJECT":
            return readReject(options, family) ?? other;
        case "LOG":
            return options.length === 2 && options[0] === "--log-prefix" ? { kind: "log", prefix: options[1]! } : other;
        default:
            // Chains have no options; whether this is one the chains of the table say.
            return options.length === 0 ? { kind: "jump", chain: name } : other;
    }
}

const PLAIN = { ACCEPT: "accept", RETURN: "return", DROP: "drop" } as const;

function readReject(options: readonly string[], family: Family): Target | undefined {
    if (options.length > 0 && (options.length !== 2 || options[0] !== "--reject-with")) return undefined;
    const said = options[1] ?? USUAL[family];
    if (said === USUAL[family]) return { kind: "reject" };
    const answer = ANSWERS[family].get(said);
    return answer && { kind: "reject", answer };
}

const USUAL = { 4: "icmp-port-unreachable", 6: "icmp6-port-unreachable" } as const;

const ANSWERS: Readonly<Record<Family, ReadonlyMap<string, RejectAnswer>>> = {
    4: new Map([
        ["tcp-reset", "tcp-reset"],
        ["icmp-admin-prohibited", "admin-prohibited"],
        ["icmp-host-unreachable", "host-unreachable"],
        ["icmp-net-unreachable", "no-route"],
    ]),
    6: new Map([
        ["tcp-reset", "tcp-reset"],
        ["icmp6-adm-prohibited", "admin-prohibited"],
        ["icmp6-addr-unreachable", "host-unreachable"],
        ["icmp6-no-route", "no-route"],
    ]),
};
