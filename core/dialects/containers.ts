/**
 * The bridges of container engines, by the names that they give: Docker's own and those of its networks, Podman's and those of
 * CNI. A network with a name of its own for its bridge is not among them.
 */
export const CONTAINER_BRIDGES = ["docker0", "docker_gwbridge", "br-*", "podman*", "cni-podman*"] as const;
