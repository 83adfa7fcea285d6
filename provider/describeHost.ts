import { nftables } from "../core/dialects/nftables";
import type { Probe } from "../targets/ssh";
import { bootOf } from "./bootState";
import type { Pins } from "./pinnedKeys";
import type { HostInputs, HostOutputs } from "./hostInputs";
import { readable } from "./readableListing";
import { type LiveState, liveState, UNMANAGED } from "./hostState";
import { readManifest } from "./manifest";
import { hashOwner, ownerName } from "./ownership";

/** A host as it was probed, in the form of inputs and outputs; what no host knows is taken from `known`. */
export function describeHost(
    known: HostInputs,
    probe: Probe,
    pins: Pins,
): { inputs: HostInputs; outputs: HostOutputs } {
    const { target, credentials, managementSources, lockoutCheck, confirmSeconds, adopt, onUnreachable, hoster } =
        known;
    const inputs: HostInputs = {
        target,
        owner: ownerOf(probe, known.owner),
        ...(credentials && { credentials }),
        ...(managementSources && { managementSources }),
        ...(lockoutCheck && { lockoutCheck }),
        ...(confirmSeconds !== undefined && { confirmSeconds }),
        ...(adopt !== undefined && { adopt }),
        ...(onUnreachable && { onUnreachable }),
        ...(hoster && { hoster }),
        ...liveOf(probe, known),
        boot: bootOf(probe),
        rulesFormat: 1,
    };
    return { inputs, outputs: outputsOf(inputs, probe, pins) };
}

/** Inputs that the host runs, with what is only known of it. */
export function outputsOf(inputs: HostInputs, probe: Probe, pins: Pins): HostOutputs {
    return {
        ...inputs,
        machineId: probe.machineId,
        generation: probe.confirmed?.generation ?? 0,
        applyId: probe.mark?.applyId ?? "",
        backend: `nftables ${probe.nftVersion}`,
        ...pins,
    };
}

function liveOf(probe: Probe, fallback: HostInputs): LiveState {
    if (probe.table === "absent") return UNMANAGED;
    const expected = readManifest(probe.confirmed?.manifest)?.policy ?? fallback;
    return liveState(
        readable(fallback.target.host, () => nftables.read(probe.listing)),
        expected,
    );
}

/** Whose ruleset the host runs, by name where it is known. */
function ownerOf({ mark, confirmed }: Probe, ours: string): string {
    if (!mark || mark.owner === hashOwner(ours)) return ours;
    return ownerName(mark.owner, readManifest(confirmed?.manifest));
}
