import { render } from "../../core/dialects/nftables";
import { formatRule } from "../../core/model/formatRule";
import { entriesOf } from "../../core/model/addressSets";
import type { KeyedRule, Policy } from "../../core/model/policy";
import type { ProtocolMatch } from "../../core/model/rule";
import { askAboutConnections } from "./connections";
import { interpreterOf, saveInterpreterOf } from "./interpreter";
import { withoutTooMany } from "./iptables";
import { type Job, NOTHING, type Outcome } from "./job";
import { type Kernel, openKernel, ownership } from "./kernel";
import { askAboutLimits } from "./limits";
import { disagreement, misreading } from "./model";
import { changesVerdict, mutate, wrongModels } from "./mutants";
import { describeProbe, kindOf, type Probe } from "./packet";
import { coveringContainers, policyFrom } from "./policies";
import { probesFor } from "./probes";
import { type Random, randomFrom } from "./random";
import { type Case, reduce } from "./reduce";
import { type World, worldFrom } from "./world";

/** Reductions ask the kernel a thousand times, so only the first few disagreeing rulesets get one. */
const MOST_REPORTS = 3;
let reports = 0;

const job = JSON.parse(process.argv[2]!) as Job;
/** So many rules are too many for a line each; undefined: as always. */
const mostRules = job.laidOut ? 0 : undefined;
const kernel = openKernel(job.backend, job.forward, mostRules);
const isNft = (job.backend ?? "nftables") === "nftables";
// The table in which iptables decides what is forwarded knows no REJECT.
const asDecided = isNft || !job.forward ? (policy: Policy) => policy : rejectsDropped;
const model = job.wrongModel ? withoutLastPorts : asDecided;
for (let i = 0; i < job.rulesets; i++) {
    if (job.connections) say(askAboutConnections(kernel, job.forward));
    else if (job.limits) say(askAboutLimits(kernel, isNft, job.forward));
    else say(ask(kernel, job.first + i * (job.step ?? 1)));
}

function say(outcome: Outcome): void {
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

function ask(kernel: Kernel, ruleset: number): Outcome {
    const random = randomFrom(job.seed, ruleset);
    const world = worldFrom(random);
    const policy = policyOf(random, world);
    const next = probesFor(policy, world, random);
    const asked = Array.from({ length: job.probes }, next).filter(canBeAsked);
    const seen = kernel.ask(policy, asked);
    const pairs = asked.map((probe, i) => ({ probe, seen: seen[i]! }));
    const reached = pairs.filter(({ seen }) => seen.verdict !== "unreached");
    const kinds: Record<string, number> = {};
    for (const kind of reached.map(({ probe }) => kindOf(probe))) kinds[kind] = (kinds[kind] ?? 0) + 1;
    const readsOtherwise = secondReader(policy);
    const wrong = reached.filter(
        ({ probe, seen }) =>
            disagreement(model(policy), probe, seen) !== undefined || readsOtherwise(probe) !== undefined,
    );
    const [first] = wrong;
    return {
        ...NOTHING,
        rulesets: 1,
        probes: reached.length,
        kinds,
        unreached: pairs.length - reached.length,
        accepted: reached.filter(({ seen }) => seen.verdict === "accept").length,
        answers: reached.filter(({ seen }) => seen.answer !== undefined).length,
        disagreements: wrong.length,
        reports: first && reports++ < MOST_REPORTS ? [report(kernel, ruleset, { policy, probe: first.probe })] : [],
        ...(job.mutants && askWrongModels(job.mutants)),
    };

    function askWrongModels(count: number): Pick<Outcome, "mutants" | "noticed" | "wrongBases"> {
        const mutants = Array.from({ length: count }, () => mutate(policy, random));
        const noticed = mutants.filter((mutant) =>
            reached.some(({ probe, seen }) => disagreement(mutant.policy, probe, seen) !== undefined),
        );
        const others = mutants.filter((mutant) => !noticed.includes(mutant));
        const missed = others.filter((mutant) => changesVerdict(policy, mutant, world, random));
        const wrongBases = Object.entries(wrongModels(policy)).map(([name, judge]) => {
            const telling = reached.filter(({ probe, seen }) => judge(probe, seen) !== undefined);
            return [name, telling.length] as const;
        });
        return {
            mutants: noticed.length + missed.length,
            noticed: noticed.length,
            wrongBases: Object.fromEntries(wrongBases),
        };
    }
}

function policyOf(random: Random, world: World): Policy {
    const policy = isNft ? policyFrom(random, world, job.laidOut) : forIptables(policyFrom(random, world));
    const wanted = job.forward ? coveringContainers(policy, random) : policy;
    return isNft ? wanted : withoutTooMany(wanted);
}

function report(kernel: Kernel, ruleset: number, found: Case): string {
    const judge = ({ policy, probe }: Case) =>
        disagreement(model(policy), probe, kernel.ask(policy, [probe])[0]!) ?? secondReader(policy)(probe);
    const smallest = reduce(found, (smaller) => judge(smaller) !== undefined);
    const { rules, sets, defaults } = smallest.policy;
    return [
        `ruleset ${ruleset} of seed ${job.seed}: ${judge(smallest) ?? "not again when asked alone"}`,
        ...rules.map(({ key, rule }) => `    ${key}: ${formatRule(rule)}`),
        ...sets.map((set) => `    set ${set.name}: ${entriesOf(set).join(", ")}`),
        `    default: ingress ${defaults.ingress}, egress ${defaults.egress}`,
        `    ${describeProbe(smallest.probe)}`,
    ].join("\n");
}

/** In what way the second reader takes a probe otherwise: of the rendered text, or of what iptables says it has loaded. */
function secondReader(policy: Policy): (probe: Probe) => string | undefined {
    const interpreter = isNft ? interpreterOf(render(policy, ownership, mostRules)) : saveInterpreterOf(kernel.saved());
    return (probe) => misreading(asDecided(policy), probe, interpreter);
}

/** Without what it has no words for: protocol 0, and type 255 of ICMP. */
function forIptables(policy: Policy): Policy {
    const rules = policy.rules.flatMap(({ key, rule }): KeyedRule[] => {
        const matches = rule.matches.flatMap((match): ProtocolMatch[] => {
            const types = match.types?.filter((type) => match.protocol !== "icmp" || !/^255(\/|$)/.test(type));
            if (match.protocol === 0 || types?.length === 0) return [];
            return [types ? { ...match, types } : match];
        });
        return matches.length > 0 ? [{ key, rule: { ...rule, matches } }] : [];
    });
    return { ...policy, rules };
}

/** To legacy iptables an authentication header of IPv6 is no protocol: it looks at what is behind it. */
function canBeAsked({ family, protocol }: Probe): boolean {
    return job.backend !== "iptables-legacy" || family === 4 || protocol !== 51;
}

function rejectsDropped(policy: Policy): Policy {
    const rules = policy.rules.map(({ key, rule }): KeyedRule => {
        return { key, rule: rule.action === "reject" ? { ...rule, action: "drop" } : rule };
    });
    return { ...policy, rules };
}

function withoutLastPorts(policy: Policy): Policy {
    const rules = policy.rules.map(({ key, rule }): KeyedRule => {
        const { ports } = rule.to;
        if (!ports) return { key, rule };
        const ranges = ports.ranges.map(({ first, last }) => ({ first, last: last - 1 }));
        return { key, rule: { ...rule, to: { ...rule.to, ports: { ...ports, ranges } } } };
    });
    return { ...policy, rules };
}
