import { type Answer, ask } from "../core/analysis/ask";
import { formatPacket } from "../core/analysis/witness";
import type { Bounds } from "../core/dialects/nftables";
import { baseTraffic } from "../core/dialects/nftables/baseTraffic";
import type { Output } from "./program";
import { packetFrom } from "./packetWords";
import { type Asked, type Sources, sourcesOf } from "./sources";

export const EXIT = { accepted: 0, refused: 1, unsure: 2 } as const;

export interface AskOptions extends Sources {
    readonly server?: string;
    readonly template?: string;
    readonly json?: boolean;
}

export async function askCommand(output: Output, words: readonly string[], options: AskOptions): Promise<number> {
    const packet = packetFrom(words.join(" "));
    const asked = oneOf(await sourcesOf(options), options.server);
    const { policy, templates } = ofTemplate(asked, options.template);
    const answer = ask(policy, templates, packet, baseTraffic);
    const bounds = asked.boundsOf?.(packet);
    if (options.json) {
        const { verdict, by, path } = answer;
        const said = {
            server: asked.name,
            packet: formatPacket(packet),
            verdict,
            by,
            path,
            bound: asked.bound,
            ...bounds,
        };
        output.out(`${JSON.stringify(said, null, 4)}\n`);
    } else output.out(`${[textOf(answer, formatPacket(packet), asked), ...boundsText(bounds)].join("\n")}\n`);
    if (bounds?.must) return EXIT.accepted;
    if (bounds && !bounds.may) return EXIT.refused;
    if (answer.verdict === "unknown" || asked.bound !== undefined) return EXIT.unsure;
    return answer.verdict === "accept" ? EXIT.accepted : EXIT.refused;
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

function ofTemplate(asked: Asked, template: string | undefined): Pick<Asked, "policy" | "templates"> {
    if (template === undefined) return asked;
    if (!asked.templates.includes(template))
        throw new Error(`there is no template ${template}; there are: ${asked.templates.join(", ")}`);
    const rules = asked.policy.rules.filter(({ key }) => key.startsWith(`${template}/`));
    return { policy: { ...asked.policy, rules }, templates: [template] };
}

function boundsText(bounds: Bounds | undefined): string[] {
    if (!bounds) return [];
    if (bounds.must) return ["it is accepted, whatever that means which could not be read"];
    return [
        bounds.may
            ? "it may be accepted or not, as that decides which could not be read"
            : "it is not accepted, whatever that means which could not be read",
    ];
}

const WORDS = { accept: "accepted", drop: "dropped", reject: "rejected", unknown: "not known" } as const;

function textOf({ verdict, by, path }: Answer, packet: string, { name, bound }: Asked): string {
    return [
        `${WORDS[verdict]}: ${packet} at ${name}, by ${by}`,
        ...path.map(({ place, decides }) => `  ${place}: ${decides ?? "no rule matches"}`),
        ...(bound === undefined ? [] : [bound]),
    ].join("\n");
}
