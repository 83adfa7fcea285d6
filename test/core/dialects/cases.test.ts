// The shared cases: each dialect says the same template, or which rule and field it can't say.

import { decide, type Packet } from "../../../core/analysis/decide";
import { CannotExpress } from "../../../core/dialects/dialect";
import { splitFamilies } from "../../../core/dialects/iptables/families";
import { openTemplates, proveTemplate, renderTemplate } from "../../../core/dialects/layerstack";
import {
    openSecurityGroup,
    openVps,
    proveSecurityGroup,
    proveVpsRows,
    renderSecurityGroup,
    renderVpsRows,
} from "../../../core/dialects/leaseweb";
import { openDecider } from "../../../core/dialects/netcup/decidePacket";
import { prove as proveNetcup } from "../../../core/dialects/netcup/prove";
import { render as renderNetcup, rulesOf } from "../../../core/dialects/netcup/render";
import { READINGS } from "../../../core/dialects/netcup/rule";
import { render as renderNft, nftables } from "../../../core/dialects/nftables";
import { iptables } from "../../../core/dialects/iptables";
import { mergeRanges } from "../../../core/model/addresses";
import { parseRule } from "../../../core/model/parseRule";
import type { Policy } from "../../../core/model/policy";
import { interpreterOf, saveInterpreterOf } from "../../kernel/interpreter";
import { rangeOf } from "./allowLists";
import { cases, type DialectCase, type Target, TARGETS } from "./cases";
import { saveOf } from "./iptables/save";
import { ownership } from "./nftables/policies";
import { type Ask, packetOf } from "./packetWords";

/** What a target makes of a policy: whether that is proven to mean it, and what becomes of a packet. */
interface Applied {
    readonly proven: boolean;
    readonly verdict: (packet: Packet) => string;
}

const NOT_BLOCKED = { provider: "nobody", date: "", blocked: [] };

const onTarget: Readonly<Record<Target, (policy: Policy) => Applied>> = {
    nftables: (policy) => {
        const text = renderNft(policy, ownership);
        const ask = interpreterOf(text);
        const proven = nftables.prove({ text }, policy) === undefined;
        return { proven, verdict: (packet) => String(ask({ ...packet, hopLimit: 64 })) };
    },
    iptables: (policy) => {
        const proven = iptables.prove({ text: iptables.render(policy, ownership) }, policy) === undefined;
        const ask = saveInterpreterOf(splitFamilies(saveOf(policy)));
        return { proven, verdict: (packet) => String(ask({ ...packet, hopLimit: 64 })) };
    },
    netcup: (policy) => {
        const policies = [{ name: "web", copied: false, rules: rulesOf(renderNetcup(policy)) }];
        const deciders = READINGS.map((reading) => openDecider(policies, reading));
        const verdict = (packet: Packet) => [...new Set(deciders.map((each) => each(packet).verdict))].join(" or ");
        return { proven: proveNetcup(policies, policy) === undefined, verdict };
    },
    "leaseweb security group": (policy) => {
        const { rows } = renderSecurityGroup(policy);
        const ask = openSecurityGroup(rows, NOT_BLOCKED);
        return { proven: proveSecurityGroup(rows, policy) === undefined, verdict: (packet) => ask(packet).verdict };
    },
    "leaseweb vps": (policy) => {
        const { rows } = renderVpsRows(policy);
        const ask = openVps({ enabled: true, rows }, NOT_BLOCKED);
        return { proven: proveVpsRows(rows, policy) === undefined, verdict: (packet) => ask(packet).verdict };
    },
    layerstack: (policy) => {
        const { template } = renderTemplate(policy);
        const ask = openTemplates([template]);
        return { proven: proveTemplate(template, policy) === undefined, verdict: (packet) => ask(packet).verdict };
    },
};

function policyOf({ rules, sets = {}, defaults }: DialectCase): Policy {
    return {
        defaults,
        sets: Object.entries(sets).map(([name, entries]) => ({ name, ranges: mergeRanges(entries.map(rangeOf)) })),
        rules: rules.map((line, index) => {
            const read = parseRule(line);
            if ("problem" in read) throw new Error(read.problem.message);
            return { key: `web/r${index + 1}`, rule: read.rule };
        }),
    };
}

/** What is said of the packets is what the model says, so the cases can't go astray together. */
const expected = (policy: Policy, target: Target, packet: Packet) => {
    // The two lists of Leaseweb have no IPv6: it stays closed, which a note says.
    if (target.startsWith("leaseweb") && packet.family === 6 && packet.direction === "ingress") return "drop";
    return decide(policy, packet).verdict;
};

describe.each(cases)("$name", (each) => {
    const policy = policyOf(each);
    const packets = Object.entries(each.packets).map(([ask, said]) => ({ ask, said, packet: packetOf(ask as Ask) }));

    test("means this", () => {
        const refusing = (verdict: string) => (verdict === "accept" ? "accept" : "drop");
        for (const { ask, said, packet } of packets)
            expect([ask, refusing(decide(policy, packet).verdict)]).toEqual([ask, said]);
    });

    test.each(TARGETS)("on %s", (target) => {
        const refused = each.refused?.[target];
        if (refused) {
            const problem = refusalOf(() => onTarget[target](policy));
            expect([problem.key, problem.field]).toEqual(refused);
            // The way out.
            expect(problem.problem).toMatch(/: (say|leave it out|leave the limit out)/);
            return;
        }
        const { proven, verdict } = onTarget[target](policy);
        expect(proven).toBe(true);
        const word = (packet: Packet) => verdict(packet).replace("tcp-reset", "reject");
        for (const { ask, packet } of packets)
            expect([ask, word(packet)]).toEqual([ask, expected(policy, target, packet)]);
    });
});

function refusalOf(render: () => unknown): CannotExpress {
    try {
        render();
    } catch (error) {
        if (error instanceof CannotExpress) return error;
        throw error;
    }
    throw new Error("it is not refused");
}
