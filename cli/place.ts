import { homedir } from "node:os";
import { type Connect, openSession, type Surroundings, type Target } from "../targets/ssh";

/** `root@192.0.2.10`, `root@[2001:db8::a]:2222`, or a name of ~/.ssh/config. */
export function targetOf(place: string): Target {
    const [, user, host, port] = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(place) ?? [];
    if (host === undefined) throw new Error(`${place} is no host: root@192.0.2.10, or root@[2001:db8::a]:2222`);
    return { host: host.replace(/^\[|\]$/g, ""), ...(user && { user }), ...(port && { port: Number(port) }) };
}

/** Where credentials of a command come from. */
export function surroundings(): Surroundings {
    return { config: {}, env: process.env, home: homedir() };
}

/** What the protocol needs to reach it. */
export function reach(target: Target): { readonly host: string; readonly connect: Connect } {
    return { host: target.host, connect: (signal) => openSession(target, {}, surroundings(), { signal }) };
}
