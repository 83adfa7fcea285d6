import type { Target } from "./connection";
import type { Endpoint, Lookup } from "./endpoint";
import { resolveEndpoint } from "./endpoint";
import { formatHostKey, sameHostKey } from "./hostKeys";
import type { KnownHost } from "./knownHosts";
import { knownHostName, readKnownHosts } from "./knownHosts";

/** The entries of known_hosts about an endpoint. */
export function knownEntries(endpoint: Endpoint): KnownHost[] {
    return readKnownHosts(endpoint.knownHostsFiles, knownHostName(endpoint.host, endpoint.port));
}

/**
 * The host keys that known_hosts has for a host, revoked ones left out, as lines `ssh-ed25519 AAAA...`; follows
 * `~/.ssh/config` for an alias, its port and UserKnownHostsFile. Connects to nothing.
 *
 * @throws FirewallError VF148, VF154 as `resolveEndpoint`
 */
export function lookUpHostKeys(target: Pick<Target, "host" | "port">, surroundings: Lookup): string[] {
    const entries = knownEntries(resolveEndpoint(target, surroundings));
    const revoked = entries.filter((entry) => entry.marker === "revoked");
    const keys = entries
        .filter((entry) => entry.marker === "none" && !revoked.some((other) => sameHostKey(other.key, entry.key)))
        .map((entry) => formatHostKey(entry.key));
    return [...new Set(keys)];
}
