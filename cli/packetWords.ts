import type { Packet } from "../core/analysis/decide";
import { openDiagrams } from "../core/analysis/diagram";
import { interfacesOf } from "../core/analysis/interfaces";
import { matchSets } from "../core/analysis/matchSets";
import { lastOf } from "../core/analysis/packetFields";
import { witness } from "../core/analysis/witness";
import { parseRule } from "../core/model/parseRule";

/**
 * One packet in the words of a rule's line; what is not said is ordinary.
 *
 * @example `tcp from 203.0.113.5 to 443`, `egress udp to 9.9.9.9 port 53`, `icmp echo-request from 203.0.113.5`
 * @throws Error for what no packet is
 */
export function packetFrom(words: string): Packet {
    const [, direction = "", rest = ""] = /^\s*(egress\s+|ingress\s+)?(.*)$/.exec(words)!;
    const isEgress = direction.startsWith("egress");
    // A number alone behind "to" is a port.
    const ported = rest.replace(/\bto (\d+)(?=\s|$)/, "to port $1");
    const end = isEgress ? "to" : "from";
    const whole = new RegExp(`\\b${end} (?!port)`).test(ported) ? ported : withAnywhere(ported, isEgress);
    const parsed = parseRule(`${isEgress ? "egress " : ""}accept ${whole}`);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    const diagrams = openDiagrams(lastOf);
    const { direction: way } = parsed.rule;
    const defaults = { ingress: "drop", egress: "drop" } as const;
    const policy = { rules: [{ key: "packet", rule: parsed.rule }], sets: [], defaults };
    const interfaces = interfacesOf(policy);
    const [set] = matchSets(diagrams, policy, way, interfaces);
    const packet = witness(diagrams, set!.may, way, interfaces);
    if (!packet) throw new Error(`no packet is ${words}`);
    return packet;
}

function withAnywhere(words: string, isEgress: boolean): string {
    if (isEgress)
        return / to port /.test(words) ? words.replace(" to port ", " to anywhere port ") : `${words} to anywhere`;
    if (/ from port /.test(words)) return words.replace(" from port ", " from anywhere port ");
    return / to /.test(words) ? words.replace(" to ", " from anywhere to ") : `${words} from anywhere`;
}
