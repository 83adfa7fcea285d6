import type { KeyedRule } from "../../model/policy";
import { type Finding, finding } from "./finding";

const DAYS_BEFORE = 30;
const DAY = 24 * 60 * 60 * 1000;

/** Rules that are wanted no longer, or soon. `today` and the dates are days of UTC. */
export function dateFindings(rules: readonly KeyedRule[], today: string | undefined): Finding[] {
    if (today === undefined) return [];
    return rules.flatMap(({ key, rule: { expires } }) => {
        if (expires === undefined) return [];
        const days = (Date.parse(expires) - Date.parse(today)) / DAY;
        if (days < 0) return [finding("VF232", key, [key], { rule: key, date: expires })];
        return days <= DAYS_BEFORE ? [finding("VF233", key, [key], { rule: key, date: expires })] : [];
    });
}
