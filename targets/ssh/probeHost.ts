import { sleep } from "./dialAnew";
import type { Probe, ProtocolOptions, ProtocolSession, Timing } from "./protocol";
import { protocolError } from "./protocolErrors";
import { defaultTiming, explain, runStep } from "./protocolStep";
import { readProbe } from "./readProbe";

/** The longest window (600 s), a revert that gives up only at the end, and some room. */
const LONGEST_WAIT_MS = 720_000;
/** Most changes are confirmed within a second. */
const LOOK_AGAIN_MS = 2000;

/**
 * Reads what a host runs. What is due there is ended first: an unconfirmed change whose time is over is taken back, a
 * delete that was cut short is finished. A change that is still within its window is waited for.
 *
 * @throws FirewallError VF160 to VF172; what `connect` throws
 */
export async function probeHost(options: ProtocolOptions): Promise<Probe> {
    const session = await options.connect(new AbortController().signal);
    try {
        return await probeSettled(session, options);
    } catch (error) {
        throw explain(error, options.host);
    } finally {
        session.close();
    }
}

/** Probes over an open connection until nothing is pending. */
export async function probeSettled(session: ProtocolSession, options: ProtocolOptions): Promise<Probe> {
    const until = Date.now() + LONGEST_WAIT_MS;
    for (let first = true; ; first = false) {
        const probe = await probeOnce(session, options);
        if (probe.pending === undefined) return probe;
        const { applyId, secondsLeft } = probe.pending;
        if (Date.now() > until) throw protocolError("VF172", options.host, `apply ${applyId}.`);
        if (first) options.progress?.("checking", waitingWords(secondsLeft));
        await sleep(LOOK_AGAIN_MS);
    }
}

function waitingWords(secondsLeft: number): string {
    return secondsLeft > 0
        ? `waiting for another change: confirmed or taken back within ${secondsLeft} s`
        : "waiting: the host is taking back a change that was not confirmed";
}

export async function probeOnce(session: ProtocolSession, options: ProtocolOptions): Promise<Probe> {
    const { complete, backend } = options;
    const timing = timingOf(options);
    const yesOrNo = (value: boolean | undefined) => (value ? "yes" : "no");
    const variables = { with_text: yesOrNo(options.withText), with_others: yesOrNo(options.withOthers) };
    const look = async (whole: boolean) => {
        const step = {
            name: "probe",
            filter: { backend },
            timing,
            variables: { ...variables, whole: yesOrNo(whole) },
        } as const;
        return readProbe(await runStep(session, step, timing.lock + 5 * timing.load));
    };
    const probe = await look(!complete);
    if (!complete || probe.listing === "") return probe;
    const listing = complete(probe.listing, probe.filter.backend, probe.confirmed?.manifest);
    return listing === undefined ? look(true) : { ...probe, listing };
}

export function timingOf(options: ProtocolOptions): Timing {
    return { ...defaultTiming, ...options.timing };
}
