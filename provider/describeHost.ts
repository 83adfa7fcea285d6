import { dialects } from "../core/dialects/dialects";
import { policyOf } from "../core/model/storedPolicy";
import { filterWords, type Probe } from "../targets/ssh";
import { bootOf } from "./bootState";
import { containersOf } from "./containers";
import type { Pins } from "./pinnedKeys";
import { type HostInputs, type HostOutputs, optionsOf } from "./hostInputs";
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
    const { target, credentials } = known;
    const { containers: _, ...options } = optionsOf(known);
    const { live, forward } = liveOf(probe, known);
    const containers = containersOf(known, probe, forward);
    const inputs: HostInputs = {
        target,
        owner: ownerOf(probe, known.owner),
        ...(credentials && { credentials }),
        ...options,
        ...(containers && { containers }),
        ...live,
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
        filter: filterWords(probe.filter),
        ...pins,
    };
}

function liveOf(probe: Probe, fallback: HostInputs): { live: LiveState; forward: "containers" | undefined } {
    // A switch reads as off where nothing is filtered.
    const unmanaged: LiveState = { ...UNMANAGED, ...(fallback.enabled && { enabled: "off" }) };
    if (probe.table === "absent") return { live: unmanaged, forward: undefined };
    const confirmed = readManifest(probe.confirmed?.manifest)?.policy;
    // Rules that change while they wait change nothing on the host: only the state knows them.
    const expected = confirmed?.enabled === "off" && fallback.enabled === "off" ? fallback : (confirmed ?? fallback);
    const dialect = dialects[probe.filter.backend];
    const reading = readable(fallback.target.host, () => dialect.read(probe.listing, policyOf(expected)));
    return { live: liveState(reading, expected), forward: reading.forward };
}

/** Whose ruleset the host runs, by name where it is known. */
function ownerOf({ mark, confirmed }: Probe, ours: string): string {
    if (!mark || mark.owner === hashOwner(ours)) return ours;
    return ownerName(mark.owner, readManifest(confirmed?.manifest));
}
