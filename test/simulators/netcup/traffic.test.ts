import fc from "fast-check";
import { decide, type Packet } from "../../../core/analysis/decide";
import { formatPacket } from "../../../core/analysis/witness";
import { countRules, MOST_RULES } from "../../../core/dialects/netcup/count";
import { render, rulesOf } from "../../../core/dialects/netcup/render";
import { formatAddress } from "../../../core/model/addresses";
import type { Policy } from "../../../core/model/policy";
import { createPolicy, getFirewall, type Panel, putFirewall, replacePolicy } from "../../../targets/netcup";
import { wrongAt } from "../../core/dialects/netcup/oracle";
import { DROP, policyOf, USUAL } from "../../core/dialects/netcup/panel";
import { boundariesIn, packetAt, policies, renderedIfSmall } from "../../core/dialects/netcup/random";
import { randomFrom } from "../../kernel/random";
import { closeAll, openAccount, web } from "../../targets/netcup/kit";
import type { NetcupSimulator } from ".";
import { openTraffic, type SimulatedPacket } from "./decide";

afterEach(closeAll);

/** Puts a policy onto the first server as its only one, and asks what the panel decides from then on. */
async function opened({ copied = true } = {}) {
    const { simulator, panel } = await openAccount();
    const found = await getFirewall(panel, web);
    const { id } = await createPolicy(panel, { name: "web", description: "", rules: [] });
    const copiedPolicies = copied ? found.copiedPolicies.map((policy) => policy.id) : [];
    await putFirewall(panel, web, { copiedPolicies, userPolicies: [id], active: true });
    return { simulator, put: (policy: Policy) => put(panel, id, policy) };
}

const put = (panel: Panel, id: number, policy: Policy) =>
    replacePolicy(panel, id, { name: "web", description: "", rules: rulesOf(render(policy)) });

const traffic = ({ state }: NetcupSimulator) => openTraffic(state, state.servers[0]!.nics[0]!);

function simulated({ direction, family, source, destination, ...packet }: Packet): SimulatedPacket {
    return {
        ...packet,
        direction: direction === "ingress" ? "INGRESS" : "EGRESS",
        source: formatAddress(family, source),
        destination: formatAddress(family, destination),
        isOfOwnConnection: direction === "ingress" && packet.protocol === 6 && packet.state === "established",
    };
}

test("the template and the panel, filled over HTTP, decide 100,000 packets alike: both families, both directions, replies too", async () => {
    const { simulator, put } = await opened({ copied: false });
    const counts = { accept: 0, drop: 0, reply: 0 };
    await fc.assert(
        fc.asyncProperty(policies, fc.nat(), async (policy, seed) => {
            const rules = renderedIfSmall(policy);
            if (!rules || countRules(rules) > MOST_RULES) return;
            await put(policy);
            const decideThere = traffic(simulator);
            const random = randomFrom(seed);
            const edges = boundariesIn(policy);
            for (let i = 0; i < 1000; i++) {
                const packet = packetAt(edges, random.below);
                const verdict = decideThere(simulated(packet)) === "ACCEPT" ? "accept" : "drop";
                const wrong = wrongAt(policy, packet, verdict);
                if (wrong !== undefined) throw new Error(`${formatPacket(packet)} (${packet.state}): ${wrong}`);
                counts[packet.state === "established" ? "reply" : verdict]++;
            }
        }),
        { numRuns: 130 },
    );
    const all = counts.accept + counts.drop + counts.reply;
    process.stdout.write(`    ${all} packets: ${JSON.stringify(counts)}\n`);
    expect(all).toBeGreaterThanOrEqual(100_000);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(10_000);
});

test("a rule too few, too many or in another place is seen: the comparison bites", async () => {
    const { simulator, put } = await opened({ copied: false });
    const policy = policyOf(["drop tcp from 198.51.100.0/24 to port 22", "accept tcp from anywhere to port 22"]);
    await put(policy);
    const [held] = simulator.state.policies;
    const rules = [...held!.rules];
    const isRight = () => {
        const decideThere = traffic(simulator);
        const random = randomFrom(7);
        const edges = boundariesIn(policy);
        return Array.from({ length: 2000 }, () => packetAt(edges, random.below)).every(
            (packet) =>
                wrongAt(policy, packet, decideThere(simulated(packet)) === "ACCEPT" ? "accept" : "drop") === undefined,
        );
    };
    expect(isRight()).toBe(true);
    for (const changed of [rules.slice(1), rules.slice(0, -1), [...rules].reverse()]) {
        held!.rules = changed;
        expect(isRight()).toBe(false);
    }
});

describe("what netcup's own policies do besides", () => {
    const at = (words: Partial<SimulatedPacket>): SimulatedPacket => ({
        direction: "INGRESS",
        protocol: 6,
        source: "203.0.113.9",
        destination: "192.0.2.11",
        sourcePort: 40000,
        destinationPort: 22,
        ...words,
    });
    const mail = at({ direction: "EGRESS", source: "192.0.2.11", destination: "203.0.113.9", destinationPort: 25 });
    const ping = at({ protocol: 1, sourcePort: undefined, destinationPort: undefined });

    test("NC-4: a new server lets everything through but what its copied policies drop", async () => {
        const { simulator } = await openAccount();
        const decideThere = traffic(simulator);
        expect([at({}), at({ protocol: 17 }), ping].map(decideThere)).toEqual(["ACCEPT", "ACCEPT", "ACCEPT"]);
        expect(decideThere(mail)).toBe("DROP");
    });

    test("NC-11, NC-16: with a template, ping still gets through and mail still does not", async () => {
        const { simulator, put } = await opened();
        await put(policyOf(["accept tcp from anywhere to port 22", "egress accept tcp to anywhere port 25"], DROP));
        const decideThere = traffic(simulator);
        expect([at({}), ping, mail].map(decideThere)).toEqual(["ACCEPT", "ACCEPT", "DROP"]);
        expect(decideThere(at({ destinationPort: 23 }))).toBe("DROP");
    });

    test("NC-22: a direction without rules stays open, and off is off", async () => {
        const { simulator, put } = await opened();
        const policy = policyOf(["accept tcp from anywhere to port 22"], USUAL);
        await put(policy);
        const out = { ...mail, destinationPort: 443 };
        expect([out, at({ destinationPort: 23 })].map(traffic(simulator))).toEqual(["ACCEPT", "DROP"]);
        expect(decide(policy, { ...packetOf(out) }).verdict).toBe("accept");
        simulator.state.servers[0]!.nics[0]!.firewall!.active = false;
        expect(traffic(simulator)(at({ destinationPort: 23 }))).toBe("ACCEPT");
    });
});

function packetOf({ protocol, sourcePort = 0, destinationPort = 0 }: SimulatedPacket): Packet {
    const ends = { source: 0xc000020bn, destination: 0xcb007109n };
    return { direction: "egress", family: 4, protocol, ...ends, sourcePort, destinationPort };
}
