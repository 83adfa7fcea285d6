import { decide, type Packet } from "../../analysis/decide";
import type { Policy } from "../../model/policy";
import type { Note } from "./notes";
import type { RenderedSide } from "./lines";

/** What nearly every server asks others over UDP. */
const ASKED = [
    { port: 53, name: "DNS" },
    { port: 123, name: "NTP" },
] as const;

/** A server of the documentation (RFC 5737), ours and another. */
const [SERVER, STRANGER] = [0xc000020an, 0xcb007109n];

/** Warnings about names and time, and about answers to what is accepted by default: netcup lets neither the questions nor the answers through where a direction drops. */
export function commonlyNeeded(policy: Policy, sides: readonly RenderedSide[]): Note[] {
    const isFiltered = (wanted: string) =>
        sides.some(({ direction, lines }) => direction === wanted && lines.length > 0);
    const replies = sides.flatMap(({ replies }) => replies.map(({ of: { key }, rule }) => ({ key, rule })));
    const all: Policy = { ...policy, rules: [...policy.rules, ...replies] };
    const asked = ASKED.flatMap(({ port, name }): Note[] => {
        const question: Packet = { ...packet("egress"), sourcePort: 40000, destinationPort: port };
        const answer: Packet = { ...packet("ingress"), sourcePort: port, destinationPort: 40000 };
        if (isAskedFor(policy, port)) return [];
        const passes = (each: Packet) => decide(all, each).verdict === "accept";
        if (isFiltered("egress") && !passes(question)) return [note(`${name} is not allowed out`, question)];
        if (isFiltered("ingress") && passes(question) && !passes(answer))
            return [
                note(`answers to ${name} that the server asks for are dropped, as netcup does not track UDP`, answer),
            ];
        return [];
    });
    return [...asked, ...ofDefault(policy)];

    function note(what: string, packet: Packet): Note {
        const fix = `accept egress udp to the servers for it, by their addresses`;
        return { kind: "commonly needed", severity: "warning", text: `${what}: ${fix}`, packet };
    }
}

/** What is accepted by default has no rule whose answers could be looked after. */
function ofDefault(policy: Policy): Note[] {
    const answer: Packet = { ...packet("egress"), sourcePort: 53, destinationPort: 40000 };
    if (policy.defaults.ingress === "drop" || decide(policy, answer).verdict === "accept") return [];
    const text =
        "answers to what ingress accepts by default are dropped by egress, UDP for certain: " +
        "accept what is served by rules of ingress, so that rules for the answers are made";
    return [{ kind: "replies dropped", severity: "warning", text, packet: answer }];
}

function packet(direction: Packet["direction"]): Packet {
    const [source, destination] = direction === "ingress" ? [STRANGER, SERVER] : [SERVER, STRANGER];
    return { direction, family: 4, protocol: 17, source, destination };
}

/** By a rule, whose replies are looked after. */
function isAskedFor({ rules }: Policy, port: number): boolean {
    return rules.some(
        ({ rule: { direction, action, matches, to } }) =>
            direction === "egress" &&
            action === "accept" &&
            matches.some(({ protocol }) => protocol === "udp" || protocol === "any") &&
            (!to.ports || to.ports.ranges.some(({ first, last }) => first <= port && port <= last)),
    );
}
