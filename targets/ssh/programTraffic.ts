import type { TunnelTraffic } from "./protocol";

/** A socket of a program, as `ss -H -n -a -t -u -p` prints it. */
export interface Socket {
    readonly protocol: "tcp" | "udp";
    readonly listening: boolean;
    readonly ownAddress: string;
    readonly ownPort: number;
    /** `*` or a wildcard address where it has no peer. */
    readonly peerAddress: string;
    readonly peerPort: number;
}

/** The words of a line of ss: netid, state, two queues, local address:port, peer address:port, users. */
export function readSocket([protocol, state, , , local = "", peer = ""]: readonly string[]): Socket | undefined {
    if (protocol !== "tcp" && protocol !== "udp") return undefined;
    const [ownAddress, ownPort] = splitEnd(local);
    const [peerAddress, peerPort] = splitEnd(peer);
    if (!(ownPort > 0)) return undefined;
    const listening = state === "LISTEN" || state === "UNCONN";
    return { protocol, listening, ownAddress, ownPort, peerAddress, peerPort };
}

/** `192.0.2.10:22`, `[2001:db8::1]:22`, `[::ffff:192.0.2.10]:22`, `*:22`, `127.0.0.53%lo:53`, `0.0.0.0:*`. */
export function splitEnd(text: string): [address: string, port: number] {
    const colon = text.lastIndexOf(":");
    const address = text.slice(0, colon).replace(/^\[(.*)\]/, "$1");
    return [address.replace(/^::ffff:(?=\d+\.)/i, ""), Number(text.slice(colon + 1))];
}

/** Does the address belong to the host alone? */
export function isLoopback(address: string): boolean {
    return address.startsWith("127.") || address === "::1" || address.endsWith("%lo");
}

/**
 * The new traffic that a program needs to reach the outside again once the state of its connections is gone. Where
 * somebody listens on the socket's own port, peers dial in; else the program dials out. Any of its sockets may be the
 * one that carries the tunnel.
 */
export function programTraffic(sockets: readonly Socket[], listened: ReadonlySet<string>): TunnelTraffic[] {
    const outside = sockets.filter(
        ({ listening, ownAddress, peerAddress }) =>
            !isLoopback(ownAddress) && !isLoopback(peerAddress) && (listening || ownAddress !== peerAddress),
    );
    const dialled = (protocol: string, port: number) =>
        listened.has(`${protocol} ${port}`) ||
        sockets.some((socket) => socket.listening && socket.protocol === protocol && socket.ownPort === port);
    const connected = outside.filter((socket) => !socket.listening);
    const traffic = outside.flatMap((socket): TunnelTraffic[] => {
        const { protocol, ownAddress, ownPort, peerAddress, peerPort } = socket;
        const own = isWildcard(ownAddress) ? {} : { own: ownAddress };
        if (socket.listening) {
            // Its peers are those that are connected; where none is, anybody may be.
            const known = connected.some((other) => other.protocol === protocol && other.ownPort === ownPort);
            return known ? [] : [{ direction: "ingress", protocol, port: ownPort, ...own }];
        }
        if (dialled(protocol, ownPort))
            return [{ direction: "ingress", protocol, port: ownPort, peer: peerAddress, ...own }];
        return [{ direction: "egress", protocol, port: peerPort, peer: peerAddress, ...own }];
    });
    return [...new Map(traffic.map((one) => [JSON.stringify(one), one])).values()];
}

export function isWildcard(address: string): boolean {
    return address === "*" || address === "0.0.0.0" || address === "::";
}
