import fc from "fast-check";
import { type Listening, mayReach } from "../../../core/analysis/mayReach";
import { parseAddressRange } from "../../../core/model/parseAddress";
import { policyFrom } from "./exposureOf";
import { isAccepted, packets, smallPolicy } from "./packets";

const anywhere: Listening = { protocol: "tcp", port: 5432, families: [4, 6] };

function at(address: string): Listening {
    const parsed = parseAddressRange(address);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return { ...anywhere, own: parsed.range, families: [parsed.range.family] };
}

const reaches = (lines: readonly string[], listening = anywhere, more = {}) =>
    mayReach(policyFrom(Object.fromEntries(lines.map((line, i) => [`r${i}`, line])), more), listening);

test.each([
    [["accept tcp from anywhere to port 22"]],
    [["accept udp from anywhere to port 5432"]],
    [["drop tcp from anywhere to port 5432", "accept tcp from anywhere to port 5000-6000"]],
    [["drop tcp from anywhere IPv4", "drop any from ::/0", "accept any from anywhere"]],
    [["egress accept any to anywhere"]],
])("%j: nobody", (lines) => expect(reaches(lines)).toBe(false));

test.each([
    [["accept tcp from 192.0.2.7 to port 5432"]],
    [["accept tcp from anywhere port 53 to port 5432"]],
    [["accept tcp from (not known yet) to port 5432"]],
    [["accept tcp from 192.0.2.7 to port (not known yet)"]],
    [["drop tcp from anywhere port 53", "accept any from anywhere"]],
    [["drop any from anywhere to 192.0.2.10", "accept any from anywhere"]],
    [["drop any from anywhere IPv4", "accept any from anywhere"]],
])("%j: somebody, perhaps", (lines) => expect(reaches(lines)).toBe(true));

test("what listens on one address is asked there", () => {
    const lines = ["accept any from anywhere to 192.0.2.10"];
    expect(reaches(lines, at("192.0.2.10"))).toBe(true);
    expect(reaches(lines, at("192.0.2.11"))).toBe(false);
    expect(reaches(lines, at("2001:db8::a"))).toBe(false);
    expect(reaches(["drop tcp from anywhere IPv4"], at("192.0.2.10"), { defaults: { ingress: "accept" } })).toBe(false);
});

test("in a small world, nobody means that no packet is accepted", () => {
    const port = 2;
    let nobodies = 0;
    const own = fc.option(fc.constantFrom(...new Set(packets.map((packet) => packet.own))), { nil: undefined });
    fc.assert(
        fc.property(smallPolicy({ narrowing: true }), own, (policy, address) => {
            const listening = { ...(address === undefined ? anywhere : at(address)), port };
            if (mayReach(policy, listening)) return;
            nobodies++;
            for (const packet of packets)
                if (
                    packet.direction === "ingress" &&
                    packet.protocol === "tcp" &&
                    packet.destination === port &&
                    (address === undefined || packet.own === address)
                )
                    expect(isAccepted(policy, packet)).toBe(false);
        }),
        { numRuns: 1000 },
    );
    expect(nobodies).toBeGreaterThan(100);
});
