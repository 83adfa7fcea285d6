import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export type ConnectOutcome = "open" | "refused" | "timeout" | "unreachable";
export type AskOutcome = "answer" | "refused" | "timeout" | "unreachable";

export interface Destination {
    readonly to: string;
    readonly port: number;
    /** Own address to connect from; default: the one the route gives. */
    readonly from?: string;
    /** Own port to connect from; default: one that the system draws. */
    readonly fromPort?: number;
    /** Milliseconds to wait for an answer; default 500, for TCP over IPv6 1300 (an ICMPv6 refusal is seen after 1 s). */
    readonly timeout?: number;
}

export interface ListenOptions {
    /** Default "tcp". */
    readonly protocol?: "tcp" | "udp";
    /** Address to bind; default "::", which takes IPv4 too. */
    readonly host?: string;
}

export interface Listener {
    /** TCP connections or UDP datagrams that came in so far. */
    received(): Promise<number>;
    close(): Promise<void>;
}

export interface Stream {
    /** Ends the stream and tells the longest silence in milliseconds, and whether the other side had ended it. */
    close(): Promise<{ readonly bytes: number; readonly longestGap: number; readonly ended: boolean }>;
}

export interface Flood {
    /** Stops and tells how many datagrams were sent. */
    stop(): Promise<number>;
}

/** What the deployer and each host can do on the lab's network, over real sockets. */
export interface Peer {
    /** Listens; a TCP connection gets `hello` and its own bytes back, a datagram comes back as it is. */
    listen(port: number, options?: ListenOptions): Promise<Listener>;
    /** Listens; each connection gets one byte every 10 ms for as long as it lives. */
    listenTicking(port: number): Promise<Listener>;
    /** Opens one new TCP connection and tells what came of it. */
    connect(destination: Destination): Promise<ConnectOutcome>;
    /** Sends one datagram and tells whether an answer came. */
    askUdp(destination: Destination): Promise<AskOutcome>;
    /** Connects to a ticking listener and watches the stream until it is closed. */
    follow(destination: Destination): Promise<Stream>;
    /** Sends datagrams, 1000 a second unless told, until it is stopped. */
    flood(destination: Destination & { readonly perSecond?: number }): Promise<Flood>;
}

export interface Agent {
    readonly peer: Peer;
    close(): Promise<void>;
}

/** Starts the peer process; `enter` is the command line that takes it into a host's namespaces. */
export function startAgent(enter: readonly string[] = []): Agent {
    const [program = "", ...args] = [...enter, process.execPath, join(__dirname, "peerProcess.mjs")];
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
    let nextId = 1;
    let ended = false;

    createInterface({ input: child.stdout }).on("line", (line) => {
        const { id, result, error } = JSON.parse(line) as { id: number; result?: unknown; error?: string };
        const caller = waiting.get(id);
        waiting.delete(id);
        if (error === undefined) caller?.resolve(result);
        else caller?.reject(new Error(error));
    });
    const endAll = (error: Error) => {
        ended = true;
        for (const caller of waiting.values()) caller.reject(error);
        waiting.clear();
    };
    child.on("error", endAll);
    child.on("exit", () => endAll(new Error("the lab peer has ended")));
    child.stdin.on("error", () => undefined);

    function ask<T>(command: string, options: object): Promise<T> {
        if (ended) return Promise.reject(new Error("the lab peer has ended"));
        const id = nextId++;
        return new Promise((resolve, reject) => {
            waiting.set(id, { resolve: (result) => resolve(result as T), reject });
            child.stdin.write(`${JSON.stringify({ id, command, ...options })}\n`);
        });
    }

    async function listen(port: number, options: object): Promise<Listener> {
        const listener = await ask<number>("listen", { port, ...options });
        return { received: () => ask("received", { listener }), close: () => ask("unlisten", { listener }) };
    }

    const peer: Peer = {
        listen: (port, options = {}) => listen(port, options),
        listenTicking: (port) => listen(port, { ticking: true }),
        connect: (destination) => ask("connect", destination),
        askUdp: (destination) => ask("askUdp", destination),
        follow: async (destination) => {
            const stream = await ask<number>("follow", destination);
            return { close: () => ask("unfollow", { stream }) };
        },
        flood: async (destination) => {
            const flood = await ask<number>("flood", destination);
            return { stop: () => ask("unflood", { flood }) };
        },
    };
    return {
        peer,
        close: async () => {
            child.stdin.end();
            await exited;
        },
    };
}
