import { openDiagrams } from "../../core/analysis/diagram";
import { openInterfaces } from "../../core/analysis/interfaces";
import { lastOf, LEVEL, openConditions } from "../../core/analysis/packetFields";
import { valueAt } from "../../core/analysis/packetValues";
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
    const open = (hook: "input" | "output") => {
        const diagrams = openDiagrams(lastOf);
        const conditions = openConditions();
        const hopLimit = conditions("ip6 hoplimit 255");
        const interfaces = openInterfaces([...interfaceNames(ruleset), "tap0"]);
        const { diagram } = interpret(ruleset, hook, { diagrams, interfaces, conditions });
        const evaluate = compiled(diagrams, diagram);
        return (probe: Probe) =>
            evaluate((level) => {
                if (level === hopLimit) return probe.hopLimit === 255 ? 1 : 0;
                // What else is asked is whether there is room within a limit.
                if (level >= LEVEL.condition) return probe.beyondLimits ? 0 : 1;
                return valueAt(probe, level, interfaces);
            });
    };
    const verdictIn: Record<Direction, (probe: Probe) => number> = { ingress: open("input"), egress: open("output") };
    return (probe) => {
        // Port 0 goes with port 1 there.
        if (probe.sourcePort === 0 || probe.destinationPort === 0) return undefined;
        const verdict = verdictIn[probe.direction](probe);
        return VERDICTS.find((name) => VERDICT[name] === verdict);
    };
}

const VERDICTS = Object.keys(VERDICT) as Verdict[];
