import { homedir } from "node:os";
import type { Packet } from "../core/analysis/decide";
import { boundsOf, nftables } from "../core/dialects/nftables";
import { listTable, openSession } from "../targets/ssh";
import type { Asked } from "./sources";

/** What a host enforces, as its packet filter lists it. Nothing is changed there. */
export async function liveRules(place: string): Promise<Asked> {
    const [, user, host, port] = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(place) ?? [];
    if (host === undefined) throw new Error(`${place} is no host: root@192.0.2.10, or root@[2001:db8::a]:2222`);
    const target = { host: host.replace(/^\[|\]$/g, ""), ...(user && { user }), ...(port && { port: Number(port) }) };
    const surroundings = { config: {}, env: process.env, home: homedir() };
    const listing = await listTable({
        host: target.host,
        connect: (signal) => openSession(target, {}, surroundings, { signal }),
    });
    const { effective, sets, defaults, understood } = nftables.read(listing ?? "");
    const templates = [...new Set(effective.map(({ key }) => /^([^/ ]+)\//.exec(key)?.[1] ?? ""))].filter(Boolean);
    const asked = { name: target.host, policy: { rules: effective, sets, defaults }, templates };
    if (listing === undefined) {
        return { ...asked, bound: "there is no table of this library, and what others filter there was not read" };
    }
    if (understood) return asked;
    return {
        ...asked,
        bound: "something in effect there could not be read in full; this is what the rest says",
        boundsOf: (packet: Packet) => boundsOf(listing, packet),
    };
}
