import { type Diagram, type Diagrams, openDiagrams } from "../../core/analysis/diagram";
import { type Interfaces, openInterfaces } from "../../core/analysis/interfaces";
import { orElse } from "../../core/analysis/operations";
import { type ConditionLevels, lastOf, LEVEL, openConditions } from "../../core/analysis/packetFields";
import { valueAt } from "../../core/analysis/packetValues";
import {
    interfaceNames as namesInSave,
    interpret as interpretSave,
} from "../../core/dialects/iptables/interpret/interpret";
import { readSave } from "../../core/dialects/iptables/interpret/readSave";
import { interfaceNames } from "../../core/dialects/nftables/interpret/interfaceNames";
import { interpret } from "../../core/dialects/nftables/interpret/interpret";
import { readText } from "../../core/dialects/nftables/interpret/readText";
import { VERDICT } from "../../core/dialects/nftables/interpret/verdicts";
import type { Direction } from "../../core/model/rule";
import { compiled } from "../core/analysis/evaluate";
import type { Probe } from "./packet";

/** `accept`, `drop`, or what a reject answers. */
export type Verdict = keyof typeof VERDICT;

/** What a ruleset means to the translation proof, asked probe by probe; undefined for what it does not tell apart. */
export function interpreterOf(text: string): (probe: Probe) => Verdict | undefined {
    const ruleset = readText(text);
    return asking([...interfaceNames(ruleset)], (direction, around) =>
        interpret(ruleset, direction === "ingress" ? "input" : "output", around),
    );
}

/** The same of what the two programs for saving print, for IPv4 and for IPv6. */
export function saveInterpreterOf(texts: Readonly<Record<4 | 6, string>>): (probe: Probe) => Verdict | undefined {
    const saves = { 4: readSave(texts[4]), 6: readSave(texts[6]) };
    const names = [...namesInSave(saves[4]), ...namesInSave(saves[6])];
    return asking(names, (direction, around) => {
        const ofFamily = (family: 4 | 6) =>
            interpretSave(saves[family], family, direction === "ingress" ? "INPUT" : "OUTPUT", around);
        const [ipv4, ipv6] = [ofFamily(4), ofFamily(6)];
        if (!ipv4.exact || !ipv6.exact) throw new Error("something that was rendered is not understood");
        return { diagram: around.diagrams.combine(orElse, ipv4.diagram, ipv6.diagram) };
    });
}

type Interpret = (
    direction: Direction,
    around: { diagrams: Diagrams; interfaces: Interfaces; conditions: ConditionLevels },
) => { readonly diagram: Diagram };

function asking(names: readonly string[], interpretHook: Interpret): (probe: Probe) => Verdict | undefined {
    const open = (direction: Direction) => {
        const diagrams = openDiagrams(lastOf);
        const conditions = openConditions();
        const hopLimit = conditions("ip6 hoplimit 255");
        const interfaces = openInterfaces([...names, "tap0"]);
        const { diagram } = interpretHook(direction, { diagrams, interfaces, conditions });
        const evaluate = compiled(diagrams, diagram);
        return (probe: Probe) =>
            evaluate((level) => {
                if (level === hopLimit) return probe.hopLimit === 255 ? 1 : 0;
                // What else is asked is whether there is room within a limit.
                if (level >= LEVEL.condition) return probe.beyondLimits ? 0 : 1;
                return valueAt(probe, level, interfaces);
            });
    };
    const verdictIn: Record<Direction, (probe: Probe) => number> = { ingress: open("ingress"), egress: open("egress") };
    return (probe) => {
        // Port 0 goes with port 1 there.
        if (probe.sourcePort === 0 || probe.destinationPort === 0) return undefined;
        const verdict = verdictIn[probe.direction](probe);
        return VERDICTS.find((name) => VERDICT[name] === verdict);
    };
}

const VERDICTS = Object.keys(VERDICT) as Verdict[];
