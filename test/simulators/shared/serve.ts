import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createFaults, type Fault, type Faults } from "./faults";

/** A request that came, as it was answered. */
export interface Seen {
    /** `GET /publicCloud/v1/securityGroups?limit=100` */
    readonly request: string;
    readonly body: string;
    /** 0 for one that was not answered. */
    readonly status: number;
}

export interface Reply {
    readonly status: number;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
}

export interface Incoming {
    readonly method: string;
    readonly url: URL;
    readonly headers: IncomingMessage["headers"];
    /** Parsed; undefined for what is not JSON. */
    readonly body: unknown;
    /** What this request begins ends as a failure. */
    readonly failsLater: boolean;
}

export interface Simulator<State> {
    /** `http://127.0.0.1:40001` */
    readonly url: string;
    readonly state: State;
    readonly faults: Faults<Fault<State>>;
    readonly seen: Seen[];
    /** What of an answer did not fit the document, and what broke. */
    readonly misfits: string[];
    /** The most requests that were there at once. */
    readonly busiest: () => number;
    readonly close: () => Promise<void>;
}

/** Starts an HTTP server on a free port of 127.0.0.1, with faults on demand. `answer` is what it does. */
export async function serveSimulator<State>(
    state: State,
    answer: (incoming: Incoming, misfits: string[]) => Reply,
): Promise<Simulator<State>> {
    const faults = createFaults<Fault<State>>();
    const seen: Seen[] = [];
    const misfits: string[] = [];
    let now = 0;
    let busiest = 0;

    async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
        const text = await textOf(incoming);
        const name = `${incoming.method} ${incoming.url}`;
        const record = (status: number) => seen.push({ request: name, body: text, status });
        const of = faults.of(name);
        for (const fault of of) {
            if (fault.kind === "meanwhile") fault.change(state);
            if (fault.kind === "delay") await sleep(fault.ms);
        }
        if (of.some((fault) => fault.kind === "hang")) return void record(0);
        const cut = of.find((fault) => fault.kind === "cut");
        if (cut?.when === "before") return void (record(0), incoming.socket.destroy());
        const told = of.find((fault) => fault.kind === "answer");
        const reply = told
            ? asReply(told)
            : answer(
                  {
                      method: incoming.method ?? "",
                      url: new URL(incoming.url ?? "/", "http://127.0.0.1"),
                      headers: incoming.headers,
                      body: parsed(text),
                      failsLater: of.some((fault) => fault.kind === "fails later"),
                  },
                  misfits,
              );
        if (cut) return void (record(0), incoming.socket.destroy());
        record(reply.status);
        const other = of.find((fault) => fault.kind === "other body");
        const body = other ? other.body(reply.body) : reply.body;
        const type = body === undefined ? {} : { "content-type": "application/json" };
        outgoing.writeHead(reply.status, { ...type, ...reply.headers });
        outgoing.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
    }

    const server = createServer((incoming, outgoing) => {
        busiest = Math.max(busiest, ++now);
        outgoing.on("close", () => now--);
        serve(incoming, outgoing).catch((error: unknown) => {
            misfits.push(String(error));
            incoming.socket.destroy();
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        ...{ state, faults, seen, misfits },
        busiest: () => busiest,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

function asReply({ status, body, retryAfter }: Extract<Fault<never>, { kind: "answer" }>): Reply {
    return { status, body, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
    let text = "";
    for await (const part of incoming.setEncoding("utf8")) text += String(part);
    return text;
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}
