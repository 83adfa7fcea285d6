import { exposure, type Exposure } from "../core/analysis/exposure";
import { policyOf, type StoredPolicy } from "../core/model/storedPolicy";
import type { PreviewDocument, PreviewStep } from "./previewDocument";
import { nameIn, RULESET_TYPES, storedIn } from "./storedRules";
import type { Side } from "./trafficRows";

/** One server whose rules a preview creates, changes or takes away. */
export interface ServerChange {
    readonly server: string;
    /** Absent: it had none of ours. */
    readonly before?: StoredSide;
    /** Absent: it will have none of ours. */
    readonly after?: StoredSide;
}

export interface StoredSide {
    readonly stored: StoredPolicy;
    readonly exposure: Exposure;
    /** Two sides with the same key say the same. */
    readonly key: string;
}

export function serverChanges({ steps }: PreviewDocument): ServerChange[] {
    const changes = new Map<string, ServerChange>();
    for (const step of steps) {
        if (!RULESET_TYPES.includes(step.type) || step.op === "same" || step.op === "refresh" || step.op === "read")
            continue;
        // A replacement is several steps of one resource.
        const known = changes.get(step.urn);
        const [before, after] = [
            side(step, step.before),
            step.op.includes("delete") ? undefined : side(step, step.after),
        ];
        const [was, is] = [before ?? known?.before, after ?? known?.after];
        changes.set(step.urn, { server: nameIn(step.urn), ...(was && { before: was }), ...(is && { after: is }) });
    }
    return [...changes.values()];
}

function side({ urn }: PreviewStep, inputs: PreviewStep["before"]): StoredSide | undefined {
    if (!inputs) return undefined;
    const stored = storedIn(inputs, nameIn(urn));
    const said = inputs["exposure"];
    const isPlain =
        typeof said === "object" && said !== null && Object.values(said).every((who) => typeof who === "string");
    const shown = isPlain ? (said as Exposure) : exposure(policyOf(stored));
    return { stored, exposure: shown, key: JSON.stringify([stored, shown]) };
}

/** To be analysed; undefined where a rule can't be read, as some of what others wrote on a host. */
export function analysed({ stored, exposure: shown }: StoredSide): Side | undefined {
    try {
        return { policy: policyOf(stored), exposure: shown };
    } catch {
        return undefined;
    }
}
