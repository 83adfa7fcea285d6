import type { Probe, ProtocolOptions } from "./protocol";

/** Reads what a host runs; waits for an apply that is still open there. */
export async function probeHost(_options: ProtocolOptions): Promise<Probe> {
    throw new Error("not written yet");
}
