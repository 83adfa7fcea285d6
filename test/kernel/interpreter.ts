import { type Diagram, type Diagrams, openDiagrams } from "../../core/analysis/diagram";
import { covers, type Interfaces, openInterfaces } from "../../core/analysis/interfaces";
import { orElse } from "../../core/analysis/operations";
import { type ConditionLevels, lastOf, LEVEL, openConditions } from "../../core/analysis/packetFields";
import { valueAt } from "../../core/analysis/packetValues";
import {
    interfaceNames as namesInSave,
    interpret as interpretSave,
} from "../../core/dialects/iptables/interpret/interpret";
import { readSave } from "../../core/dialects/iptables/interpret/readSave";
import type { HookName } from "../../core/dialects/nftables/interpret/fields";
import { interfaceNames } from "../../core/dialects/nftables/interpret/interfaceNames";
import { interpret } from "../../core/dialects/nftables/interpret/interpret";
import { readText } from "../../core/dialects/nftables/interpret/readText";
import { VERDICT } from "../../core/dialects/nftables/interpret/verdicts";
import { compiled } from "../core/analysis/evaluate";
import { DEVICES } from "./devices";
import type { Probe } from "./packet";
import { isTranslated } from "./ways";

/** `accept`, `drop`, or what a reject answers. */
export type Verdict = keyof typeof VERDICT;

/** What a ruleset means to the translation proof, asked probe by probe; undefined for what it does not tell apart. */
export function interpreterOf(text: string): (probe: Probe) => Verdict | undefined {
    const ruleset = readText(text);
    return asking([...interfaceNames(ruleset)], (hook, around) => interpret(ruleset, hook, around));
}

/** The same of what the two programs for saving print, for IPv4 and for IPv6. */
export function saveInterpreterOf(texts: Readonly<Record<4 | 6, string>>): (probe: Probe) => Verdict | undefined {
    const saves = { 4: readSave(texts[4]), 6: readSave(texts[6]) };
    const names = [...namesInSave(saves[4]), ...namesInSave(saves[6])];
    return asking(names, (hook, around) => {
        const ofFamily = (family: 4 | 6) => interpretSave(saves[family], family, BUILT_IN[hook], around);
        const [ipv4, ipv6] = [ofFamily(4), ofFamily(6)];
        if (!ipv4.exact || !ipv6.exact) throw new Error("something that was rendered is not understood");
        return { diagram: around.diagrams.combine(orElse, ipv4.diagram, ipv6.diagram) };
    });
}

const BUILT_IN = { input: "INPUT", output: "OUTPUT", forward: "FORWARD" } as const;

type Interpret = (
    hook: HookName,
    around: { diagrams: Diagrams; interfaces: Interfaces; conditions: ConditionLevels },
) => { readonly diagram: Diagram };

function asking(names: readonly string[], interpretHook: Interpret): (probe: Probe) => Verdict | undefined {
    const open = (hook: HookName) => {
        const diagrams = openDiagrams(lastOf);
        const levels = new Map<string, number>();
        const interfaces = openInterfaces([...names, ...DEVICES]);
        const { diagram } = interpretHook(hook, { diagrams, interfaces, conditions: openConditions(levels) });
        const evaluate = compiled(diagrams, diagram);
        const conditions = [...levels.keys()].map(conditionOf);
        return (probe: Probe) =>
            evaluate((level) => {
                if (level >= LEVEL.condition) return conditions[level - LEVEL.condition]!(probe) ? 1 : 0;
                return valueAt(probe, level, interfaces);
            });
    };
    const verdictAt = new Map<HookName, (probe: Probe) => number>();
    return (probe) => {
        // Port 0 goes with port 1 there.
        if (probe.sourcePort === 0 || probe.destinationPort === 0) return undefined;
        const hook = hookOf(probe);
        const evaluate = verdictAt.get(hook) ?? open(hook);
        verdictAt.set(hook, evaluate);
        const verdict = evaluate(probe);
        return VERDICTS.find((name) => VERDICT[name] === verdict);
    };
}

function hookOf({ direction, forwarded }: Probe): HookName {
    if (forwarded) return "forward";
    return direction === "ingress" ? "input" : "output";
}

/** What a ruleset asks that is no field of a packet in a diagram. */
function conditionOf(name: string): (probe: Probe) => boolean {
    if (name === "ip6 hoplimit 255") return ({ hopLimit }) => hopLimit === 255;
    if (name === "ct status dnat") return isTranslated;
    const [, pattern] = /^(?:meta oifname|-o) (\S+)$/.exec(name) ?? [];
    if (pattern !== undefined)
        return ({ forwarded }) => forwarded !== undefined && isCovered(forwarded.leavesBy, pattern);
    // What else is asked is whether there is room within a limit.
    return ({ beyondLimits }) => !beyondLimits;
}

function isCovered(name: string, pattern: string): boolean {
    return name === pattern || covers(pattern, name);
}

const VERDICTS = Object.keys(VERDICT) as Verdict[];
