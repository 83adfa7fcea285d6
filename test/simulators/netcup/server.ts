import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { findRoute } from "./document";
import { createFaults, type Faults } from "../shared/faults";
import type { Fault } from "./faults";
import { handlers, invalid } from "./handlers";
import { giveTokens, type LoginState, newLogin, realm, type Reply, unauthorised } from "./login";
import { newState, type PanelState } from "./state";

export interface SimulatorOptions {
    /** How often a task is looked at before it ends. Default: 1. */
    readonly looks?: number | undefined;
    /** Default: 100. */
    readonly largestPage?: number | undefined;
}

/** A request that came, as it was answered. */
export interface Seen {
    /** `GET /scp-core/api/v1/servers?limit=100` */
    readonly request: string;
    readonly body: string;
    /** 0 for one that was not answered. */
    readonly status: number;
    readonly contentType: string;
}

export interface NetcupSimulator {
    /** `http://127.0.0.1:40001` */
    readonly url: string;
    readonly state: PanelState;
    readonly login: LoginState;
    readonly faults: Faults<Fault>;
    readonly seen: Seen[];
    /** What of an answer did not fit the document; recorded nulls are not counted. */
    readonly misfits: string[];
    /** The most requests that were there at once. */
    readonly busiest: () => number;
    readonly close: () => Promise<void>;
}

const BASE = "/scp-core";

/** Starts a panel on a free port of 127.0.0.1. */
export async function startNetcupSimulator(options: SimulatorOptions = {}): Promise<NetcupSimulator> {
    const { looks = 1, largestPage = 100 } = options;
    const state = newState();
    const login = newLogin();
    const faults = createFaults<Fault>();
    const seen: Seen[] = [];
    const misfits: string[] = [];
    let now = 0;
    let busiest = 0;

    function answer(incoming: IncomingMessage, url: URL, text: string, of: readonly Fault[]): Reply {
        const contentType = incoming.headers["content-type"] ?? "";
        if (url.pathname === `${realm}/token`) return giveTokens(login, contentType, text);
        const refusal = unauthorised(login, incoming.headers.authorization);
        if (refusal) return refusal;
        if (url.pathname === `${realm}/userinfo`)
            return { status: 200, body: { sub: "f:1", id: String(state.userId) } };
        const route = findRoute(incoming.method ?? "", url.pathname.slice(BASE.length));
        const handler = route && url.pathname.startsWith(BASE) ? handlers[route.name] : undefined;
        if (!route || !handler) return { status: 404, body: { message: "RESTEASY003210: Could not find resource" } };
        if (incoming.method !== "GET" && incoming.method !== "DELETE" && contentType !== "application/json")
            return { status: 415, body: { message: "The content type is not application/json." } };
        const body = parsed(text);
        const problems = route.problems(url.searchParams, body);
        if (problems.length > 0) return invalid(problems);
        const task = of.find((fault) => fault.kind === "task") ?? { kind: "task", end: "FINISHED" };
        const reply = handler(
            { parameters: route.parameters, query: url.searchParams, body },
            { state, task, looks, largestPage },
        );
        const wrong = route.answerProblems(reply.status, withoutNulls(reply.body));
        misfits.push(...wrong.map(({ field, message }) => `${route.name} ${reply.status}: ${field} ${message}`));
        return reply;
    }

    async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
        const text = await textOf(incoming);
        const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
        const name = `${incoming.method} ${incoming.url}`;
        const contentType = incoming.headers["content-type"] ?? "";
        const record = (status: number) => seen.push({ request: name, body: text, status, contentType });
        const of = faults.of(name);
        for (const fault of of) {
            if (fault.kind === "meanwhile") fault.change(state);
            if (fault.kind === "delay") await sleep(fault.ms);
            if (fault.kind === "expire") login.accessTokens.clear();
        }
        if (of.some((fault) => fault.kind === "hang")) return void record(0);
        const cut = of.find((fault) => fault.kind === "cut");
        const told = of.find((fault) => fault.kind === "answer");
        if (cut?.when === "before") return void (record(0), incoming.socket.destroy());
        const reply = told
            ? { ...told, headers: told.retryAfter === undefined ? {} : { "retry-after": told.retryAfter } }
            : answer(incoming, url, text, of);
        if (cut) return void (record(0), incoming.socket.destroy());
        record(reply.status);
        const other = of.find((fault) => fault.kind === "other body");
        const body = other ? other.body(reply.body) : reply.body;
        outgoing.writeHead(reply.status, {
            "x-request-id": `panel-${randomUUID()}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...reply.headers,
        });
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
        state,
        login,
        faults,
        seen,
        misfits,
        busiest: () => busiest,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
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

/** Recorded answers hold null where the document has a text only. */
function withoutNulls(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(withoutNulls);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).flatMap(([key, each]) => (each === null ? [] : [[key, withoutNulls(each)]])),
    );
}
