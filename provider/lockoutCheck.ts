import { type ManagementPath, proveReachable } from "../core/analysis/lockout";
import { type AddressRange, wholeFamily } from "../core/model/addresses";
import { fail, quote } from "../core/model/diagnostics";
import { parseAddressRange } from "../core/model/parseAddress";
import { formatProtocol } from "../core/model/protocols";
import type { ConnectionSeen, Probe, Tunnel, TunnelTraffic } from "../targets/ssh";
import type { Wish } from "./applyHost";

const ANYBODY: readonly AddressRange[] = [wholeFamily(4), wholeFamily(6)];

/**
 * Proves, with what the host sees of this session, that a new one can be opened once the policy is loaded: the session's
 * own address and port, what carries it where a tunnel ends on the host, and every management source.
 *
 * @throws FirewallError VF101, VF102, VF103: nothing was changed
 */
export function checkLockout(wish: Wish, { connection, way }: Pick<Probe, "connection" | "way">): void {
    if (wish.inputs.lockoutCheck === "off" || !connection) return;
    // What a program on the host itself opens goes through the loopback device, which the base accepts.
    if (!way.local) checkSession(wish, connection, way.device);
    for (const tunnel of way.tunnels) checkTunnel(wish, tunnel);
    checkManagementSources(wish, connection.serverPort);
}

function checkSession({ inputs, policy }: Wish, seen: ConnectionSeen, device: string | undefined): void {
    const own = hostRange(seen.serverAddress);
    const source = hostRange(seen.clientAddress);
    const lockout = proveReachable(policy, {
        peers: source ? [source] : ANYBODY,
        port: seen.serverPort,
        ...(own && { own }),
        // By which the host answers, a new session comes in.
        ...(device !== undefined && { device }),
    });
    if (!lockout) return;
    const { host } = inputs.target;
    const { peer, decision } = lockout;
    fail("VF101", { host, source: `${peer} (the address you deploy from)`, port: seen.serverPort, decision });
}

function checkTunnel({ inputs, policy }: Wish, tunnel: Tunnel): void {
    const { host } = inputs.target;
    const name = `${tunnel.tunnel} (${tunnel.kind})`;
    if (tunnel.unknown !== undefined) {
        const problem = `it can't be proved that what carries the tunnel passes after this change: ${tunnel.unknown}`;
        fail("VF102", { host, tunnel: name, problem });
    }
    for (const traffic of tunnel.traffic) {
        const lockout = proveReachable(policy, pathOf(traffic));
        if (!lockout) continue;
        const problem = `after this change its ${trafficWords(traffic, lockout.peer)} is ${lockout.decision}`;
        fail("VF102", { host, tunnel: name, problem });
    }
}

function pathOf({ direction, protocol, port, peer, own }: TunnelTraffic): ManagementPath {
    const ownRange = own === undefined ? undefined : hostRange(own);
    const peerRange = peer === undefined ? undefined : hostRange(peer);
    return {
        direction,
        protocol,
        peers: peerRange ? [peerRange] : ANYBODY,
        ...(port !== undefined && { port }),
        ...(ownRange && { own: ownRange }),
    };
}

function trafficWords({ direction, protocol, port, peer }: TunnelTraffic, refused: string): string {
    const who = peer === undefined ? `${refused} (its peer is not known, so everybody must be accepted)` : refused;
    const [from, to] = direction === "ingress" ? [who, "this host"] : ["this host", who];
    return `${formatProtocol(protocol)} from ${from} to ${to}${port === undefined ? "" : ` port ${port}`}`;
}

/** @throws FirewallError VF103 */
export function checkManagementSources({ inputs, policy }: Wish, port: number): void {
    for (const text of inputs.managementSources ?? []) {
        const range = hostRange(text);
        // The address at which other sources reach the host may be another one, of the other family for one.
        const refused = range && proveReachable(policy, { peers: [range], port });
        if (!refused) continue;
        const { peer, decision } = refused;
        fail("VF103", { host: inputs.target.host, source: quote(peer), port, decision });
    }
}

/** An address as SSH_CONNECTION writes it: perhaps IPv4 inside IPv6, perhaps with a zone. */
export function hostRange(text: string): AddressRange | undefined {
    const parsed = parseAddressRange(text.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, ""));
    return "range" in parsed ? parsed.range : undefined;
}
