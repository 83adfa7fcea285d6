import {
    interpretTemplates,
    type LayerStackRow,
    type LayerStackTemplate,
    openTemplates,
    proveTemplate,
    renderTemplate,
    templateChanges,
} from "../../../../core/dialects/layerstack";
import { wholeFamily } from "../../../../core/model/addresses";
import type { Direction } from "../../../../core/model/rule";
import type { Random } from "../../../kernel/random";
import { type PanelForm, shifted, testAgreement } from "../allowListAgreement";
import { otherCidr, rangeOf } from "../allowLists";

const THREE = ["TCP", "UDP", "ICMP"] as const;
const listFor = (direction: Direction) => (direction === "ingress" ? "inbound" : "outbound");

const template: PanelForm<LayerStackTemplate, LayerStackRow> = {
    sayable: { directions: ["ingress", "egress"], icmpTypes: false, freeEgress: false },
    directions: ["ingress", "egress"],
    isSaid: () => true,
    list: (lists, direction) => lists[listFor(direction)],
    withList: (lists, direction, rows) => ({ ...lists, [listFor(direction)]: rows }),
    render: (policy) => renderTemplate(policy).template,
    prove: proveTemplate,
    changes: (before, after, direction) => templateChanges(before, after)[listFor(direction)],
    interpret: (lists, direction, diagrams) => interpretTemplates([lists], direction, diagrams),
    open: (lists) => openTemplates([lists]),
    extentOf: ({ traffic, address }) => {
        const [protocol = "", ports = "ALL"] = traffic.split(": ");
        const [first = 0, last = first] = ports === "ALL" ? [] : ports.split("-").map(Number);
        return {
            protocols: THREE.filter((each) => protocol === "ALL" || protocol === each),
            ranges: address === undefined ? [wholeFamily(4), wholeFamily(6)] : [rangeOf(address)],
            span: (each) => (ports === "ALL" ? { first: each === "ICMP" ? 0 : 1, last: 65535 } : { first, last }),
        };
    },
    change: (row, random) => {
        if (random.chance(0.4)) {
            const address = otherAddress(row.address, random);
            return address === undefined ? undefined : { ...row, address };
        }
        const traffic = otherTraffic(row.traffic, random);
        return traffic === undefined ? undefined : { ...row, traffic };
    },
};

function otherAddress(address: string | undefined, random: Random): string | undefined {
    return address === undefined ? random.pick(["0.0.0.0/0", "::/0", "10.0.0.4/30"]) : otherCidr(address, random);
}

function otherTraffic(traffic: string, random: Random): string | undefined {
    const [protocol = "", ports = "ALL"] = traffic.split(": ");
    const others = THREE.filter((each) => each !== protocol);
    if (protocol === "ALL" || random.chance(0.3)) return `${random.pick(others)}: ALL`;
    if (ports === "ALL") return protocol === "ICMP" ? "ALL" : random.pick(["ALL", `${protocol}: 22`]);
    if (random.chance(0.3)) return `${protocol === "TCP" ? "UDP" : "TCP"}: ${ports}`;
    const [start = 0, end = start] = ports.split("-").map(Number);
    const [first, last] = shifted(start, end, random);
    return first < 1 || last > 65535 || first > last ? undefined : `${protocol}: ${first}-${last}`;
}

describe("the rows of a template", () => testAgreement("LS-18", template));
