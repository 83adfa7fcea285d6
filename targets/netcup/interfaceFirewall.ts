import * as answers from "./answers";
import { type Call, call, type Refusal } from "./call";
import type { CallOptions } from "./options";
import { left, panelError } from "./panelError";
import type { Panel } from "./panel";
import { serversPath } from "./servers";
import { type ChangeOptions, waitForTask } from "./tasks";
import type { NetcupFirewall, NetcupFirewallSave } from "./types";

/** One interface: the server's id, and the hardware address as the panel writes it. */
export interface Nic {
    readonly serverId: number;
    readonly mac: string;
}

/**
 * The firewall of an interface. `consistencyCheck` (default: false) also asks the server whether it runs what the panel
 * holds, which takes longer.
 *
 * @throws FirewallError VF288 (never configured), VF289 (a VLAN interface), VF280 to VF283
 */
export function getFirewall(
    panel: Panel,
    nic: Nic,
    { signal, consistencyCheck = false }: CallOptions & { readonly consistencyCheck?: boolean | undefined } = {},
): Promise<NetcupFirewall> {
    const query = { consistencyCheck };
    return call(panel, { ...callOf(nic), method: "GET", query, answer: answers.firewall }, signal);
}

/**
 * Replaces both lists of policies and `active` of an interface, and waits until the server has them. What is not named
 * is taken off: name the copied policies that `getFirewall` shows, unless they shall go.
 *
 * @returns the firewall as the panel holds it after that; compare its implicit rules with what was meant
 */
export function putFirewall(
    panel: Panel,
    nic: Nic,
    { copiedPolicies, userPolicies, active }: NetcupFirewallSave,
    options: ChangeOptions = {},
): Promise<NetcupFirewall> {
    const withIds = (ids: readonly number[]) => ids.map((id) => ({ id }));
    const body = { copiedPolicies: withIds(copiedPolicies), userPolicies: withIds(userPolicies), active };
    return changed(panel, nic, { ...callOf(nic), method: "PUT", body }, options);
}

/** Has the server load again what the panel holds, after an update that it did not take in time. */
export function reapplyFirewall(panel: Panel, nic: Nic, options: ChangeOptions = {}): Promise<NetcupFirewall> {
    return changed(panel, nic, { ...callOf(nic, ":reapply"), method: "POST" }, options);
}

/** Brings netcup's own policies back; those of the account stay as they are. */
export function restoreCopiedPolicies(panel: Panel, nic: Nic, options: ChangeOptions = {}): Promise<NetcupFirewall> {
    return changed(panel, nic, { ...callOf(nic, ":restore-copied-policies"), method: "POST" }, options);
}

function changed(
    panel: Panel,
    nic: Nic,
    wanted: Omit<Call<unknown>, "answer">,
    options: ChangeOptions,
): Promise<NetcupFirewall> {
    return panel.change(async () => {
        const started = await call(panel, { ...wanted, answer: answers.task }, options.signal);
        await waitForTask(panel, answers.asTask(started), options);
        const read = { ...callOf(nic), method: "GET", answer: answers.firewall, leaves: left.done } as const;
        return call(panel, read, options.signal);
    }, options.signal);
}

/** Seen with the code, never with a published status. */
const VLAN_CODE = "firewall.cloud.vlan.not.supported";

function callOf({ serverId, mac }: Nic, action = "") {
    const refusal = ({ status, code, ...about }: Refusal) => {
        const values = { server: serverId, mac, ...about };
        if (code === VLAN_CODE) return panelError("VF289", values);
        return status === 404 ? panelError("VF288", values) : undefined;
    };
    // Recorded with its colons as they are.
    const inPath = encodeURIComponent(mac).replaceAll("%3A", ":");
    return { path: `${serversPath}/${serverId}/interfaces/${inPath}/firewall${action}`, refusal };
}
