import { type Answer, ask } from "../core/analysis/ask";
import { formatPacket } from "../core/analysis/witness";
import type { Bounds } from "../core/dialects/nftables";
import { baseTraffic } from "../core/dialects/nftables/baseTraffic";
import { type Chosen, chosenOf } from "./chosen";
import type { Output } from "./program";
import { packetFrom } from "./packetWords";
import type { Asked } from "./sources";

export const EXIT = { accepted: 0, refused: 1, unsure: 2 } as const;

export interface AskOptions extends Chosen {
    readonly json?: boolean;
}

export async function askCommand(output: Output, words: readonly string[], options: AskOptions): Promise<number> {
    const packet = packetFrom(words.join(" "));
    const asked = await chosenOf(options);
    const { policy, templates } = asked;
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
    } else {
        const lines = [
            textOf(answer, formatPacket(packet), asked),
            ...boundsText(bounds),
            ...(answer.verdict === "accept" && packet.direction === "ingress" ? [OF_THE_HOST] : []),
        ];
        output.out(`${lines.join("\n")}\n`);
    }
    if (bounds?.must) return EXIT.accepted;
    if (bounds && !bounds.may) return EXIT.refused;
    if (answer.verdict === "unknown" || asked.bound !== undefined) return EXIT.unsure;
    return answer.verdict === "accept" ? EXIT.accepted : EXIT.refused;
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

/** eApps and others filter in front of their servers. */
const OF_THE_HOST = "This is the host's answer: a filter in the hoster's network is not asked.";

const WORDS = { accept: "accepted", drop: "dropped", reject: "rejected", unknown: "not known" } as const;

function textOf({ verdict, by, path }: Answer, packet: string, { name, bound }: Asked): string {
    return [
        `${WORDS[verdict]}: ${packet} at ${name}, by ${by}`,
        ...path.map(({ place, decides }) => `  ${place}: ${decides ?? "no rule matches"}`),
        ...(bound === undefined ? [] : [bound]),
    ].join("\n");
}
