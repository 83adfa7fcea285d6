import { formatPacket } from "../core/analysis/witness";
import type { PanelNote } from "../core/dialects/allowLists/notes";
import type { ProvenPlan } from "../core/dialects/allowLists/panelPlan";
import { templatePlan } from "../core/dialects/layerstack";
import { portalPlan } from "../core/dialects/leaseweb";
import type { Policy } from "../core/model/policy";
import { notKnownYet } from "../core/model/storedPolicy";
import { type Chosen, chosenOf } from "./chosen";
import type { Output } from "./program";
import { tableText } from "./tableText";

/** Hosters whose rules are entered by hand, since no API takes them. */
export const PANELS = ["leaseweb", "layerstack"] as const;
export type Panel = (typeof PANELS)[number];

export interface PlanOptions extends Chosen {
    readonly json?: boolean;
}

/** Prints the rows that mean the rules of a server, once it is proven that they do. */
export async function planCommand(output: Output, panel: Panel, options: PlanOptions): Promise<number> {
    const { name, policy: inForce, waiting, bound } = await chosenOf(options);
    // What is to be entered are the rules, also while they wait.
    const policy = waiting ?? inForce;
    if (bound !== undefined) throw new Error(`what decides at ${name} can't be said in rows: ${bound}`);
    const open = notKnownYet(policy);
    if (open !== undefined) throw new Error(`${open} is not known yet: ask again after the update that makes it known`);
    const { steps, notes, difference } = planFor[panel](policy, waiting === undefined);
    if (difference) {
        const { packet, meant, done } = difference;
        throw new Error(`the rows would not mean the rules of ${name}: ${formatPacket(packet)}: ${done}, not ${meant}`);
    }
    const rows = steps.flatMap((step) => step.rows ?? []);
    output.out(options.json ? `${JSON.stringify({ server: name, panel, steps, notes }, null, 4)}\n` : text());
    return 0;

    function text(): string {
        const blocks = [
            `${rows.length} ${rows.length === 1 ? "row" : "rows"}, proven to mean the rules of ${name}.`,
            ...steps.flatMap((step, index) => [
                `${index + 1}. ${step.text}`,
                ...(step.rows?.length ? [tableText(step.rows)] : []),
            ]),
            ...(notes.length > 0 ? [["Know that", ...notes.map(noteText)].join("\n")] : []),
        ];
        return `${blocks.join("\n\n")}\n`;
    }
}

function noteText({ severity, text }: PanelNote): string {
    return `- ${severity === "warning" ? "warning: " : ""}${text}`;
}

const planFor: Readonly<Record<Panel, (policy: Policy, enabled: boolean) => ProvenPlan>> = {
    leaseweb: portalPlan,
    layerstack: (policy) => templatePlan(policy),
};
