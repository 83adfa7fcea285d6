import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface LinkOptions {
    /** Milliseconds that each byte is on its way, in each direction. Default 0. */
    readonly latency?: number;
    /** Bytes a second in each direction. Default: any number. */
    readonly rate?: number;
}

/** A TCP link to a host that is as bad as a test wants; its end is a port of 127.0.0.1. */
export interface SlowLink {
    readonly port: number;
    /** Bytes that have come from the client so far, over all connections. */
    sent(): number;
    /** Nothing arrives for so long, in both directions; nothing is lost. */
    stall(milliseconds: number): void;
    /** Ends each connection that exists once so many bytes in total have come from the client. */
    cutAt(bytes: number): void;
    close(): Promise<void>;
}

/** What is held back at most before the sender has to wait, as in the buffers of a router. */
const MOST_HELD = 256 * 1024;

export async function startSlowLink(to: { host: string; port: number }, options: LinkOptions = {}): Promise<SlowLink> {
    const { latency = 0, rate = Infinity } = options;
    const sockets = new Set<Socket>();
    let sent = 0;
    let cut = Infinity;
    let stalledUntil = 0;

    function cutAll() {
        cut = Infinity;
        for (const socket of sockets) socket.destroy();
    }

    /** Passes on what comes from one socket to the other, late and not too fast. */
    function carry(from: Socket, into: Socket, isUpload: boolean) {
        let held = 0;
        let free = 0;
        let last = Promise.resolve();
        const later = (size: number, deliver: () => void) => {
            const now = Date.now();
            free = Math.max(free, now) + (size / rate) * 1000;
            const due = free + latency;
            // One after the other, so that nothing overtakes what a stall held back.
            last = last.then(async () => {
                for (let wait = due - Date.now(); wait > 0; wait = Math.max(due, stalledUntil) - Date.now())
                    await new Promise((resolve) => setTimeout(resolve, wait));
                while (stalledUntil > Date.now())
                    await new Promise((resolve) => setTimeout(resolve, stalledUntil - Date.now()));
                if (!into.destroyed) deliver();
            });
        };
        from.on("data", (chunk: Buffer) => {
            if (isUpload) {
                sent += chunk.length;
                if (sent >= cut) return cutAll();
            }
            held += chunk.length;
            if (held > MOST_HELD) from.pause();
            later(chunk.length, () => {
                held -= chunk.length;
                into.write(chunk);
                if (held <= MOST_HELD) from.resume();
            });
        });
        from.on("end", () => later(0, () => into.end()));
        from.on("close", () => later(0, () => into.destroy()));
        from.on("error", () => undefined);
    }

    const server = createServer({ allowHalfOpen: true }, (client) => {
        const host = connect({ ...to, allowHalfOpen: true, noDelay: true });
        for (const socket of [client, host]) {
            sockets.add(socket);
            socket.once("close", () => sockets.delete(socket));
        }
        client.setNoDelay(true);
        carry(client, host, true);
        carry(host, client, false);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        port: (server.address() as AddressInfo).port,
        sent: () => sent,
        stall: (milliseconds) => void (stalledUntil = Date.now() + milliseconds),
        cutAt: (bytes) => void (cut = bytes),
        async close() {
            const closed = new Promise((resolve) => server.close(resolve));
            cutAll();
            await closed;
        },
    };
}
