import { diagnostic } from "../../core/model/diagnostics";
import type { HostKeyTrust } from "./connection";
import type { Endpoint } from "./endpoint";
import { hostError } from "./hostError";
import type { HostKey } from "./hostKeys";
import { fingerprint, formatHostKey, sameHostKey } from "./hostKeys";
import type { KnownHost } from "./knownHosts";
import { knownHostName } from "./knownHosts";

export interface Verdict {
    readonly trust: HostKeyTrust;
    readonly warning?: string;
}

/**
 * Decides on the key a server presented. `known` are the entries of known_hosts about it. A revoked key is always
 * refused, and a pinned one always compared; only then does `hostKeyChecking` matter.
 *
 * @throws FirewallError VF144 (unknown), VF145 (changed), VF146 (revoked), VF147 (known by a certificate authority only)
 */
export function verifyHostKey(endpoint: Endpoint, known: readonly KnownHost[], key: HostKey): Verdict {
    const { label: host, port, pinned, hostKeyChecking } = endpoint;
    const presented = { host, fingerprint: fingerprint(key), type: key.type };
    const name = knownHostName(endpoint.host, port);
    const file = endpoint.knownHostsFiles[0] ?? "known_hosts";
    const scan = `${lookingFrom(endpoint)}ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${endpoint.host} >> ${file}`;

    const revoked = known.find((entry) => entry.marker === "revoked" && sameHostKey(entry.key, key));
    if (revoked) throw hostError("VF146", { ...presented, where: placeOf(revoked) });

    if (pinned) {
        if (sameHostKey(pinned, key)) return { trust: "pinned" };
        const expected = `${fingerprint(pinned)} (${pinned.type})`;
        const way = `set ${endpoint.field}.hostKey to "${formatHostKey(key)}"`;
        throw hostError("VF145", { ...presented, expected, where: "hostKey", way });
    }
    if (hostKeyChecking === "off")
        return {
            trust: "not checked",
            warning: diagnostic("VF156", { ...presented, field: endpoint.field, key: formatHostKey(key) }).message,
        };

    const keys = known.filter((entry) => entry.marker === "none");
    if (keys.some((entry) => sameHostKey(entry.key, key))) return { trust: "known_hosts" };
    const other = keys.find((entry) => entry.key.type === key.type) ?? keys[0];
    if (other) {
        const expected = `${fingerprint(other.key)} (${other.key.type})`;
        const way = `ssh-keygen -R ${quoteName(name)} -f ${other.file} and then ${scan}`;
        throw hostError("VF145", { ...presented, expected, where: placeOf(other), way });
    }
    const authority = known.find((entry) => entry.marker === "cert-authority");
    if (authority) throw hostError("VF147", { host, where: placeOf(authority), field: endpoint.field, scan });
    if (hostKeyChecking === "accept-new") return { trust: "accepted-new" };

    const note = endpoint.looserCheckingAsked
        ? `; StrictHostKeyChecking of ${endpoint.looserCheckingAsked} is not taken over, only hostKeyChecking is`
        : "";
    const line = `${name} ${formatHostKey(key)}`;
    throw hostError("VF144", { ...presented, note, scan, line, field: endpoint.field, key: formatHostKey(key) });
}

function placeOf({ file, line }: KnownHost): string {
    return `${file} line ${line}`;
}

/** Where ssh-keyscan has to run to see the host: it knows no jump hosts. */
function lookingFrom({ behind }: Endpoint): string {
    if (!behind) return "";
    return `ssh ${behind.port === 22 ? "" : `-p ${behind.port} `}${behind.user}@${behind.host} `;
}

/** Brackets are patterns to a shell. */
function quoteName(name: string): string {
    return name.startsWith("[") ? `'${name}'` : name;
}
