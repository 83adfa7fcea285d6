import { type Exposure, exposure } from "../../core/analysis/exposure";
import { NOT_ANALYSED } from "../../core/analysis/exposure";
import type { SecurityGroupRule } from "../../core/dialects/leaseweb";
import { formatRule } from "../../core/model/formatRule";
import { icmpMessageName } from "../../core/model/icmpTypes";
import { parseRule } from "../../core/model/parseRule";
import type { KeyedRule } from "../../core/model/policy";
import type { Rule } from "../../core/model/rule";

/** Rows by what they allow, in the words of a rule's line: `tcp from 198.51.100.0/24 to port 22`. */
export function rowText(row: SecurityGroupRule): string {
    const rule = ruleOf(row);
    return rule ? formatRule(rule).replace(/^accept /, "") : `(not understood) ${JSON.stringify(contentOf(row))}`;
}

/** What comes in by rows; they know no direction but in. */
export function exposureOfRows(rows: readonly SecurityGroupRule[]): Exposure {
    const read = rows.map(ruleOf);
    const rules = read.flatMap((rule, index): KeyedRule[] => (rule ? [{ key: `rows/${index}`, rule }] : []));
    const known = exposure({ rules, sets: [], defaults: { ingress: "drop", egress: "accept" } });
    return rules.length === rows.length ? known : { ...known, "ingress any": NOT_ANALYSED };
}

function ruleOf({ protocol, source, startPort, endPort, icmpType, icmpCode }: SecurityGroupRule): Rule | undefined {
    const isIpv6 = source.includes(":");
    const icmp = isIpv6 ? "icmpv6" : "icmp";
    const type = icmpType ?? -1;
    const code = icmpCode ?? -1;
    const what =
        protocol !== "ICMP"
            ? protocol.toLowerCase()
            : type === -1
              ? icmp
              : `${icmp} ${icmpMessageName(icmp, code === -1 ? { type } : { type, code })}`;
    const [first, last] = [Math.max(1, startPort ?? 1), endPort ?? 65535];
    const isEvery = protocol === "ICMP" || (first === 1 && last === 65535);
    const ports = isEvery ? "" : ` to port ${first === last ? first : `${first}-${last}`}`;
    const read = parseRule(`accept ${what} from ${source}${ports}`);
    return "rule" in read ? read.rule : undefined;
}

function contentOf({ protocol, source, startPort, endPort, icmpType, icmpCode }: SecurityGroupRule) {
    return { protocol, source, startPort, endPort, icmpType, icmpCode };
}
