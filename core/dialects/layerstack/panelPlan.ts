import type { Policy } from "../../model/policy";
import type { PanelStep, ProvenPlan } from "../allowLists/panelPlan";
import { proveTemplate } from "./prove";
import { renderTemplate } from "./render";
import { type LayerStackTemplate, panelFields } from "./rows";

/**
 * What is to be done in LayerPanel so that a template of it means the policy.
 *
 * @throws CannotExpress, TooMuchWork
 */
export function templatePlan(policy: Policy): ProvenPlan {
    const { template, notes } = renderTemplate(policy);
    return { steps: createSteps(template), notes, difference: proveTemplate(template, policy) };
}

function createSteps({ inbound, outbound }: LayerStackTemplate): PanelStep[] {
    const list = (name: "Inbound" | "Outbound"): PanelStep => {
        const direction = name === "Inbound" ? "ingress" : "egress";
        const rows = name === "Inbound" ? inbound : outbound;
        const fields = rows.map((row) => panelFields(row, direction));
        const text = fields.length > 0 ? `+ Add New ${name} Rules, for each row:` : `Add no ${name} rule.`;
        return { text, rows: fields };
    };
    return [
        { text: "Log in to LayerPanel, go to Services and click Firewalls; + Create Firewall, and enter its name." },
        list("Inbound"),
        list("Outbound"),
        { text: "Select the servers in the list, and Save." },
    ];
}
