import { openDiagrams } from "../../../../core/analysis/diagram";
import { interfacesOf } from "../../../../core/analysis/interfaces";
import { lastOf } from "../../../../core/analysis/packetFields";
import { evaluateAt } from "../../../../core/analysis/packetValues";
import { CannotExpress } from "../../../../core/dialects/dialect";
import {
    interpretVps,
    openVps,
    portalFields,
    renderVpsRows,
    type VpsFirewall,
    type VpsRow,
} from "../../../../core/dialects/leaseweb";
import { VERDICT } from "../../../../core/dialects/meaning";
import type { Policy } from "../../../../core/model/policy";
import { type Ask, packetOf } from "../packetWords";
import { policy } from "../nftables/build";

export const on = (wanted: Policy): VpsFirewall => ({ enabled: true, rows: renderVpsRows(wanted).rows });

/** `TCP 198.51.100.10/32 22-23 web/ssh` */
export const textOf = (row: VpsRow) =>
    Object.values(portalFields(row))
        .filter(Boolean)
        .join(" ")
        .replace(/ (\d+) (\d+) (?=\D)/, " $1-$2 ");
export const rowsOf = (wanted: Policy) => renderVpsRows(wanted).rows.map(textOf);
export const rowsFor = (line: string) => rowsOf(policy({ "web/a": line }));
export const notesOf = (wanted: Policy, about: string) =>
    renderVpsRows(wanted).notes.filter((note) => note.about === about);

/** What becomes of a packet, by the list that a person reads and by the packet sets, which must agree. */
export function fate(firewall: VpsFirewall, ask: Ask): string {
    const packet = packetOf(ask);
    const diagrams = openDiagrams(lastOf);
    const done = interpretVps(firewall, packet.direction, diagrams);
    const verdict = evaluateAt(diagrams, done, packet, interfacesOf());
    const { verdict: byRows, by } = openVps(firewall, { provider: "nobody", date: "", blocked: [] })(packet);
    expect(VERDICT[byRows]).toBe(verdict);
    return typeof by === "number" ? byRows : `${byRows} (${by})`;
}

export const refusal = (wanted: Policy): CannotExpress => {
    try {
        renderVpsRows(wanted);
    } catch (error) {
        if (error instanceof CannotExpress) return error;
        throw error;
    }
    throw new Error("nothing was refused");
};
