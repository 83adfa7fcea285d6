import { homedir } from "node:os";
import type { Packet } from "../core/analysis/decide";
import { boundsOf, listCommand, nftables } from "../core/dialects/nftables";
import { printable } from "../core/model/diagnostics";
import { openSession } from "../targets/ssh";
import type { Asked } from "./sources";

const LIMITS = { timeoutMs: 60_000, maxOutput: 2 ** 28 };

/** What a host enforces, as its packet filter lists it. Nothing is changed there. */
export async function liveRules(place: string): Promise<Asked> {
    const [, user, host, port] = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(place) ?? [];
    if (host === undefined) throw new Error(`${place} is no host: root@192.0.2.10, or root@[2001:db8::a]:2222`);
    const target = { host: host.replace(/^\[|\]$/g, ""), ...(user && { user }), ...(port && { port: Number(port) }) };
    const session = await openSession(target, {}, { config: {}, env: process.env, home: homedir() });
    try {
        const command = `PATH="$PATH:/usr/sbin:/sbin"; if [ "$(id -u)" = 0 ]; then ${listCommand}; else sudo -n ${listCommand}; fi`;
        const { code, stdout, stderr } = await session.run(`sh -c '${command}'`, "", LIMITS);
        const absent = code !== 0 && /No such file or directory/.test(stderr);
        if (code !== 0 && !absent) throw new Error(`${place}: nft says: ${printable(stderr.trim(), 300)}`);
        const { effective, sets, defaults, understood } = nftables.read(absent ? "" : stdout);
        const templates = [...new Set(effective.map(({ key }) => /^([^/ ]+)\//.exec(key)?.[1] ?? ""))].filter(Boolean);
        const bound = absent
            ? "there is no table of this library, and what others filter there was not read"
            : "something in effect there could not be read in full; this is what the rest says";
        const bounds = absent || understood ? {} : { boundsOf: (packet: Packet) => boundsOf(stdout, packet) };
        const policy = { rules: effective, sets, defaults };
        return { name: target.host, policy, templates, ...((absent || !understood) && { bound }), ...bounds };
    } finally {
        session.close();
    }
}
