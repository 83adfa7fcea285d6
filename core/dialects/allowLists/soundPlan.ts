import { TooMuchWork } from "../../analysis/diagram";
import { formatPacket } from "../../analysis/witness";
import { type Diagnostic, diagnostic } from "../../model/diagnostics";
import { CannotExpress, type TranslationDifference } from "../dialect";
import type { ListedRows } from "./listRows";
import type { PanelNote } from "./notes";
import type { PanelPlan, ProvenPlan } from "./panelPlan";

/** A plan that may be shown, with what has to be said of it; no plan where the rows can't mean the rules. */
export interface SoundPlan {
    readonly plan?: PanelPlan;
    readonly messages: readonly Diagnostic[];
}

/** Makes a plan, and turns what stops it (VF313, VF314, VF316) and its warnings (VF315) into messages. */
export function soundPlan(panel: string, make: () => ProvenPlan): SoundPlan {
    try {
        const { difference, ...plan } = make();
        if (difference) return { messages: [differing(panel, difference)] };
        return { plan, messages: warningsOf(panel, plan.notes) };
    } catch (error) {
        return { messages: [stopped(panel, error)] };
    }
}

/** The same for rows that go to an API. What could not be proven (VF316) is rendered all the same, and said. */
export function soundRows<Row>(
    panel: string,
    render: () => ListedRows<Row>,
    prove: (rows: readonly Row[]) => TranslationDifference | undefined,
): { readonly rows?: readonly Row[]; readonly messages: readonly Diagnostic[] } {
    let rendered: ListedRows<Row> | undefined;
    try {
        rendered = render();
        const difference = prove(rendered.rows);
        if (difference) return { messages: [differing(panel, difference)] };
        return { rows: rendered.rows, messages: warningsOf(panel, rendered.notes) };
    } catch (error) {
        const messages = [...(rendered ? warningsOf(panel, rendered.notes) : []), stopped(panel, error)];
        return { messages, ...(rendered && { rows: rendered.rows }) };
    }
}

function warningsOf(panel: string, notes: readonly PanelNote[]): Diagnostic[] {
    const warnings = notes.filter(({ severity }) => severity === "warning");
    return warnings.map(({ text }) => diagnostic("VF315", { panel, note: text }));
}

function differing(panel: string, { packet, done, meant }: TranslationDifference): Diagnostic {
    return diagnostic("VF314", { panel, packet: formatPacket(packet), done, meant });
}

/** Throws what is nothing of the rules. */
function stopped(panel: string, error: unknown): Diagnostic {
    if (error instanceof TooMuchWork) return diagnostic("VF316", { panel });
    if (!(error instanceof CannotExpress)) throw error;
    const { key: rule, field, problem } = error;
    return diagnostic("VF313", { rule, field, panel, problem }, "templates");
}
