import type { Packet } from "../../../analysis/decide";
import { openDiagrams } from "../../../analysis/diagram";
import { openInterfaces } from "../../../analysis/interfaces";
import { lastOf, openConditions } from "../../../analysis/packetFields";
import { evaluateAt } from "../../../analysis/packetValues";
import type { Bounds } from "../../bounds";
import { interfaceNames } from "./interfaceNames";
import { interpret, mayAccept, mustAccept } from "./interpret";
import { readJson } from "./readJson";

const MOST_WORK = 4_000_000;

/**
 * Is a packet accepted by a listed ruleset, whatever the matches hold that are not understood?
 *
 * @throws UnreadableRuleset, TooMuchWork
 */
export function boundsOf(listing: string, packet: Packet): Bounds {
    const ruleset = readJson(listing);
    const diagrams = openDiagrams(lastOf, MOST_WORK);
    const named = packet.interface === undefined ? [] : [packet.interface];
    const interfaces = openInterfaces([...interfaceNames(ruleset), ...named]);
    const around = { diagrams, interfaces, conditions: openConditions() };
    const found = interpret(ruleset, packet.direction === "ingress" ? "input" : "output", around);
    const is = (diagram: number) => evaluateAt(diagrams, diagram, packet, interfaces) === 1;
    return { may: is(mayAccept(diagrams, found)), must: is(mustAccept(diagrams, found)) };
}
