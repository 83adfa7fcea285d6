import type { Policy } from "../../model/policy";
import type { PanelStep, ProvenPlan } from "../allowLists/panelPlan";
import { proveVpsRows } from "./prove";
import { renderVpsRows } from "./render";
import { portalFields } from "./rows";

/**
 * What is to be done in Leaseweb's portal so that the firewall of a VPS means the policy. The vendor's page turns it on first,
 * which cuts SSH until there is a row for it; rows wait while it is off.
 *
 * @throws CannotExpress, TooMuchWork
 */
export function portalPlan(policy: Policy, enabled = true): ProvenPlan {
    const { rows, notes } = renderVpsRows(policy);
    const fields = rows.map(portalFields);
    const steps: PanelStep[] = [
        { text: "Under Compute select Virtual Private Server, click the id of the VPS, and the tab Firewall." },
        {
            text: fields.length > 0 ? "For each row: Create Rule, enter it, Submit." : "Make no rule.",
            rows: fields,
        },
        { text: "Delete the rules that are in no row." },
        { text: enabled ? "Unless the firewall is on: Turn On, OK." : "Unless the firewall is off: Turn Off." },
    ];
    return { steps, notes, difference: proveVpsRows(rows, policy) };
}
