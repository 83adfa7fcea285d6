import type { Command } from "commander";
import type { Policy } from "../core/model/policy";
import { type Asked, type Sources, sourcesOf } from "./sources";

/** Which rules of which server a command is about. */
export interface Chosen extends Sources {
    readonly server?: string;
    readonly template?: string;
}

/** The options that say so. */
export function addChosen(command: Command): Command {
    return command
        .option("--state <file>", "what `pulumi stack export` wrote; - is standard input")
        .option("--preview <file>", "what `pulumi preview --json` wrote; - is standard input")
        .option("--program <dir>", "a Pulumi program: runs `pulumi preview --json` there")
        .option("--host <user@host:port>", "a live host, read over SSH and not changed")
        .option("--server <name>", "the HostFirewall that is meant, where there are several")
        .option("--template <name>", "only the rules of this template");
}

export async function chosenOf(options: Chosen): Promise<Asked> {
    return ofTemplate(oneOf(await sourcesOf(options), options.server), options.template);
}

function oneOf(all: readonly Asked[], server: string | undefined): Asked {
    const names = all.map(({ name }) => name).join(", ");
    if (all.length === 0) throw new Error("there is no HostFirewall in it");
    const found = server === undefined ? all : all.filter(({ name }) => name === server);
    const [only, more] = found;
    if (!only) throw new Error(`there is no ${server}; there are: ${names}`);
    if (more) throw new Error(`say which --server is asked: ${names}`);
    return only;
}

function ofTemplate(asked: Asked, template: string | undefined): Asked {
    if (template === undefined) return asked;
    if (!asked.templates.includes(template))
        throw new Error(`there is no template ${template}; there are: ${asked.templates.join(", ")}`);
    const ofIt = (policy: Policy): Policy => ({
        ...policy,
        rules: policy.rules.filter(({ key }) => key.startsWith(`${template}/`)),
    });
    const { policy, waiting } = asked;
    return { ...asked, policy: ofIt(policy), ...(waiting && { waiting: ofIt(waiting) }), templates: [template] };
}
