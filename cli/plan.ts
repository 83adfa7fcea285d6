import { formatPacket } from "../core/analysis/witness";
import type { PanelNote } from "../core/dialects/allowLists/notes";
import type { TranslationDifference } from "../core/dialects/dialect";
import { panelFields, proveTemplate, renderTemplate } from "../core/dialects/layerstack";
import { portalFields, proveVpsRows, renderVpsRows } from "../core/dialects/leaseweb";
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

/** Rows of one list of a panel, by the names of its fields; and what is done there to enter them. */
interface Step {
    readonly text: string;
    readonly rows?: readonly Readonly<Record<string, string>>[];
}

interface Plan {
    readonly steps: readonly Step[];
    readonly notes: readonly PanelNote[];
    /** The rows would not mean the policy. */
    readonly difference: TranslationDifference | undefined;
}

/** Prints the rows that mean the rules of a server, once it is proven that they do. */
export async function planCommand(output: Output, panel: Panel, options: PlanOptions): Promise<number> {
    const { name, policy, bound } = await chosenOf(options);
    if (bound !== undefined) throw new Error(`what decides at ${name} can't be said in rows: ${bound}`);
    const open = notKnownYet(policy);
    if (open !== undefined) throw new Error(`${open} is not known yet: ask again after the update that makes it known`);
    const { steps, notes, difference } = planFor[panel](policy);
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

const planFor: Readonly<Record<Panel, (policy: Policy) => Plan>> = {
    /** The vendor's page turns the firewall on first, which cuts SSH until there is a row for it; rows wait while it is off. */
    leaseweb(policy) {
        const { rows, notes } = renderVpsRows(policy);
        const fields = rows.map(portalFields);
        const steps: Step[] = [
            { text: "Under Compute select Virtual Private Server, click the id of the VPS, and the tab Firewall." },
            {
                text: fields.length > 0 ? "For each row: Create Rule, enter it, Submit." : "Make no rule.",
                rows: fields,
            },
            { text: "Delete the rules that are in no row." },
            { text: "Unless the firewall is on: Turn On, OK." },
        ];
        return { steps, notes, difference: proveVpsRows(rows, policy) };
    },
    layerstack(policy) {
        const { template, notes } = renderTemplate(policy);
        const list = (direction: "ingress" | "egress", name: "Inbound" | "Outbound"): Step => {
            const rows = template[direction === "ingress" ? "inbound" : "outbound"];
            const fields = rows.map((row) => panelFields(row, direction));
            const text = fields.length > 0 ? `+ Add New ${name} Rules, for each row:` : `Add no ${name} rule.`;
            return { text, rows: fields };
        };
        const steps: Step[] = [
            {
                text: "Log in to LayerPanel, go to Services and click Firewalls; + Create Firewall, and enter its name.",
            },
            list("ingress", "Inbound"),
            list("egress", "Outbound"),
            { text: "Select the servers in the list, and Save." },
        ];
        return { steps, notes, difference: proveTemplate(template, policy) };
    },
};
