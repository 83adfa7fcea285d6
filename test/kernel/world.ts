import { type AddressRange, BITS, type Family, prefixToRange } from "../../core/model/addresses";
import { parseAddressRange } from "../../core/model/parseAddress";
import type { PortRange } from "../../core/model/ports";
import type { Random } from "./random";

/** What the rules of one policy draw from: few addresses and ports, so that rules overlap and touch. */
export interface World {
    address(family: Family): bigint;
    range(family: Family): AddressRange;
    port(): number;
    portRange(): PortRange;
}

/** Every kind of address that can be asked about, and the edges of what the base names. */
const CENTRES = {
    4: [
        "10.0.0.0",
        "192.0.2.10",
        "203.0.113.128",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.0.1",
        "224.0.0.1",
        "255.255.255.250",
        "0.0.0.4",
    ],
    6: [
        "2001:db8::10",
        "2001:db8:ffff::",
        "fe80::1",
        "fe7f:ffff::",
        "febf:ffff::ff",
        "fd00::1",
        "ff02::1",
        "64:ff9b::1",
        "ffff::1",
    ],
} as const;

/** Those that the base names, and those at the ends. */
const PORTS = [1, 2, 22, 53, 66, 67, 68, 80, 443, 545, 546, 547, 1023, 1024, 8000, 32768, 65534, 65535];

export function worldFrom(random: Random): World {
    const some = <T>(count: number, make: () => T) => Array.from({ length: count }, make);
    const centre = (family: Family) => {
        if (random.chance(0.2)) return random.bits(BITS[family]);
        const parsed = parseAddressRange(random.pick(CENTRES[family]));
        if ("problem" in parsed) throw new Error(parsed.problem.message);
        return parsed.range.first;
    };
    const addresses = { 4: [] as bigint[], 6: [] as bigint[] };
    for (const family of [4, 6] as const)
        for (const near of some(1 + random.below(3), () => centre(family)))
            addresses[family].push(...some(6, () => BigInt.asUintN(BITS[family], near + BigInt(random.below(24)))));
    const ports = some(8, () => (random.chance(0.3) ? 1 + random.below(65535) : random.pick(PORTS)));

    const address = (family: Family) => random.pick(addresses[family]);
    const port = () => Math.min(65535, random.pick(ports) + random.below(3));
    return {
        address,
        port,
        range(family) {
            const [one, other] = [address(family), address(family)];
            if (random.chance(0.2)) return ordered(family, one, other);
            const bits = BITS[family];
            // Mostly narrow, some as wide as everything.
            const length = random.chance(0.7) ? bits - random.below(8) : random.below(bits + 1);
            const free = BigInt(bits - length);
            return prefixToRange({ family, address: (one >> free) << free, length });
        },
        portRange() {
            const [first, second] = [port(), random.chance(0.6) ? undefined : port()];
            return { first: Math.min(first, second ?? first), last: Math.max(first, second ?? first) };
        },
    };
}

function ordered(family: Family, one: bigint, other: bigint): AddressRange {
    return one < other ? { family, first: one, last: other } : { family, first: other, last: one };
}
