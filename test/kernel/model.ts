import { decide, type Decision } from "../../core/analysis/decide";
import type { Family } from "../../core/model/addresses";
import type { Policy } from "../../core/model/policy";
import type { Observation } from "./kernel";
import { ICMP, ICMPV6, type Probe, TCP, UDP } from "./packet";

/**
 * What must happen to a new packet that does not come over the loopback: what the base takes passes, then the policy
 * decides. The base here is what docs/rules.md promises, written once more, not what the dialect renders.
 */
export function expected(policy: Policy, probe: Probe, passes: Base = basePasses): Decision {
    return passes(probe) ? { verdict: "accept", by: "base" } : decide(policy, probe);
}

/** What of the packets from outside passes before any rule is asked. */
export type Base = (probe: Probe) => boolean;

export function basePasses(probe: Probe): boolean {
    const { direction, family, protocol, icmpType: type = -1, source } = probe;
    if (family === 6 && protocol === ICMPV6) {
        const neighbourDiscovery = 133 <= type && type <= 136 && probe.hopLimit === 255;
        const listenerDiscovery = (130 <= type && type <= 132) || type === 143;
        return neighbourDiscovery || listenerDiscovery;
    }
    if (protocol !== UDP) return false;
    // The client's own port is the destination of what arrives and the source of what leaves.
    const [own, far] =
        direction === "ingress" ? [probe.destinationPort, probe.sourcePort] : [probe.sourcePort, probe.destinationPort];
    const linkLocal = source >> 118n === 0xfe80n >> 6n;
    return family === 4 ? own === 68 && far === 67 : own === 546 && far === 547 && linkLocal;
}

/** Does the kernel answer a rejected packet? `perhaps`: where that depends on more than the policy. */
export type Answer = "yes" | "no" | "perhaps";

export function expectedAnswer(policy: Policy, probe: Probe, { verdict }: Decision): Answer {
    if (verdict !== "reject") return "no";
    if (isSilent(probe)) return "no";
    // An answer leaves as one that is related to the packet, which connection tracking must have understood for that.
    const filtered = policy.defaults.egress === "drop" || policy.rules.some(({ rule }) => rule.direction === "egress");
    return dependsOnMore(probe) || (filtered && !isTracked(probe)) ? "perhaps" : "yes";
}

/** What the kernel does not take for an error. That includes types that nobody has assigned. */
const ICMP_ASKED = [0, 8, 13, 14, 15, 16, 17, 18];

/** ICMP errors, and what came to many or from nobody, are not answered (RFC 1122, RFC 4443). */
function isSilent({ direction, family, protocol, source, destination, icmpType = -1 }: Probe): boolean {
    if (family === 4 && protocol === ICMP && !ICMP_ASKED.includes(icmpType)) return true;
    if (family === 6 && protocol === ICMPV6 && icmpType < 128) return true;
    return (direction === "ingress" && isForMany(family, destination)) || (family === 6 && source === 0n);
}

function dependsOnMore({ direction, family, protocol, source, destination }: Probe): boolean {
    const ends = [source, destination];
    if (family === 4 && ends.some((address) => [0n, 127n].includes(address >> 24n))) return true;
    // What leaves is answered to this host itself, from any address that it may have.
    if (direction === "egress" && ends.some((address) => isForMany(family, address))) return true;
    // The kernel takes these for headers and looks for a checksum behind them.
    return family === 6 && (protocol === 51 || protocol === 59);
}

function isForMany(family: Family, address: bigint): boolean {
    if (family === 6) return address >> 120n === 0xffn;
    return address >> 28n === 0xen || address === 0xffffffffn;
}

function isTracked({ family, protocol, icmpType = -1 }: Probe): boolean {
    if (protocol === TCP || protocol === UDP) return true;
    if (protocol === ICMP) return family === 4 && [8, 13, 15, 17].includes(icmpType);
    if (protocol === ICMPV6) return family === 6 && [128, 139].includes(icmpType);
    // Of these it reads the header, and the probes have none.
    return ![33, 59, 132, 136].includes(protocol);
}

/** In which way the kernel did something else, or undefined where it did what was expected. */
export function disagreement(
    policy: Policy,
    probe: Probe,
    observed: Observation,
    passes: Base = basePasses,
): string | undefined {
    if (observed.verdict === "unreached") return undefined;
    const decision = expected(policy, probe, passes);
    const said = `the model says ${decision.verdict} (${decision.by})`;
    if ((decision.verdict === "accept") !== (observed.verdict === "accept"))
        return `${said}, the kernel says ${observed.verdict}`;
    const answer = expectedAnswer(policy, probe, decision);
    const wanted = probe.family === 4 ? "IPv4 3/3" : "IPv6 1/4";
    if (observed.answer === undefined ? answer === "yes" : answer === "no" || observed.answer !== wanted)
        return `${said}, the kernel answers ${observed.answer ?? "nothing"}`;
    return undefined;
}
