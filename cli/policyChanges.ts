import { printable } from "../core/model/diagnostics";
import type { StoredPolicy } from "../core/model/storedPolicy";
import { ruleLines } from "../review/ruleLines";

/**
 * What changes from one policy to the other, a line each: `+ web/https  accept ...`, `~ set office  192.0.2.1 => 192.0.2.2`.
 * All that it says, where there is none before.
 */
export function policyChanges(before: StoredPolicy | undefined, after: StoredPolicy): string[] {
    return ruleLines(before, after).map(({ key, before: was, after: is }) => {
        const said = [was, is].filter((words) => words !== undefined).join(" => ");
        const sign = was === undefined ? "+" : is === undefined ? "-" : "~";
        return printable(`${sign} ${key}  ${said}`);
    });
}
