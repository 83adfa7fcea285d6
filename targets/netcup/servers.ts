import ipaddr from "ipaddr.js";
import { quote } from "../../core/model/diagnostics";
import * as answers from "./answers";
import { call } from "./call";
import type { CallOptions } from "./options";
import { allPages } from "./pages";
import { panelError } from "./panelError";
import type { Panel } from "./panel";
import type { NetcupInterface, NetcupServer } from "./types";

export const serversPath = "/scp-core/api/v1/servers";

/** The servers of the account; `policyId` names the policy that all of them use. */
export function listServers(
    panel: Panel,
    { signal, policyId }: CallOptions & { readonly policyId?: number | undefined } = {},
): Promise<readonly NetcupServer[]> {
    const query = { firewallPolicyId: policyId };
    return allPages(panel, { path: serversPath, query, answer: answers.server }, signal);
}

/**
 * The one server that `wanted` names: its name in the panel, its nickname, its host name (in any case of letters), or an
 * address of either family, also one inside an IPv6 prefix of the server.
 *
 * @throws FirewallError VF287 for none and for more than one
 */
export async function findServer(panel: Panel, wanted: string, options: CallOptions = {}): Promise<NetcupServer> {
    const found = ipaddr.isValid(wanted)
        ? await serversWith(panel, wanted, options)
        : (await listServers(panel, options)).filter(({ name, nickname, hostname }) =>
              [name, nickname, hostname].some((own) => own?.toLowerCase() === wanted.toLowerCase()),
          );
    const [server, ...others] = found;
    if (server && others.length === 0) return server;
    const names = found.map(({ name }) => name).join(", ");
    const told = server ? `${found.length} servers (${names})` : "no server";
    throw panelError("VF287", { wanted: quote(wanted), found: told });
}

/** What the panel's filter finds is looked at again, since how exact the filter is is not published. */
async function serversWith(panel: Panel, address: string, { signal }: CallOptions): Promise<readonly NetcupServer[]> {
    const wanted = ipaddr.parse(address);
    const query = { ip: wanted.toString() };
    const candidates = await allPages(panel, { path: serversPath, query, answer: answers.server }, signal);
    const own = await Promise.all(
        candidates.map(async ({ id }) => {
            const { ipv4Addresses, ipv6Addresses } = await detailsOf(panel, id, false, signal);
            const prefixes = [
                ...ipv4Addresses.map(({ ip }) => [ip, 32] as const),
                ...ipv6Addresses.map((own) => [own.networkPrefix, own.networkPrefixLength] as const),
            ];
            return prefixes.some(([prefix, length]) => isWithin(wanted, prefix, length));
        }),
    );
    return candidates.filter((_, index) => own[index]);
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: string, length: number): boolean {
    if (!ipaddr.isValid(prefix)) return false;
    const network = ipaddr.parse(prefix);
    return network.kind() === address.kind() && address.match([network, length] as never);
}

/**
 * The interfaces of a server that can have a firewall: not those of a VLAN, and none without an address, which is how
 * those look while the server's node does not say which they are.
 */
export async function listInterfaces(
    panel: Panel,
    serverId: number,
    { signal }: CallOptions = {},
): Promise<readonly NetcupInterface[]> {
    const path = `${serversPath}/${serverId}/interfaces`;
    const answer = answers.networkInterface.array();
    const [all, { serverLiveInfo }] = await Promise.all([
        call(panel, { method: "GET", path, query: { loadRdns: false }, answer }, signal),
        detailsOf(panel, serverId, true, signal),
    ]);
    const live = serverLiveInfo?.interfaces ?? [];
    const vlans = new Set(live.filter(({ vlanInterface }) => vlanInterface).map(({ mac }) => mac.toLowerCase()));
    return all
        .map(({ mac, ipv4Addresses, ipv6Addresses }) => ({
            mac,
            ipv4Addresses: ipv4Addresses.map(({ ip }) => ip),
            ipv6Prefixes: ipv6Addresses.map(({ networkPrefix }) => networkPrefix),
        }))
        .filter((own) => !vlans.has(own.mac.toLowerCase()))
        .filter((own) => own.ipv4Addresses.length + own.ipv6Prefixes.length > 0);
}

function detailsOf(panel: Panel, serverId: number, live: boolean, signal: AbortSignal | undefined) {
    const query = { loadServerLiveInfo: live };
    const path = `${serversPath}/${serverId}`;
    return call(panel, { method: "GET", path, query, answer: answers.serverDetails }, signal);
}
