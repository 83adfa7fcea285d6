import type { Family } from "../../core/model/addresses";
import { DEVICES, isBridge } from "./devices";
import { statesOf } from "./model";
import { HEADERS_OF_IPV6, type Probe } from "./packet";
import type { Random } from "./random";
import { isTranslated } from "./ways";

const BRIDGES = DEVICES.filter(isBridge);
const OTHERS = DEVICES.filter((name) => !isBridge(name));

/** Mostly to a published port, by the one interface that rules name most often; and every other way through the host. */
export function forwarded(probe: Probe, random: Random): Probe {
    const other = random.chance(0.05) ? BRIDGES : OTHERS;
    const comesBy = random.chance(0.6) ? "tap0" : random.pick(other);
    const leavesBy = random.pick(random.chance(0.93) ? BRIDGES : OTHERS);
    const translated = random.pick(random.chance(0.95) ? (["address", "port"] as const) : (["no"] as const));
    return {
        ...probe,
        direction: "ingress",
        interface: comesBy,
        forwarded: { leavesBy, translated },
        hopLimit: random.pick([255, 64, 2]),
    };
}

/** What the kernel does not hand on: what is from or to many, nobody, this host or this link. */
export function neverForwarded(probe: Probe): boolean {
    const { family, protocol, source, destination } = probe;
    if (family === 6 && HEADERS_OF_IPV6.includes(protocol)) return true;
    if (isStrange(family, source) || (family === 6 && isDropped(destination))) return true;
    // Whatever it asked for, it goes to a container then.
    return isStrange(family, destination) && !statesOf(probe).every((state) => isTranslated({ ...probe, state }));
}

function isStrange(family: Family, address: bigint): boolean {
    if (family === 4) return address === 0n || address >> 28n === 0xen || address === 0xffffffffn;
    return address < 2n || address >> 118n === 0xfe80n >> 6n || address >> 120n === 0xffn;
}

/** IPv6 drops these before anything else: ::1, and groups that reach no further than this host. */
function isDropped(destination: bigint): boolean {
    return destination === 1n || (destination >> 120n === 0xffn && ((destination >> 112n) & 0xfn) < 2n);
}
