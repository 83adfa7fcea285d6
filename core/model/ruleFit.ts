import { type Diagnostic, diagnostic } from "./diagnostics";
import { formatProtocol } from "./protocols";
import type { Rule } from "./rule";
import { secondsToRefill } from "./ruleOptions";

const WEEK = 7 * 86400;

/** What parts of a rule can't stand together, each as VF039 at the field that is to blame. */
export function unfitParts(rule: Rule, path?: string): Diagnostic[] {
    const { action, matches, limit, answer, flags } = rule;
    const onlyTcp = matches.every(({ protocol }) => protocol === "tcp");
    const said = matches.map(({ protocol }) => formatProtocol(protocol)).join(" + ");
    const problems: Diagnostic[] = [];
    const report = (field: string, reason: string, fix: string) =>
        problems.push(diagnostic("VF039", { field, reason, fix }, path === undefined ? field : `${path}.${field}`));
    if (limit && action !== "accept")
        report(
            "limit",
            `this rule says ${action}, and what is beyond a limit goes on to the next rule`,
            "Accept within the limit; what is beyond it meets the rules behind and the default action.",
        );
    if (limit?.perSource && secondsToRefill(limit) > WEEK)
        report(
            "limit",
            "each source would have to be remembered for more than a week",
            "Take a lower burst or a higher rate, or leave out per source.",
        );
    if (answer && action !== "reject")
        report("rejectWith", `this rule says ${action}`, 'Say action: "reject", or leave rejectWith out.');
    if (answer === "tcp-reset" && !onlyTcp)
        report("rejectWith", `a reset answers tcp only, and this rule says ${said}`, "Write a rule for tcp alone.");
    if (flags && !onlyTcp) report("tcpFlags", `only tcp has flags, and this rule says ${said}`, 'Say protocol: "tcp".');
    return problems;
}
