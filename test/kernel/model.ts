import { decide, type Decision } from "../../core/analysis/decide";
import type { Family } from "../../core/model/addresses";
import type { Policy } from "../../core/model/policy";
import type { RejectAnswer } from "../../core/model/rule";
import { decideForwarded } from "./forwarding";
import type { Verdict } from "./interpreter";
import type { Observation } from "./kernel";
import { ICMP, ICMPV6, type Probe, TCP, UDP } from "./packet";

/**
 * What must happen to a new packet that does not come over the loopback: what the base takes passes, then the policy
 * decides. The base here is what docs/rules.md promises, written once more, not what the dialect renders.
 */
export function expected(policy: Policy, probe: Probe, passes: Base = basePasses): Decision[] {
    return waysToMeet(policy, probe).map((asked) => decideOne(policy, asked, passes));
}

function decideOne(policy: Policy, probe: Probe, passes: Base): Decision {
    if (probe.forwarded) return decideForwarded(policy, probe);
    return passes(probe) ? { verdict: "accept", by: "base" } : decide(policy, probe);
}

/** A limit may be used up or not; what connection tracking says of some protocols depends on more than probes hold. */
function waysToMeet(policy: Policy, probe: Probe): Probe[] {
    const rooms = policy.rules.some(({ rule }) => rule.limit) ? [{}, { beyondLimits: true } as const] : [{}];
    return statesOf(probe).flatMap((state) => rooms.map((room) => ({ ...probe, state, ...room })));
}

/** What connection tracking says of a packet that belongs to nothing that was before. */
export function statesOf(probe: Probe): NonNullable<Probe["state"]>[] {
    const { family, protocol, icmpType = -1, tcpFlags = 0 } = probe;
    if (protocol === TCP) {
        // A connection may be met in the middle: a bare ACK begins one too (nf_conntrack_tcp_loose).
        const flags = tcpFlags & 0x17;
        return [flags === 0x02 || flags === 0x10 ? "new" : "invalid"];
    }
    if (family === 6 && protocol === ICMPV6) {
        const untracked = (130 <= icmpType && icmpType <= 136) || [143, 151, 152].includes(icmpType);
        return [untracked ? "untracked" : [128, 139].includes(icmpType) ? "new" : "invalid"];
    }
    if (family === 4 && protocol === ICMP) return [[8, 13, 15, 17].includes(icmpType) ? "new" : "invalid"];
    if (protocol === ICMP || protocol === ICMPV6) return ["invalid"];
    // Of these it reads the header, and the probes have none.
    return [33, 51, 59, 132, 136].includes(protocol) ? ["new", "invalid"] : ["new"];
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

export function expectedAnswer(policy: Policy, probe: Probe, decision: Decision): Answer {
    if (decision.verdict !== "reject") return "no";
    if (answerOf(policy, decision) === "tcp-reset" ? isSilentForReset(probe) : isSilent(probe)) return "no";
    // An answer leaves as one that is related to the packet, which connection tracking must have understood for that.
    const filtered = policy.defaults.egress === "drop" || policy.rules.some(({ rule }) => rule.direction === "egress");
    if (dependsOnMore(probe) || (filtered && !statesOf(probe).every((state) => state === "new"))) return "perhaps";
    // A reset that leaves is related to what it answers and no ICMP error, so the rules of egress are asked.
    return filtered && answerOf(policy, decision) === "tcp-reset" ? "perhaps" : "yes";
}

function answerOf(policy: Policy, { by }: Decision): RejectAnswer | undefined {
    return policy.rules.find(({ key }) => key === by)?.rule.answer;
}

/** What the kernel does not take for an error. That includes types that nobody has assigned. */
const ICMP_ASKED = [0, 8, 13, 14, 15, 16, 17, 18];

/** ICMP errors, and what came to many or from nobody, are not answered (RFC 1122, RFC 4443). */
function isSilent(probe: Probe): boolean {
    const { family, protocol, source, icmpType = -1 } = probe;
    if (family === 4 && protocol === ICMP && !ICMP_ASKED.includes(icmpType)) return true;
    if (family === 6 && protocol === ICMPV6 && icmpType < 128) return true;
    return isToMany(probe) || (family === 6 && source === 0n);
}

/** A reset is never answered with one, and what came to many not either. */
function isSilentForReset(probe: Probe): boolean {
    const { family, source, tcpFlags = 0 } = probe;
    if ((tcpFlags & 0x04) !== 0) return true;
    return isToMany(probe) || (family === 6 && source === 0n);
}

function dependsOnMore({ direction, family, protocol, source, destination, forwarded }: Probe): boolean {
    const ends = [source, destination];
    if (family === 4 && ends.some((address) => [0n, 127n].includes(address >> 24n))) return true;
    // Where an address has been put into the sum of these, it is not right any more.
    if (forwarded && ![TCP, UDP, ICMP, ICMPV6].some((known) => known === protocol)) return true;
    // What leaves is answered to this host itself, from any address that it may have.
    if (direction === "egress" && ends.some((address) => isForMany(family, address))) return true;
    // The kernel takes these for headers and looks for a checksum behind them.
    return family === 6 && (protocol === 51 || protocol === 59);
}

/** What is forwarded goes to one by then. */
function isToMany({ direction, family, destination, forwarded }: Probe): boolean {
    return direction === "ingress" && !forwarded && isForMany(family, destination);
}

function isForMany(family: Family, address: bigint): boolean {
    if (family === 6) return address >> 120n === 0xffn;
    return address >> 28n === 0xen || address === 0xffffffffn;
}

/** What comes back for each answer of a reject, in both families. */
const ANSWERS: Readonly<Record<RejectAnswer | "port-unreachable", Readonly<Record<Family, string>>>> = {
    "port-unreachable": { 4: "3/3", 6: "1/4" },
    "admin-prohibited": { 4: "3/13", 6: "1/1" },
    "host-unreachable": { 4: "3/1", 6: "1/3" },
    "no-route": { 4: "3/0", 6: "1/0" },
    "tcp-reset": { 4: "reset", 6: "reset" },
};

/** In which way the kernel did something else, or undefined where it did what was expected. */
export function disagreement(
    policy: Policy,
    probe: Probe,
    observed: Observation,
    passes: Base = basePasses,
): string | undefined {
    if (observed.verdict === "unreached") return undefined;
    const problems = expected(policy, probe, passes).map((decision) => unlike(policy, probe, decision, observed));
    return problems.includes(undefined) ? undefined : problems[0];
}

function unlike(policy: Policy, probe: Probe, decision: Decision, observed: Observation): string | undefined {
    const said = `the model says ${decision.verdict} (${decision.by})`;
    if ((decision.verdict === "accept") !== (observed.verdict === "accept"))
        return `${said}, the kernel says ${observed.verdict}`;
    const answer = expectedAnswer(policy, probe, decision);
    const wanted = `IPv${probe.family} ${ANSWERS[answerOf(policy, decision) ?? "port-unreachable"][probe.family]}`;
    if (observed.answer === undefined ? answer === "yes" : answer === "no" || observed.answer !== wanted)
        return `${said}, the kernel answers ${observed.answer ?? "nothing"}`;
    return undefined;
}

/** In which way a second reader of the rendered ruleset takes it otherwise, or undefined. */
export function misreading(
    policy: Policy,
    probe: Probe,
    interpreter: (probe: Probe) => Verdict | undefined,
): string | undefined {
    for (const asked of waysToMeet(policy, probe)) {
        const said = interpreter(asked);
        const decision = decideOne(policy, asked, basePasses);
        const meant =
            decision.verdict === "reject" ? (answerOf(policy, decision) ?? "port-unreachable") : decision.verdict;
        if (said !== undefined && said !== meant)
            return `the model says ${meant} (${decision.by}), the interpreter says ${said}`;
    }
    return undefined;
}
