import {
    interpretSecurityGroup,
    interpretVps,
    openSecurityGroup,
    openVps,
    proveSecurityGroup,
    proveVpsRows,
    renderSecurityGroup,
    renderVpsRows,
    securityGroupChanges,
    type SecurityGroupRule,
    vpsRowChanges,
    type VpsRow,
} from "../../../../core/dialects/leaseweb";
import { type PanelForm, shifted, testAgreement } from "../allowListAgreement";
import { otherCidr, rangeOf } from "../allowLists";

const NOTHING_BLOCKED = { provider: "nobody", date: "", blocked: [] };

/** Rows come in, and what they leave out of IPv6 is in a note. */
const inbound = {
    directions: ["ingress"],
    isSaid: ({ family, direction }) => family === 4 || direction === "egress",
} satisfies Partial<PanelForm<unknown, unknown>>;

const sayable = { directions: ["ingress", "ingress", "egress"], freeEgress: true } as const;

const vps: PanelForm<readonly VpsRow[], VpsRow> = {
    ...inbound,
    sayable: { ...sayable, icmpTypes: false },
    list: (rows) => rows,
    withList: (_rows, _direction, rows) => rows,
    render: (policy) => renderVpsRows(policy).rows,
    prove: proveVpsRows,
    changes: vpsRowChanges,
    interpret: (rows, direction, diagrams) => interpretVps({ enabled: true, rows }, direction, diagrams),
    open: (rows) => openVps({ enabled: true, rows }, NOTHING_BLOCKED),
    extentOf: ({ protocol, source, startPort = 0, endPort = startPort }) => ({
        protocols: [protocol],
        ranges: [rangeOf(source)],
        span: () => (protocol === "ICMP" ? { first: 0, last: 65535 } : { first: startPort, last: endPort }),
    }),
    change: (row, random) => {
        const { protocol, startPort, endPort, source, ...rest } = row;
        const other = random.pick((["TCP", "UDP", "ICMP"] as const).filter((each) => each !== protocol));
        if (random.chance(0.2))
            return other === "ICMP"
                ? { ...rest, protocol: other, source }
                : { ...row, protocol: other, startPort: startPort ?? 22 };
        const cidr = otherCidr(source, random);
        if (protocol === "ICMP" || random.chance(0.4)) return cidr === undefined ? undefined : { ...row, source: cidr };
        const [first, last] = shifted(startPort!, endPort ?? startPort!, random);
        return first < 1 || last > 65535 || first > last ? undefined : { ...row, startPort: first, endPort: last };
    },
};

const group: PanelForm<readonly SecurityGroupRule[], SecurityGroupRule> = {
    ...inbound,
    sayable: { ...sayable, icmpTypes: true },
    list: (rules) => rules,
    withList: (_rules, _direction, rules) => rules,
    render: (policy) => renderSecurityGroup(policy).rows,
    prove: proveSecurityGroup,
    changes: securityGroupChanges,
    interpret: interpretSecurityGroup,
    open: (rules) => openSecurityGroup(rules, NOTHING_BLOCKED),
    extentOf: ({ protocol, source, startPort, endPort, icmpType, icmpCode }) => ({
        protocols: [protocol],
        ranges: [rangeOf(source)],
        span: () => {
            if (protocol !== "ICMP") return { first: Math.max(startPort!, 1), last: endPort! };
            if (icmpType === -1) return { first: 0, last: 65535 };
            const first = icmpType! * 256;
            return icmpCode === -1
                ? { first, last: first + 255 }
                : { first: first + icmpCode!, last: first + icmpCode! };
        },
    }),
    change: (rule, random) => {
        const cidr = otherCidr(rule.source, random);
        if (random.chance(0.4)) return cidr === undefined ? undefined : { ...rule, source: cidr };
        if (rule.protocol === "ICMP") {
            if (rule.icmpType === -1) return { ...rule, icmpType: random.below(256) };
            return random.chance(0.5)
                ? { ...rule, icmpType: random.below(256) }
                : { ...rule, icmpCode: rule.icmpCode === -1 ? random.below(256) : -1 };
        }
        if (random.chance(0.3)) return { ...rule, protocol: rule.protocol === "TCP" ? "UDP" : "TCP" };
        const [startPort, endPort] = shifted(rule.startPort!, rule.endPort!, random);
        return startPort < 0 || endPort > 65535 || startPort > endPort || endPort < 1
            ? undefined
            : { ...rule, startPort, endPort };
    },
};

describe("the rows of a VPS", () => testAgreement("LW-28", vps));
describe("the rules of a security group", () => testAgreement("LW-28", group));
