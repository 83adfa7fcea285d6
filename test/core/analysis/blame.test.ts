import { blameFor } from "../../../core/analysis/blame";
import { decide } from "../../../core/analysis/decide";
import type { Packet } from "../../../core/analysis/decide";
import { policyFrom } from "./exposureOf";

const rules = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [
        `r${i}`,
        i % 3
            ? `accept tcp from anywhere to port ${1000 + 2 * i}-${1000 + 2 * i + (i % 7)}`
            : `drop tcp from 10.${i % 20}.0.0/16 to port ${1000 + i}`,
    ]),
);
const policy = policyFrom({ ...rules, wide: "accept tcp from 10.7.0.0/16 to port 1500-1700" });

const packetFrom = (third: number): Packet => ({
    direction: "ingress",
    family: 4,
    protocol: 6,
    source: BigInt(10 * 2 ** 24 + third * 2 ** 16 + 1),
    destination: 0xc000020an,
    sourcePort: 40000,
    destinationPort: 1000,
});

test.each([1, 20])("what decides each port of %i groups is what decides its packets one by one", (count) => {
    const all = Array.from({ length: count }, (_, i) => ({
        packet: packetFrom(i),
        ports:
            i % 2
                ? [{ first: 1003 + i, last: 1005 + i }]
                : [
                      { first: 990, last: 1200 },
                      { first: 1400, last: 1700 },
                  ],
    }));
    const expected = all.map(({ packet, ports }) => {
        const keys = new Set<string>();
        for (const { first, last } of ports)
            for (let port = first; port <= last; port++)
                keys.add(decide(policy, { ...packet, destinationPort: port }).by);
        return [...policy.rules.map(({ key }) => key), "default action"].filter((key) => keys.has(key));
    });
    expect(blameFor(policy, all)).toEqual(expected);
});

test("a packet without ports is decided by itself", () => {
    const echo: Packet = { ...packetFrom(1), protocol: 1, icmpType: 8 };
    expect(blameFor(policyFrom({ ping: "accept icmp echo-request from anywhere" }), [{ packet: echo }])).toEqual([
        ["web/ping"],
    ]);
});
