/**
 * The interfaces of a namespace in which packets are forwarded, each by its name: bridges of containers as their engines
 * call them, one for each pattern, and others, some of which are called almost so.
 */
const BRIDGES = ["docker0", "docker_gwbridge", "br-0a1b2c3d4e5f", "podman1", "cni-podman0"];
const OTHERS = ["tap0", "tap1", "eth0", "wg0", "br0", "docker1", "virbr0", "cni0"];

/** Those of the beginning are the ones of a namespace in which nothing is forwarded. */
export const DEVICES: readonly string[] = [...OTHERS, ...BRIDGES];

export function isBridge(device: string | undefined): boolean {
    return BRIDGES.some((bridge) => bridge === device);
}
