import type { Probe } from "../../targets/ssh";
import { checkMemory } from "../../provider/memoryCheck";
import { policy } from "../core/dialects/nftables/build";

/** Addresses, none beside another. */
const withEntries = (count: number) => {
    const ranges = Array.from({ length: count }, (_, i) => {
        const address = (10n << 24n) + 2n * BigInt(i);
        return { family: 4 as const, first: address, last: address };
    });
    return { ...policy({}), sets: [{ name: "list", ranges }] };
};
const MB = 1_000_000;
const by = (backend: Probe["filter"]["backend"]) => ({ backend, version: "1.0.6", ipset: false });

test.each([
    ["nftables", 1000 * MB, "1020 MB"],
    ["iptables", 1500 * MB, "2020 MB"],
] as const)(
    "%s: a set that the host has no room for is refused, with both numbers",
    (backend, memoryAvailable, needs) => {
        const check = () => checkMemory("192.0.2.10", withEntries(1_000_000), { memoryAvailable, filter: by(backend) });
        expect(check).toThrow(
            `VF198 192.0.2.10 has ${memoryAvailable / MB} MB of memory left, and address sets with 1,000,000 entries may need ${needs} there.`,
        );
    },
);

test.each([
    ["nftables", 1_000_000, 1100 * MB],
    ["iptables", 1_000_000, 2100 * MB],
    ["nftables", 100_000, 130 * MB],
    ["nftables", 9000, 1 * MB],
    ["nftables", 1_000_000, undefined],
] as const)("%s: %s entries are not refused with %s bytes", (backend, entries, memoryAvailable) => {
    const filter = by(backend);
    expect(() => checkMemory("192.0.2.10", withEntries(entries), { memoryAvailable, filter })).not.toThrow();
});
