import type { Verdict } from "./batch";
import { type Cell, type Fault, FAULTS, LONG_FAULTS, MOMENTS, type Operation, OPERATIONS, whyNot } from "./cells";

/** `1071 cells, 0 lock-outs, 0 disagreements`. */
export function closingLine(verdicts: readonly Verdict[]): string {
    const lockouts = verdicts.filter(({ lockedOut }) => lockedOut !== "").length;
    const disagreements = verdicts.filter(({ disagreements }) => disagreements.length > 0).length;
    return `${verdicts.length} cells, ${lockouts} lock-outs, ${disagreements} disagreements`;
}

/** What is wrong with a cell, in lines; empty when nothing is. */
export function problemsOf({ cell, lockedOut, disagreements }: Verdict): string[] {
    const name = `${cell.kind} ${cell.userland} ${cell.filter} ${cell.operation} ${cell.moment} ${cell.fault}`;
    return [...(lockedOut === "" ? [] : [`locked out: ${lockedOut}`]), ...disagreements].map(
        (text) => `${name}: ${text}`,
    );
}

const FAULT_WORDS: Readonly<Record<Fault, string>> = {
    "client-killed": "client killed (SIGKILL)",
    "network-cut": "network cut for 8 s",
    "sshd-killed": "sshd killed",
    "revert-killed": "what reverts killed",
    reboot: "host rebooted, or its power cut",
    "disk-full": "disk full",
    "disk-read-only": "disk read-only",
    "nft-failing": "nft or iptables fails for 8 s",
    "clock-jump": "clock jumps by a day",
    "network-gone": "network gone until the client gives up (VF111)",
    "nft-broken": "nft or iptables loads nothing any more (VF112)",
};

const OPERATION_WORDS: Readonly<Record<Operation, string>> = {
    create: "first apply",
    change: "change",
    delete: "delete",
};

/** The tables of docs/safety.md: what the host ran after each cell, with nobody helping. */
export function renderTable(verdicts: readonly Verdict[]): string {
    const tables = OPERATIONS.map((operation) => {
        const rows = [...FAULTS, ...LONG_FAULTS].map((fault) => {
            const entries = MOMENTS.map((moment) =>
                entryOf(
                    verdicts.filter(
                        ({ cell }) => cell.operation === operation && cell.moment === moment && cell.fault === fault,
                    ),
                ),
            );
            return entries.every((entry) => entry === "–") ? undefined : row([FAULT_WORDS[fault], ...entries]);
        });
        const head = row([`${OPERATION_WORDS[operation]}: fault \\ moment`, ...MOMENTS]);
        const rule = row(["---", ...MOMENTS.map(() => "---")]);
        return [head, rule, ...rows.filter((line) => line !== undefined)].join("\n");
    });
    const removed = verdicts.filter(({ ended }) => ended === "removed").length;
    const counts = [
        ...countsOf(verdicts, "kind"),
        ...countsOf(verdicts, "userland"),
        ...countsOf(verdicts, "filter"),
        `${removed} that ended with VF112`,
    ];
    return `${tables.join("\n\n")}\n\n${closingLine(verdicts)} (${counts.join(", ")}).`;
}

/** `old 4, new 3`. */
function entryOf(verdicts: readonly Verdict[]): string {
    const ends = ["old", "new", "removed", "wrong"].flatMap((end) => {
        const count = verdicts.filter(({ ended }) => ended === end).length;
        return count > 0 ? [`${end} ${count}`] : [];
    });
    return ends.join(", ") || "–";
}

function countsOf(verdicts: readonly Verdict[], what: "kind" | "userland" | "filter"): string[] {
    return [...new Set(verdicts.map(({ cell }) => cell[what]))].map(
        (value) => `${verdicts.filter(({ cell }) => cell[what] === value).length} ${value}`,
    );
}

function row(entries: readonly string[]): string {
    return `| ${entries.join(" | ")} |`;
}

/** Why there are no cells where the table has a dash. */
export function renderReasons(impossible: readonly Cell[]): string {
    const counts = new Map<string, number>();
    for (const cell of impossible) {
        const reason = whyNot(cell)!;
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return [...counts].map(([reason, count]) => `- ${count} cells: ${reason}.`).join("\n");
}
