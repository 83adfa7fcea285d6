import { randomUUID } from "node:crypto";
import { implicitRules } from "../../core/dialects/netcup/decidePacket";
import { countRules } from "../../core/dialects/netcup/count";
import { render, rulesOf } from "../../core/dialects/netcup/render";
import { type AttachedPolicy, type FirewallRule, READINGS } from "../../core/dialects/netcup/rule";
import { type Diagnostic, diagnostic, fail, FirewallError, quote } from "../../core/model/diagnostics";
import { parseAddressRange } from "../../core/model/parseAddress";
import type { Policy } from "../../core/model/policy";
import { notKnownYet, policyOf } from "../../core/model/storedPolicy";
import {
    createPolicy,
    deletePolicy,
    findPolicies,
    findServer,
    getFirewall,
    getPolicy,
    listInterfaces,
    listPolicies,
    type NetcupFirewall,
    type Nic,
    openPanel,
    type Panel,
    type PanelTiming,
    putFirewall,
    replacePolicy,
} from "../../targets/netcup";
import { PartialFailure } from "../partialFailure";
import { type CheckFailure, isRecord, type Raw, unknownFields } from "../rawPolicy";
import { findingMessages } from "../tellFindings";
import { isUnknown } from "../unknowns";
import { checkNetcup } from "./checkNetcup";
import { heldState, sameRules } from "./heldRules";
import { lockoutOf } from "./netcupLockout";
import type { NetcupInputs, NetcupOutputs, NetcupTarget } from "./netcupInputs";

export interface NetcupSurroundings {
    /** The refresh token of configuration or environment. */
    readonly refreshToken: () => string | undefined;
    readonly log: (severity: "info" | "warning", text: string) => void;
    /** The waits of the client; only tests change them. */
    readonly timing?: Partial<PanelTiming>;
}

const KNOWN_INPUTS: readonly string[] = [
    ...["target", "owner", "policyName", "templates", "addressSets", "defaults"],
    ...["managementSources", "managementPort", "lockoutCheck"],
];

/** check, create, read, update and delete of the rules of one interface at netcup's panel. Knows no Pulumi. */
export class NetcupProvider {
    private readonly told = new Set<string>();
    /** One for each address of a panel: it lets one change of the account at a time through. */
    private readonly panels = new Map<string, Panel>();

    constructor(private readonly outside: NetcupSurroundings) {}

    check(raw: Raw): { inputs: NetcupInputs; failures: CheckFailure[] } {
        // These only mark what is made here as secret, by their names.
        const {
            templates,
            addressSets,
            defaults,
            sameTargetAs,
            rules,
            exposure: _e,
            sets: _s,
            __sets: _l,
            ...rest
        } = raw;
        const today = new Date().toISOString().slice(0, 10);
        const { stored, failures, findings, notes, rendered } = checkNetcup(
            { templates, addressSets, defaults, rules },
            today,
        );
        const inputs: NetcupInputs = { ...(rest as unknown as NetcupInputs), ...stored, rulesFormat: 1 };
        const problems = fieldProblems(rest, sameTargetAs);
        const lockout = rendered && problems.length === 0 ? this.lockoutOf(inputs, policyOf(stored)) : undefined;
        for (const note of notes) this.tell(note);
        for (const { severity, text } of findingMessages(findings, this.told)) this.outside.log(severity, text);
        return {
            inputs,
            failures: [...[...problems, ...(lockout ? [lockout] : [])].map(asFailure), ...failures],
        };
    }

    async create(inputs: NetcupInputs): Promise<{ id: string; outputs: NetcupOutputs }> {
        const id = randomUUID();
        return { id, outputs: await this.apply(id, inputs) };
    }

    update(id: string, inputs: NetcupInputs, known: NetcupOutputs): Promise<NetcupOutputs> {
        return this.apply(id, inputs, known);
    }

    /** What the panel holds, in the form of inputs and outputs. */
    async read(id: string, known: NetcupOutputs) {
        const panel = this.panel(known.target);
        const held = await getFirewall(panel, nicOf(known));
        const attached = held.userPolicies.find((policy) => policy.id === known.policyId);
        const wanted = rulesOf(render(policyOf(known)));
        const isHeld = attached !== undefined && held.active && sameRules(attached.rules, wanted);
        const rules: readonly FirewallRule[] = attached && held.active ? attached.rules : [];
        const outputs: NetcupOutputs = isHeld
            ? known
            : { ...known, ...heldState(known, rules), count: countRules(rules) };
        const { serverId: _i, serverName: _n, mac: _m, policyId: _p, count: _c, ...inputs } = outputs;
        return { id, inputs: inputs satisfies NetcupInputs, outputs };
    }

    /** Detaches, waits until the server has it, then deletes: a policy in use can't go. netcup's own policies stay. */
    async delete(_id: string, known: NetcupOutputs): Promise<void> {
        const panel = this.panel(known.target);
        await detach(panel, known);
        if ((await listPolicies(panel)).some(({ id }) => id === known.policyId))
            await deletePolicy(panel, known.policyId);
    }

    /**
     * A policy that is attached is replaced as a whole: the panel changes the list and the implicit rules in one update of the server.
     * A new one filters nothing until it is attached, with all of its rules in it. So there is no moment in which less is let through
     * than before and after both let through, nor more than either.
     */
    private async apply(id: string, inputs: NetcupInputs, known?: NetcupOutputs): Promise<NetcupOutputs> {
        const policy = policyOf(inputs);
        const open = notKnownYet(policy);
        if (open !== undefined) fail("VF029", { where: open }, open);
        const lockout = this.lockoutOf(inputs, policy);
        if (lockout) throw new FirewallError(lockout);
        const rules = rulesOf(render(policy));
        const panel = this.panel(inputs.target);
        const { server, nic } = await this.placeOf(panel, inputs.target);
        const before = await getFirewall(panel, nic);
        const save = { name: inputs.policyName, description: `managed by pulumi-vps-firewall, ${inputs.owner}`, rules };
        const policyId = await this.ownPolicy(panel, inputs, known);
        const current = policyId === undefined ? undefined : await getPolicy(panel, policyId);
        const saved =
            policyId === undefined || !current
                ? await createPolicy(panel, save)
                : sameRules(current.rules, rules) && current.name === save.name
                  ? current
                  : await replacePolicy(panel, policyId, save);
        const foreign = before.userPolicies.filter((other) => other.id !== saved.id);
        if (foreign.length > 0) {
            const policies = foreign.map(({ name }) => name).join(", ");
            this.tell(diagnostic("VF299", { mac: nic.mac, server: server.name, policies: quote(policies) }));
        }
        const isAttached = before.active && before.userPolicies.some((other) => other.id === saved.id);
        const held = isAttached
            ? await getFirewall(panel, nic)
            : await putFirewall(panel, nic, {
                  ...attachedTo(before),
                  userPolicies: [...others(before, saved.id), saved.id],
                  active: true,
              });
        const outputs: NetcupOutputs = {
            ...inputs,
            serverId: nic.serverId,
            serverName: server.name,
            mac: nic.mac,
            policyId: saved.id,
            count: countRules(rules),
        };
        // The new interface has the rules before the former loses them.
        if (known && (known.serverId !== nic.serverId || known.mac !== nic.mac)) await detach(panel, known);
        const problem = implicitProblem(held, server.name, nic.mac);
        if (problem) throw new PartialFailure(id, { ...outputs }, [problem.message]);
        return outputs;
    }

    /** What the panel would do is the policy, as was proven; a check that depends on what is not known yet is made at the apply. */
    private lockoutOf(inputs: NetcupInputs, policy: Policy): Diagnostic | undefined {
        const isOpen = [inputs.managementSources, inputs.managementPort, inputs.target.server].flat().some(isUnknown);
        if (isOpen) return undefined;
        if (inputs.lockoutCheck !== "off") return lockoutOf(inputs, policy);
        this.tell(diagnostic("VF302", { server: inputs.target.server }));
        return undefined;
    }

    /** The policy that is ours: that of the state, if it is still there, else the one of this name. */
    private async ownPolicy(
        panel: Panel,
        { policyName }: NetcupInputs,
        known?: NetcupOutputs,
    ): Promise<number | undefined> {
        const all = await listPolicies(panel);
        if (known && all.some(({ id }) => id === known.policyId)) return known.policyId;
        const named = await findPolicies(panel, policyName);
        if (named.length > 1) fail("VF295", { count: named.length, name: quote(policyName) });
        return named[0]?.id;
    }

    private async placeOf(panel: Panel, { server: wanted, interface: mac }: NetcupTarget) {
        const server = await findServer(panel, wanted);
        if (mac !== undefined) return { server, nic: { serverId: server.id, mac } };
        const nics = await listInterfaces(panel, server.id);
        const [only, ...more] = nics;
        if (!only || more.length > 0) {
            const interfaces = nics.map((nic) => nic.mac).join(", ") || "none";
            fail("VF297", { server: server.name, count: nics.length, interfaces, first: only?.mac ?? "..." });
        }
        return { server, nic: { serverId: server.id, mac: only.mac } };
    }

    private panel({ url }: NetcupTarget): Panel {
        const refreshToken = this.outside.refreshToken();
        if (refreshToken === undefined || refreshToken === "") fail("VF298", {});
        const name = `${url ?? ""} ${refreshToken}`;
        const panel = this.panels.get(name) ?? openPanel({ refreshToken, url, timing: this.outside.timing });
        this.panels.set(name, panel);
        return panel;
    }

    private tell({ severity, message }: Diagnostic): void {
        if (this.told.has(message)) return;
        this.told.add(message);
        this.outside.log(severity === "note" ? "info" : "warning", message);
    }
}

/** Takes our policy off an interface and waits until its server knows; what else is there stays. */
async function detach(panel: Panel, known: NetcupOutputs): Promise<void> {
    const held = await getFirewall(panel, nicOf(known));
    if (held.userPolicies.some(({ id }) => id === known.policyId))
        await putFirewall(panel, nicOf(known), { ...attachedTo(held), userPolicies: others(held, known.policyId) });
}

function nicOf({ serverId, mac }: NetcupOutputs): Nic {
    return { serverId, mac };
}

function others({ userPolicies }: NetcupFirewall, own: number): number[] {
    return userPolicies.filter(({ id }) => id !== own).map(({ id }) => id);
}

/** What is on an interface, to be sent again: what is not named is taken off. */
function attachedTo({ copiedPolicies, userPolicies, active }: NetcupFirewall) {
    return {
        copiedPolicies: copiedPolicies.map(({ id }) => id),
        userPolicies: userPolicies.map(({ id }) => id),
        active,
    };
}

/** What the panel makes of what no rule matches must be what it was taken for in some reading, as the rules mean the same in all. */
function implicitProblem(held: NetcupFirewall, server: string, mac: string): Diagnostic | undefined {
    const policies: AttachedPolicy[] = [
        ...held.copiedPolicies.map(({ name, rules }) => ({ name, rules, copied: true })),
        ...held.userPolicies.map(({ name, rules }) => ({ name, rules, copied: false })),
    ];
    const said = `${held.ingressImplicitRule} in, ${held.egressImplicitRule} out`;
    const meant = READINGS.map((reading) => implicitRules(policies, reading)).map(
        ({ INGRESS, EGRESS }) => `${INGRESS} in, ${EGRESS} out`,
    );
    if (meant.includes(said)) return undefined;
    return diagnostic("VF296", { server, mac, said, meant: [...new Set(meant)].join(" or ") });
}

function fieldProblems(rest: Raw, sameTargetAs: unknown): Diagnostic[] {
    const { server } = isRecord(rest["target"]) ? rest["target"] : {};
    const isMissing = !isUnknown(server) && (server === undefined || server === null || server === "");
    const { managementSources, managementPort: port, lockoutCheck } = rest;
    const isPort =
        port === undefined || isUnknown(port) || (Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65535);
    const isCheck = [undefined, "on", "off"].includes(lockoutCheck as string | undefined) || isUnknown(lockoutCheck);
    const sources: unknown[] =
        managementSources === undefined || isUnknown(managementSources) ? [] : [managementSources].flat();
    const isTwice = typeof sameTargetAs === "string" && !isUnknown(sameTargetAs);
    return [
        ...unknownFields(rest, KNOWN_INPUTS),
        ...(isMissing ? [diagnostic("VF010", { field: "server", meaning: "nothing" }, "target")] : []),
        ...(isPort ? [] : [wrongValue("managementPort", port, "It is a port, 1 to 65535.")]),
        ...(isCheck ? [] : [wrongValue("lockoutCheck", lockoutCheck, 'It is "on" or "off".')]),
        ...sources.flatMap((source, index) => {
            if (isUnknown(source)) return [];
            const parsed = parseAddressRange(typeof source === "string" ? source : "", `managementSources[${index}]`);
            return "problem" in parsed ? [parsed.problem] : [];
        }),
        ...(isTwice ? [diagnostic("VF023", { host: quote(server), other: quote(sameTargetAs) }, "target")] : []),
    ];
}

function wrongValue(field: string, value: unknown, proposal: string): Diagnostic {
    return diagnostic("VF014", { field, value: quote(value), proposal }, field);
}

function asFailure({ message, property = "target" }: Diagnostic): CheckFailure {
    return { property, reason: message };
}
