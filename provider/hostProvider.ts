import { randomUUID } from "node:crypto";
import { nftables, UnreadableListing } from "../core/dialects/nftables";
import { diagnostic, fail, FirewallError, printable } from "../core/model/diagnostics";
import {
    applyRuleset,
    type Connect,
    hostQueue,
    openSession,
    type Phase,
    type Probe,
    probeHost,
    removeRuleset,
    type Session,
    type Surroundings,
} from "../targets/ssh";
import { planApply, type Wish, wishOf } from "./applyHost";
import { bootOf } from "./bootState";
import { type CheckFailure, checkHost } from "./checkHost";
import type { HostInputs, HostOutputs } from "./hostInputs";
import { type LiveState, liveState, UNMANAGED } from "./hostState";
import { readManifest } from "./manifest";
import { hashOwner, releaseMachines } from "./ownership";

/** What surrounds the provider: where credentials may come from, and who reads its messages. */
export interface ProviderSurroundings {
    readonly surroundings: () => Surroundings;
    readonly log: (severity: "info" | "warning", text: string) => void;
}

/** A failure after which the resource must be kept in the state, with what is known of it. */
export class PartialFailure extends Error {
    constructor(
        readonly id: string,
        readonly properties: Record<string, unknown>,
        readonly reasons: readonly string[],
    ) {
        super(reasons.join("\n"));
    }
}

/** check, create, read, update and delete of the ruleset of one Linux host. Knows no Pulumi: a thin host serves it. */
export class HostProvider {
    constructor(private readonly outside: ProviderSurroundings) {}

    check(raw: Record<string, unknown>): { inputs: HostInputs; failures: CheckFailure[] } {
        return checkHost(raw);
    }

    async create(inputs: HostInputs): Promise<{ id: string; outputs: HostOutputs }> {
        const id = randomUUID();
        try {
            return { id, outputs: await this.apply(id, inputs) };
        } catch (error) {
            releaseMachines(id);
            throw error;
        }
    }

    /** `known` is what the state says: how the host was reached, which machine it was, what it ran. */
    update(id: string, inputs: HostInputs, known: HostOutputs): Promise<HostOutputs> {
        return this.apply(id, inputs, known);
    }

    /** The host as it is, in the form of inputs and outputs. */
    async read(id: string, known: HostOutputs): Promise<{ id: string; inputs: HostInputs; outputs: HostOutputs }> {
        return this.onHost(known, known.pinnedHostKey, async (contact) => {
            const { host } = known.target;
            const probe = await probeHost({ host, connect: contact.connect });
            for (const repair of probe.repairs) this.say(host, "checking", `the host ${repair}`);
            if (probe.failure !== undefined)
                this.outside.log("warning", diagnostic("VF112", { host, detail: probe.failure }).message);
            const live = liveOf(probe, known);
            const { inputs, outputs } = this.describe(known, live, probe, contact.pinned());
            return { id, inputs, outputs };
        });
    }

    async delete(id: string, known: HostOutputs): Promise<void> {
        const { host } = known.target;
        await this.onHost(known, known.pinnedHostKey, async ({ connect }) => {
            const outcome = await removeRuleset({ host, connect, resource: id });
            if (outcome.kind === "removed") this.say(host, "removing", "the table is gone, everything passes");
            if (outcome.kind === "foreign")
                this.say(host, "removing", "the table belongs to another resource by now and stays");
        });
        releaseMachines(id);
    }

    private apply(id: string, inputs: HostInputs, known?: HostOutputs): Promise<HostOutputs> {
        const { host } = inputs.target;
        const wish = wishOf(id, inputs, ({ severity, message }) =>
            this.outside.log(severity === "note" ? "info" : "warning", message),
        );
        return this.onHost(inputs, known?.pinnedHostKey, async (contact) => {
            const outcome = await applyRuleset({
                host,
                connect: contact.connect,
                withText: true,
                plan: (probe, applyId) => planApply(wish, probe, applyId),
                verify: (listing) => nftables.difference(listing, wish.policy),
                progress: (phase, text) => this.say(host, phase, text),
                ...(inputs.confirmSeconds !== undefined && { confirmSeconds: inputs.confirmSeconds }),
            });
            switch (outcome.kind) {
                case "unchanged":
                    return outputsOf(inputs, outcome.probe, contact.pinned());
                case "confirmed": {
                    const { probe, generation, applyId } = outcome;
                    return { ...outputsOf(inputs, probe, contact.pinned()), generation, applyId };
                }
                case "reverted":
                    throw takenBack(host, outcome.reason, outcome.probe);
                case "unknown":
                    throw this.partial(wish, outcome.reason, outcome.before, contact.pinned());
            }
        });
    }

    /** Nobody knows what the host runs: the state keeps what it ran last, so that the next update starts by probing. */
    private partial(wish: Wish, reason: string, before: Probe, pinned: string | undefined): PartialFailure {
        const live = liveOf(before, wish.inputs);
        const { outputs } = this.describe(wish.inputs, live, before, pinned);
        const { message } = diagnostic("VF111", { host: wish.inputs.target.host, reason });
        return new PartialFailure(wish.resource, { ...outputs }, [message]);
    }

    private describe(
        known: HostInputs,
        live: LiveState,
        probe: Probe,
        pinned: string | undefined,
    ): { inputs: HostInputs; outputs: HostOutputs } {
        const { target, credentials, managementSources, lockoutCheck, confirmSeconds, adopt } = known;
        const inputs: HostInputs = {
            target,
            owner: ownerOf(probe, known.owner),
            ...(credentials && { credentials }),
            ...(managementSources && { managementSources }),
            ...(lockoutCheck && { lockoutCheck }),
            ...(confirmSeconds !== undefined && { confirmSeconds }),
            ...(adopt !== undefined && { adopt }),
            ...live,
            boot: bootOf(probe),
            rulesFormat: 1,
        };
        return { inputs, outputs: outputsOf(inputs, probe, pinned) };
    }

    /** One operation on a host at a time, on a limited number of hosts at once; sessions know the pinned key. */
    private onHost<Result>(
        { target, credentials }: Pick<HostInputs, "target" | "credentials">,
        pinnedHostKey: string | undefined,
        operation: (contact: { connect: Connect; pinned: () => string | undefined }) => Promise<Result>,
    ): Promise<Result> {
        let pinned = target.hostKey === undefined ? pinnedHostKey : undefined;
        const warned = new Set<string>();
        const connect = async (signal?: AbortSignal): Promise<Session> => {
            const known = pinned === undefined ? target : { ...target, hostKey: pinned };
            const session = await openSession(known, credentials ?? {}, this.outside.surroundings(), { signal });
            if (session.hostKeyTrust === "accepted-new") pinned = session.hostKey;
            for (const warning of session.warnings) {
                if (!warned.has(warning)) this.outside.log("warning", warning);
                warned.add(warning);
            }
            return session;
        };
        return hostQueue.run(`${target.host}:${target.port ?? ""}`, () => operation({ connect, pinned: () => pinned }));
    }

    private say(host: string, phase: Phase | "removing", text: string): void {
        this.outside.log("info", `${printable(host)}  ${phase.padEnd(16)}  ${printable(text)}`);
    }
}

function liveOf(probe: Probe, fallback: HostInputs): LiveState {
    if (probe.table === "absent") return UNMANAGED;
    try {
        return liveState(nftables.read(probe.listing), readManifest(probe.confirmed?.manifest)?.policy ?? fallback);
    } catch (error) {
        if (!(error instanceof UnreadableListing)) throw error;
        return fail("VF173", { host: fallback.target.host, detail: error.message });
    }
}

/** Whose ruleset the host runs, by name where it is known. */
function ownerOf(probe: Probe, ours: string): string {
    if (!probe.mark || probe.mark.owner === hashOwner(ours)) return ours;
    return readManifest(probe.confirmed?.manifest)?.owner ?? `(another stack, ${probe.mark.owner})`;
}

function outputsOf(inputs: HostInputs, probe: Probe, pinned: string | undefined): HostOutputs {
    return {
        ...inputs,
        machineId: probe.machineId,
        generation: probe.confirmed?.generation ?? 0,
        applyId: probe.mark?.applyId ?? "",
        backend: `nftables ${probe.nftVersion}`,
        ...(pinned !== undefined && { pinnedHostKey: pinned }),
    };
}

function takenBack(host: string, reason: string, { confirmed, table }: Probe): FirewallError {
    const running = table === "absent" ? "no ruleset of ours" : `generation ${confirmed?.generation ?? 0} again`;
    return new FirewallError(diagnostic("VF110", { host, reason, running }));
}
