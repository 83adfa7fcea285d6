import { render } from "../../core/dialects/nftables";
import { formatRule } from "../../core/model/formatRule";
import { entriesOf } from "../../core/model/addressSets";
import type { KeyedRule, Policy } from "../../core/model/policy";
import { type Job, NOTHING, type Outcome } from "./job";
import { type Kernel, openKernel } from "./kernel";
import { disagreement } from "./model";
import { changesVerdict, mutate } from "./mutants";
import { describeProbe, kindOf } from "./packet";
import { policyFrom } from "./policies";
import { probesFor } from "./probes";
import { randomFrom } from "./random";
import { type Case, reduce } from "./reduce";
import { worldFrom } from "./world";

/** Reductions ask the kernel a thousand times, so only the first few disagreeing rulesets get one. */
const MOST_REPORTS = 3;
let reports = 0;

const ownership = {
    owner: "0123456789abcdef",
    resource: "00000000-0000-4000-8000-000000000000",
    applyId: "fedcba9876543210",
};

const job = JSON.parse(process.argv[2]!) as Job;
const model = job.wrongModel ? withoutLastPorts : (policy: Policy) => policy;
const kernel = openKernel();
for (const ruleset of job.rulesets) process.stdout.write(`${JSON.stringify(ask(kernel, ruleset))}\n`);

function ask(kernel: Kernel, ruleset: number): Outcome {
    const random = randomFrom(job.seed, ruleset);
    const world = worldFrom(random);
    const policy = policyFrom(random, world);
    const next = probesFor(policy, world, random);
    const probes = Array.from({ length: job.probes }, next);
    const observed = kernel.ask(render(policy, ownership), probes);
    const reached = observed.filter(({ verdict }) => verdict !== "unreached");
    const kinds: Record<string, number> = {};
    for (const [i, probe] of probes.entries())
        if (observed[i]!.verdict !== "unreached") kinds[kindOf(probe)] = (kinds[kindOf(probe)] ?? 0) + 1;
    const wrong = probes.filter((probe, i) => disagreement(model(policy), probe, observed[i]!) !== undefined);

    const mutants = Array.from({ length: job.mutants ?? 0 }, () => mutate(policy, random));
    const noticed = mutants.filter((mutant) =>
        probes.some((probe, i) => disagreement(mutant.policy, probe, observed[i]!) !== undefined),
    );
    const changed = mutants.filter(
        (mutant) => noticed.includes(mutant) || changesVerdict(policy, mutant, world, random),
    );
    return {
        ...NOTHING,
        rulesets: 1,
        probes: reached.length,
        kinds,
        unreached: observed.length - reached.length,
        accepted: reached.filter(({ verdict }) => verdict === "accept").length,
        answers: reached.filter(({ answer }) => answer !== undefined).length,
        disagreements: wrong.length,
        reports: wrong[0] && reports++ < MOST_REPORTS ? [report(kernel, ruleset, { policy, probe: wrong[0] })] : [],
        mutants: changed.length,
        noticed: noticed.length,
    };
}

function report(kernel: Kernel, ruleset: number, found: Case): string {
    const say = ({ policy, probe }: Case) =>
        disagreement(model(policy), probe, kernel.ask(render(policy, ownership), [probe])[0]!);
    const smallest = reduce(found, (smaller) => say(smaller) !== undefined);
    const { rules, sets, defaults } = smallest.policy;
    return [
        `ruleset ${ruleset} of seed ${job.seed}: ${say(smallest) ?? "not again when asked alone"}`,
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
