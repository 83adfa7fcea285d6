import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiDocument, openDocument } from "../shared/document";
import { serveSimulator, type Simulator } from "../shared/serve";
import { failed, handlers } from "./handlers";
import { type CloudState, newState } from "./state";

export const apiDocument = JSON.parse(readFileSync(join(__dirname, "openapi.json"), "utf8")) as ApiDocument;

export type LeasewebSimulator = Simulator<CloudState>;

/** Starts it on a free port of 127.0.0.1. Every request, and every answer, is held to the document. */
export function startLeasewebSimulator(options: Partial<CloudState> = {}): Promise<LeasewebSimulator> {
    const state = { ...newState(), ...options };
    const document = openDocument(apiDocument);
    return serveSimulator(state, ({ method, url, headers, body, failsLater }, misfits) => {
        if (headers["x-lsw-auth"] !== state.apiKey) return failed(401, "You are not authorized to view this resource.");
        const route = document.find(method, url.pathname);
        const handler = route && handlers[route.name];
        if (!route || !handler) return failed(404, "Resource not found");
        const problems = route.problems(url.searchParams, body);
        if (problems.length > 0) return failed(400, "The API could not interpret your request correctly.", problems);
        const { parameters } = route;
        const reply = handler({ parameters, query: url.searchParams, body, failsLater }, state);
        const wrong = route.answerProblems(reply.status, reply.body);
        misfits.push(...wrong.map(({ field, message }) => `${route.name} ${reply.status}: ${field} ${message}`));
        return reply;
    });
}
