import type { Place, Target } from "./connection";
import type { Endpoint, Lookup } from "./endpoint";
import { localUser, resolveEndpoint } from "./endpoint";
import { hostError } from "./hostError";
import { parseHostKey } from "./hostKeys";
import { knownHostName } from "./knownHosts";

/** More than anybody has; a section of ssh_config that leads back to itself ends here. */
const mostJumps = 8;

/** Keys of jump hosts that were pinned earlier, by their name in known_hosts. */
export type PinnedKeys = Readonly<Record<string, string>>;

/**
 * The machines on the way to a host, in order: its jump hosts, then the host itself. `proxy` of the target wins over
 * `ProxyJump` of ssh_config; a jump host may have a `ProxyJump` of its own there. As with ssh, of several jump hosts in
 * one list only the first one's own is followed.
 *
 * @throws FirewallError VF148, VF149 (too many jump hosts), VF154
 */
export function resolveWay(
    target: Target,
    lookup: Lookup,
    agentSocketPath?: string,
    pins: PinnedKeys = {},
): Endpoint[] {
    const { hostKeyChecking, proxy } = target;
    const host = resolveEndpoint(target, lookup, { hostKeyChecking, agentSocketPath });

    const jumpTo = (place: Place, defaultUser?: string): Endpoint => {
        const jump = resolveEndpoint(place, lookup, { hostKeyChecking, leadsTo: host.label, defaultUser });
        const pin = pins[knownHostName(jump.host, jump.port)];
        return jump.pinned || pin === undefined ? jump : { ...jump, pinned: parseHostKey(pin) };
    };
    // Named by ssh_config, which knows nothing of our default user.
    const configured = (place: Place) => jumpTo(place, localUser(lookup.env));
    // A host after its jump hosts, of which the first may have some of its own.
    const wayTo = (end: Endpoint, jumps: readonly Endpoint[], before: number): Endpoint[] => {
        const [first, ...others] = jumps;
        if (!first) return [end];
        const count = before + jumps.length;
        if (count > mostJumps) throw hostError("VF149", { host: host.label, most: mostJumps });
        return [...wayTo(first, first.jumps.map(configured), count), ...others, end];
    };

    const way = wayTo(host, proxy ? [jumpTo(proxy)] : host.jumps.map(configured), 0);
    return way.map((endpoint, index) => ({ ...endpoint, behind: way[index - 1] }));
}
