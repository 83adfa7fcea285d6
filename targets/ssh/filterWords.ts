import type { Filter } from "./protocol";

/** `nftables 1.0.6`, `iptables 1.8.9 (legacy)`. */
export function filterWords({ backend, version, variant }: Filter): string {
    return `${backend} ${version}${variant ? ` (${variant})` : ""}`;
}
