import { TooMuchWork } from "../../analysis/diagram";
import { formatPacket } from "../../analysis/witness";
import { type Diagnostic, diagnostic } from "../../model/diagnostics";
import { CannotExpress } from "../dialect";
import type { PanelPlan, ProvenPlan } from "./panelPlan";

/** A plan that may be shown, with what has to be said of it; no plan where the rows can't mean the rules. */
export interface SoundPlan {
    readonly plan?: PanelPlan;
    readonly messages: readonly Diagnostic[];
}

/** Makes a plan, and turns what stops it (VF313, VF314) and its warnings (VF315, VF316) into messages. */
export function soundPlan(panel: string, make: () => ProvenPlan): SoundPlan {
    try {
        const { difference, ...plan } = make();
        const warnings = plan.notes.filter(({ severity }) => severity === "warning");
        const messages = warnings.map(({ text }) => diagnostic("VF315", { panel, note: text }));
        if (!difference) return { plan, messages };
        const { packet, done, meant } = difference;
        return { messages: [diagnostic("VF314", { panel, packet: formatPacket(packet), done, meant })] };
    } catch (error) {
        if (error instanceof TooMuchWork) return { messages: [diagnostic("VF316", { panel })] };
        if (!(error instanceof CannotExpress)) throw error;
        const { key: rule, field, problem } = error;
        return { messages: [diagnostic("VF313", { rule, field, panel, problem })] };
    }
}
