import { randomUUID } from "node:crypto";
import { dialects } from "../core/dialects/dialects";
import { type Diagnostic, diagnostic, FirewallError, printable } from "../core/model/diagnostics";
import {
    type ApplyOptions,
    type ApplyOutcome,
    applyRuleset,
    type Connect,
    hostQueue,
    type Phase,
    type Probe,
    probeHost,
    type ProtocolOptions,
    type RemoveOutcome,
    removeRuleset,
    type Surroundings,
    type Target,
    type Timing,
} from "../targets/ssh";
import { planApply, type Wish, wishOf } from "./applyHost";
import { inPhase1, type KnownWish, openNewWay, whichAnswers } from "./changeWay";
import { checkHost } from "./checkHost";
import { type Contact, contactWith } from "./contact";
import { policyFor } from "./containers";
import { describeHost, outputsOf } from "./describeHost";
import type { HostInputs, HostOutputs } from "./hostInputs";
import { openClaims } from "./machineClaims";
import { isOtherWay } from "./formerWay";
import { otherMachine } from "./machineIdentity";
import { leftOffNotes, takeoverNotes } from "./otherFirewalls";
import { completed, differenceOf, readable } from "./readableListing";
import { PartialFailure } from "./partialFailure";
import { type Pins, placeOf } from "./pinnedKeys";
import type { CheckFailure } from "./rawPolicy";
import type { Restored } from "./restored";
import { previewNotes } from "./takeControl";
import { findingMessages } from "./tellFindings";
import { takenBack } from "./takenBack";
import { loadedProblem } from "./translation";
import { inputsIn, isUnreachable, onlyForgets, unreachable, untilAnswered } from "./unreachable";

/** What surrounds the provider: where credentials may come from, and who reads its messages. */
export interface ProviderSurroundings {
    readonly surroundings: () => Surroundings;
    readonly log: (severity: "info" | "warning", text: string) => void;
    /** The waits of the protocol; only tests change them. */
    readonly timing?: Partial<Timing>;
}

/**
 * check, create, read, update and delete of rulesets, one for each Linux host. Knows no Pulumi: a thin host serves it. One
 * instance serves one deployment.
 */
export class HostProvider {
    private readonly claims = openClaims();
    private readonly toldFindings = new Set<string>();

    constructor(private readonly outside: ProviderSurroundings) {}

    /** `before` is what the state says; undefined for a create. */
    check(raw: Record<string, unknown>, before?: object): { inputs: HostInputs; failures: CheckFailure[] } {
        const { inputs, failures, findings } = checkHost(raw, new Date().toISOString().slice(0, 10));
        this.claims.has(inputs.target);
        if (failures.length === 0) for (const note of previewNotes(inputs, before)) this.tell(note);
        for (const { severity, text } of findingMessages(findings, this.toldFindings)) this.outside.log(severity, text);
        return { inputs, failures };
    }

    async create(inputs: HostInputs): Promise<{ id: string; outputs: HostOutputs }> {
        const id = randomUUID();
        try {
            return { id, outputs: await this.apply(id, inputs) };
        } catch (error) {
            // What became of the host is not known: the resource is kept, and so is its claim.
            if (!(error instanceof PartialFailure)) this.claims.release(id);
            throw error;
        }
    }

    /** `known` is what the state says: how the host was reached, which machine it was, what it ran. */
    async update(id: string, inputs: HostInputs, known: HostOutputs): Promise<HostOutputs> {
        try {
            return await this.apply(id, inputs, known);
        } catch (error) {
            if (!isUnreachable(error) || !onlyForgets(known, inputs)) throw error;
            this.tell(diagnostic("VF125", { host: inputs.target.host, problem: error.message }));
            return { ...known, ...inputs };
        }
    }

    /** The host as it is, in the form of inputs and outputs. */
    async read(id: string, known: HostOutputs): Promise<{ id: string; inputs: HostInputs; outputs: HostOutputs }> {
        const { host } = known.target;
        try {
            return await this.onHost(known, known, async (contact) => {
                const probe = await probeHost(this.protocol(host, contact.connect));
                for (const repair of probe.repairs) this.say(host, "checking", `the host ${repair}`);
                for (const note of leftOffNotes(host, probe)) this.tell(note);
                if (probe.failure !== undefined) this.tell(diagnostic("VF112", { host, detail: probe.failure }));
                if (probe.bootFailure !== undefined)
                    this.tell(diagnostic("VF113", { host, detail: probe.bootFailure }));
                this.tell(otherMachine(known, known.target, probe.machineId));
                this.tell(this.claims.read(id, host, probe.machineId));
                return { id, ...describeHost(known, probe, contact.pins()) };
            });
        } catch (error) {
            if (!isUnreachable(error)) throw error;
            if (known.onUnreachable !== "forget") throw unreachable(error, host, "read");
            // Only a delete forgets: a host that was away for a moment would silently be nobody's.
            this.tell(diagnostic("VF125", { host, problem: error.message }));
            return { id, inputs: inputsIn(known), outputs: known };
        }
    }

    async delete(id: string, known: HostOutputs): Promise<void> {
        const { host } = known.target;
        try {
            await this.onHost(known, known, ({ connect }) => this.remove(id, known.target, known, connect));
        } catch (error) {
            if (!isUnreachable(error)) throw error;
            if (known.onUnreachable !== "forget") throw unreachable(error, host, "removed");
            this.tell(diagnostic("VF124", { host, problem: error.message }));
        }
        this.claims.release(id);
    }

    /** Applies what `restored` says, for a resource whose state is not at hand and does not learn of it. */
    restore({ resource, inputs, reachedAs }: Restored): Promise<HostOutputs> {
        return this.apply(resource, inputs, undefined, reachedAs);
    }

    /** Removes the ruleset of a resource whose state is not at hand. */
    clear(resource: string, target: Target): Promise<RemoveOutcome["kind"]> {
        return this.onHost({ target }, undefined, ({ connect }) => this.remove(resource, target, undefined, connect));
    }

    private async remove(
        resource: string,
        target: Target,
        known: HostOutputs | undefined,
        connect: Connect,
    ): Promise<RemoveOutcome["kind"]> {
        const { host } = target;
        const options = { ...this.protocol(host, connect), resource };
        const { kind, probe } = await untilAnswered(() => removeRuleset(options));
        this.tell(otherMachine(known, target, probe.machineId));
        for (const note of leftOffNotes(host, probe)) this.tell(note);
        if (kind === "removed") this.say(host, "removing", "the table is gone, everything passes");
        if (kind === "absent") this.say(host, "removing", "there was no table of ours");
        if (kind === "foreign") this.say(host, "removing", "the table belongs to another resource by now and stays");
        return kind;
    }

    private apply(id: string, inputs: HostInputs, known?: HostOutputs, reachedAs?: string): Promise<HostOutputs> {
        const wish = wishOf({ resource: id, inputs, known, claims: this.claims, tell: this.tellOnce(), reachedAs });
        return this.onHost(inputs, known, async (contact) => {
            if (known === undefined || !isOtherWay(known.target, inputs.target)) return this.applyOver(contact, wish);
            return this.changeWay({ ...wish, known }, contact, this.contact(known, known));
        });
    }

    private async applyOver(contact: Contact, wish: Wish): Promise<HostOutputs> {
        const { target } = wish.inputs;
        let before: Probe | undefined;
        let takeover: readonly Diagnostic[] = [];
        const outcome = await applyRuleset({
            ...this.protocol(target.host, contact.connect),
            ...optionsOf(wish),
            withText: true,
            withOthers: true,
            takeover: wish.inputs.takeover ?? false,
            onTakeover: (taken, kept) => (takeover = takeoverNotes(target.host, taken, kept)),
            plan: (probe, applyId) => {
                before = probe;
                for (const note of leftOffNotes(target.host, probe)) wish.tell(note);
                wish.tell(otherMachine(wish.known, target, probe.machineId));
                return planApply(wish, probe, applyId);
            },
            verify: (probe, listing) =>
                loadedProblem(target.host, probe.filter.backend, listing, policyFor(wish, probe)),
        });
        if (outcome.kind === "confirmed") for (const note of takeover) wish.tell(note);
        if (outcome.kind === "reverted") for (const note of leftOffNotes(target.host, outcome.probe)) wish.tell(note);
        this.compareConfirmed(wish, outcome, contact);
        return this.conclude(wish, outcome, before, contact);
    }

    /** A host that says "confirmed" is taken at its listing, not at its word. */
    private compareConfirmed(wish: Wish, outcome: ApplyOutcome, contact: Contact): void {
        if (outcome.kind !== "confirmed") return;
        const { listing, applyId, generation } = outcome;
        const dialect = dialects[outcome.probe.filter.backend];
        const detail = differenceOf(dialect, listing, policyFor(wish, outcome.probe));
        if (detail === undefined) return;
        const { host } = wish.inputs.target;
        const { mark } = readable(host, () => dialect.read(listing));
        const confirmed = { applyId, generation, manifest: undefined };
        const table = listing === "" ? "absent" : "marked";
        const after: Probe = { ...outcome.probe, table, mark, listing, confirmed };
        throw this.partial(wish, diagnostic("VF178", { host, detail }), after, contact.pins());
    }

    /** The connection is another than that of the state: in two phases where the host does not answer by it yet. */
    private async changeWay(wish: KnownWish, contact: Contact, former: Contact): Promise<HostOutputs> {
        const { inputs, known } = wish;
        const { host } = inputs.target;
        const say = (text: string) => this.say(host, "checking", text);
        const answering = await whichAnswers(contact, former);
        if (answering.by === "new") return this.applyOver(contact, wish);
        if (answering.by === "neither") {
            say(`neither ${contact.label} nor ${former.label} answers; waiting for ${contact.label}`);
            // The server may be starting at its new place: with as much patience as the connection asks for.
            return this.applyOver(contact, wish).catch((error: unknown) => {
                throw isUnreachable(error) ? new FirewallError(diagnostic("VF119", { host, ...answering })) : error;
            });
        }
        say(`${contact.label} does not answer yet, ${former.label} does: the change takes two phases`);
        say(`phase 1 of 2: the new rules, and ${former.label} stays open beside ${contact.label}`);
        const protocol = { ...this.protocol(host, former.connect), ...optionsOf(wish) };
        const { outcome, before, after } = await openNewWay(wish, contact, former, protocol);
        if (after === undefined) {
            // Only the former way is known to work, so the state keeps it.
            const reached = { ...wish, inputs: { ...inputs, target: known.target } };
            return this.conclude(reached, inPhase1(outcome, contact.label), before, former);
        }
        say(`phase 2 of 2: the new rules alone, over ${contact.label}`);
        return this.applyOver(contact, wish).catch((error: unknown) => {
            if (!(error instanceof FirewallError)) throw error;
            throw this.partial(wish, diagnostic("VF121", { host, reason: error.message }), after, contact.pins());
        });
    }

    /** What the state says after an apply, or the error that it ended with. */
    private conclude(wish: Wish, outcome: ApplyOutcome, before: Probe | undefined, contact: Contact): HostOutputs {
        const { inputs, known } = wish;
        const { host } = inputs.target;
        switch (outcome.kind) {
            case "unchanged":
                return outputsOf(inputs, outcome.probe, contact.pins());
            case "confirmed": {
                const { probe, generation, applyId } = outcome;
                return { ...outputsOf(inputs, probe, contact.pins()), generation, applyId };
            }
            case "reverted": {
                const problem = takenBack(host, outcome.reason, before, outcome.probe);
                // The state keeps what it says where that is what the host runs; a create keeps nothing.
                if (problem.code === "VF110" || known === undefined) throw new FirewallError(problem);
                throw this.partial(wish, problem, outcome.probe, contact.pins());
            }
            case "unknown": {
                const problem = diagnostic("VF111", { host, reason: outcome.reason });
                throw this.partial(wish, problem, outcome.before, contact.pins());
            }
        }
    }

    /** The state keeps what the host runs, or ran last where nobody knows, and the next update starts by probing. */
    private partial(wish: Wish, { message }: Diagnostic, probe: Probe, pins: Pins): PartialFailure {
        const { outputs } = describeHost(wish.inputs, probe, pins);
        return new PartialFailure(wish.resource, { ...outputs }, [message]);
    }

    /** One operation on a host at a time, on a limited number of hosts at once. */
    private onHost<Result>(
        inputs: Pick<HostInputs, "target" | "credentials">,
        known: HostOutputs | undefined,
        operation: (contact: Contact) => Promise<Result>,
    ): Promise<Result> {
        return hostQueue.run(placeOf(inputs.target), () => operation(this.contact(inputs, known)));
    }

    private contact(inputs: Pick<HostInputs, "target" | "credentials">, known: HostOutputs | undefined): Contact {
        const { surroundings, log } = this.outside;
        return contactWith(inputs, known, { surroundings, warn: (text) => log("warning", text) });
    }

    private tell(diagnostic: Diagnostic | undefined): void {
        if (diagnostic === undefined) return;
        this.outside.log(diagnostic.severity === "note" ? "info" : "warning", diagnostic.message);
    }

    /** Plans are made again where a host has just changed; their messages are not. */
    private tellOnce(): (diagnostic: Diagnostic | undefined) => void {
        const told = new Set<string>();
        return (diagnostic) => {
            if (diagnostic === undefined || told.has(diagnostic.message)) return;
            told.add(diagnostic.message);
            this.tell(diagnostic);
        };
    }

    private protocol(host: string, connect: Connect): ProtocolOptions {
        const { timing } = this.outside;
        const progress = (phase: Phase, text: string) => this.say(host, phase, text);
        return { host, connect, progress, complete: completed, ...(timing && { timing }) };
    }

    private say(host: string, phase: Phase, text: string): void {
        this.outside.log("info", `${printable(host)}  ${phase.padEnd(16)}  ${printable(text)}`);
    }
}

function optionsOf({ inputs: { confirmSeconds, backend } }: Wish): Pick<ApplyOptions, "confirmSeconds" | "backend"> {
    return { backend, ...(confirmSeconds !== undefined && { confirmSeconds }) };
}
