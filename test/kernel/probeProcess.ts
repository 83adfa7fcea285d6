import { render } from "../../core/dialects/nftables";
import { formatRule } from "../../core/model/formatRule";
import { entriesOf } from "../../core/model/addressSets";
import type { KeyedRule, Policy } from "../../core/model/policy";
import { askAboutConnections } from "./connections";
import { interpreterOf } from "./interpreter";
import { type Job, NOTHING, type Outcome } from "./job";
import { type Kernel, openKernel, ownership } from "./kernel";
import { askAboutLimits } from "./limits";
import { disagreement, misreading } from "./model";
import { changesVerdict, mutate, WRONG_BASES } from "./mutants";
import { describeProbe, kindOf } from "./packet";
import { policyFrom } from "./policies";
import { probesFor } from "./probes";
import { randomFrom } from "./random";
import { type Case, reduce } from "./reduce";
import { worldFrom } from "./world";

/** Reductions ask the kernel a thousand times, so only the first few disagreeing rulesets get one. */
const MOST_REPORTS = 3;
let reports = 0;

const job = JSON.parse(process.argv[2]!) as Job;
const model = job.wrongModel ? withoutLastPorts : (policy: Policy) => policy;
const kernel = openKernel();
for (let i = 0; i < job.rulesets; i++) {
    if (job.connections) say(askAboutConnections(kernel));
    else if (job.limits) say(askAboutLimits(kernel));
    else say(ask(kernel, job.first + i * (job.step ?? 1)));
}

function say(outcome: Outcome): void {
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

function ask(kernel: Kernel, ruleset: number): Outcome {
    const random = randomFrom(job.seed, ruleset);
    const world = worldFrom(random);
    const policy = policyFrom(random, world);
    const next = probesFor(policy, world, random);
    const asked = Array.from({ length: job.probes }, next);
    const seen = kernel.ask(policy, asked);
    const pairs = asked.map((probe, i) => ({ probe, seen: seen[i]! }));
    const reached = pairs.filter(({ seen }) => seen.verdict !== "unreached");
    const kinds: Record<string, number> = {};
    for (const kind of reached.map(({ probe }) => kindOf(probe))) kinds[kind] = (kinds[kind] ?? 0) + 1;
    const interpreter = interpreterOf(render(policy, ownership));
    const wrong = reached.filter(
        ({ probe, seen }) =>
            disagreement(model(policy), probe, seen) !== undefined ||
            misreading(policy, probe, interpreter) !== undefined,
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
        const wrongBases = Object.entries(WRONG_BASES).map(([name, base]) => {
            const telling = reached.filter(({ probe, seen }) => disagreement(policy, probe, seen, base) !== undefined);
            return [name, telling.length] as const;
        });
        return {
            mutants: noticed.length + missed.length,
            noticed: noticed.length,
            wrongBases: Object.fromEntries(wrongBases),
        };
    }
}

function report(kernel: Kernel, ruleset: number, found: Case): string {
    const judge = ({ policy, probe }: Case) =>
        disagreement(model(policy), probe, kernel.ask(policy, [probe])[0]!) ??
        misreading(policy, probe, interpreterOf(render(policy, ownership)));
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

function withoutLastPorts(policy: Policy): Policy {
    const rules = policy.rules.map(({ key, rule }): KeyedRule => {
        const { ports } = rule.to;
        if (!ports) return { key, rule };
        const ranges = ports.ranges.map(({ first, last }) => ({ first, last: last - 1 }));
        return { key, rule: { ...rule, to: { ...rule.to, ports: { ...ports, ranges } } } };
    });
    return { ...policy, rules };
}
