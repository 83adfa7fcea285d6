import { entry } from "./diagnosticEntry";

/** VF310 to VF319: the firewall of a Leaseweb VPS, and rows of panels that are entered by hand. */
export const leasewebDiagnostics = {
    VF310: entry(
        "note",
        "the firewall of {host} is off: its {waiting} rules are stored and not enforced, and everything passes.",
        "Set enabled to true to enforce them.",
        "Rules can be prepared while the firewall is off, and all of them hold at once when it is turned on.",
    ),
    VF311: entry(
        "warning",
        "the firewall of {host} is on without a rule: nothing can reach this server.",
        "Give it a template that accepts at least SSH from where you deploy.",
        "On, it drops whatever no rule allows. The lock-out check refuses it before anything changes.",
    ),
    VF312: entry(
        "warning",
        "the firewall of {host} is turned off: everything opens; its {waiting} rules stay stored.",
        "Leave enabled at true unless that is what you mean.",
        "Off, all traffic reaches the server.",
    ),
    VF313: entry(
        "error",
        "{rule} {field} can't be said in the rows of {panel}: {problem}.",
        "Say it as proposed, or enforce this rule on the host with HostFirewall.",
        "A row of the panel has a protocol, an address and a range of ports, and it only allows.",
    ),
    VF314: entry(
        "error",
        "the rows of {panel} would not mean the rules: {packet}: {done}, not {meant}.",
        "Please report it, with the rules; the rows are not to be entered.",
        "Rows are read by a second reader and held to the rules before anybody sees them.",
    ),
    VF315: entry(
        "warning",
        "{panel}: {note}",
        "Look whether that is what you mean (docs/panels.md).",
        "What rows don't say themselves, a reader of them has to know.",
    ),
    VF316: entry(
        "note",
        "{panel}: whether its rows mean the rules was not proven: the rules cross each other in too many ways.",
        "Split the template.",
        "The second reader has given up, and what was not proven is said.",
    ),
} as const;
