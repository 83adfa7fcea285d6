import { readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { render } from "../../core/dialects/nftables";
import type { Family } from "../../core/model/addresses";
import type { Policy } from "../../core/model/policy";
import { openIptables, runWith, savedRules } from "./iptables";
import { DEVICES } from "./devices";
import type { Backend } from "./job";
import { openProbeTable } from "./netlink";
import { LONGEST, type Probe, writePacket } from "./packet";
import { numberOf, waysTable } from "./ways";

/** What the kernel did with a probe. */
export interface Observation {
    /** `unreached`: it never came to the hook, so there was nothing to decide. */
    readonly verdict: "accept" | "drop" | "unreached";
    /** The answer that came back: `IPv4 3/3` is an ICMP message of type 3, code 3, `IPv4 reset` a reset of TCP. */
    readonly answer?: string;
}

/** The kernel's packet filter in this network namespace, made by namespace.sh; starter.py has opened the descriptors. */
export interface Kernel {
    /** Loads the policy and offers it the probes, at most MOST_PROBES. */
    ask(policy: Policy, probes: readonly Probe[]): Observation[];
    /** What the programs print that save the rules of iptables. */
    saved(): Readonly<Record<Family, string>>;
}

/** As many as the sets of probe.nft have room for. */
const MOST_PROBES = 12_000;

export const ownership = {
    owner: "0123456789abcdef",
    resource: "00000000-0000-4000-8000-000000000000",
    applyId: "fedcba9876543210",
};

const [TAP, RAW4, RAW6, NETLINK, SECOND_TAP] = [10, 11, 12, 13, 14] as const;
/** Where the number of its way stands in a frame, at the end of its sender; without a way it is from this one. */
const [WAY, NO_WAY] = [10, 2] as const;
const ETHERNET = 14;

export function openKernel(backend: Backend = "nftables", forward = false, mostRules?: number): Kernel {
    // What OUTPUT drops is an error of the write, and half of the probes are.
    Error.stackTraceLimit = 0;
    const around = readFileSync(join(__dirname, "probe.nft"), "utf8");
    const table = openProbeTable(NETLINK, "probe");
    const load = backend === "nftables" ? loadNft : openIptables(backend, loadAround);
    const saved = () => {
        if (backend === "nftables") throw new Error("nftables has other listings");
        return savedRules(backend);
    };
    const frames = { 4: frameFor(0x0800), 6: frameFor(0x86dd) } as const;

    if (forward) runWith("nft", ["-f", "-"], waysTable());

    // By the same program, in the same way as on a host.
    function loadNft(policy: Policy): void {
        runWith("nft", ["-f", "-"], around + render(policy, ownership, mostRules));
    }

    function loadAround(): void {
        runWith("nft", ["-f", "-"], around);
    }

    function send(probe: Probe, id: number): void {
        const frame = frames[probe.family];
        const end = writePacket(frame, ETHERNET, probe, id);
        frame.writeUInt16BE(probe.forwarded ? numberOf(probe.forwarded) : NO_WAY, WAY);
        if (probe.direction === "ingress") writeSync(tapOf(probe), frame, 0, end);
        else if (probe.family === 4) writeSync(RAW4, frame, ETHERNET, end - ETHERNET);
        else writeSync(RAW6, frame, ETHERNET, end - ETHERNET);
    }

    /**
     * The recorded numbers of so many probes. What is recorded is counted too, since a listing of a set is not sure to be
     * whole, and a packet that is no probe must not pass for one.
     */
    function recorded(name: "reached" | "passed", most: number): Set<number> {
        const [count, keys] = [table.count(`count_${name}`), table.keys(name)];
        if (keys.size !== count)
            throw new Error(`the kernel counted ${count} probes that ${name} and listed ${keys.size}`);
        const foreign = [...keys].filter((id) => id < 1 || id > most);
        if (foreign.length > 0) throw new Error(`${foreign.length} packets that ${name} are no probes`);
        return keys;
    }

    return {
        saved,
        ask(policy, probes) {
            if (probes.length > MOST_PROBES) throw new Error(`more than ${MOST_PROBES} probes at once`);
            load(policy);
            // 0 would be replaced by a number of the kernel's.
            probes.forEach((probe, index) => {
                try {
                    send(probe, index + 1);
                } catch {
                    // Dropped, or refused before it came to the hook: the sets tell.
                }
            });
            const answers = readAnswers();
            const [reached, passed] = [recorded("reached", probes.length), recorded("passed", probes.length)];
            return probes.map((_, index): Observation => {
                const id = index + 1;
                const verdict = !reached.has(id) ? "unreached" : passed.has(id) ? "accept" : "drop";
                const answer = answers.get(id);
                return answer === undefined ? { verdict } : { verdict, answer };
            });
        },
    };
}

function tapOf({ interface: name = "tap0" }: Probe): number {
    const index = DEVICES.indexOf(name);
    return index === 0 ? TAP : SECOND_TAP + index - 1;
}

/** Room for a packet behind an Ethernet header to tap0. */
function frameFor(type: number): Buffer {
    const frame = Buffer.alloc(ETHERNET + LONGEST);
    frame.writeUIntBE(0x020000000001, 0, 6);
    frame.writeUIntBE(0x020000000002, 6, 6);
    frame.writeUInt16BE(type, 12);
    return frame;
}

/** What lies in the queue of the tap: ICMP errors, by the number of the probe inside, and resets, by what they acknowledge. */
function readAnswers(): Map<number, string> {
    const answers = new Map<number, string>();
    const frame = Buffer.alloc(2048);
    for (;;) {
        let length: number;
        try {
            length = readSync(TAP, frame);
        } catch {
            return answers;
        }
        const [protocol, header] = frame[12] === 0x08 ? [frame[23], 20] : [frame[20], 40];
        const family = header === 20 ? 4 : 6;
        if (protocol === 6) {
            const tcp = ETHERNET + header;
            const [flags, sequence, acknowledged] = [
                frame[tcp + 13]!,
                frame.readUInt32BE(tcp + 4),
                frame.readUInt32BE(tcp + 8),
            ];
            const isReset = (flags & 0x04) !== 0;
            if (isReset) answers.set(((flags & 0x10) === 0 ? sequence : acknowledged) >>> 2, `IPv${family} reset`);
            continue;
        }
        const inner = ETHERNET + header + 8;
        const isError = header === 20 ? protocol === 1 : protocol === 58 && frame[ETHERNET + header]! < 128;
        // The kernel speaks of itself too: it looks for neighbours and routers.
        if (!isError || length < inner + header) continue;
        const id = frame.readUInt16BE(inner + (header === 20 ? 4 : 2));
        const kind = `${frame[ETHERNET + header]}/${frame[ETHERNET + header + 1]}`;
        answers.set(id, `IPv${family} ${kind}`);
    }
}
