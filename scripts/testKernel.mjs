// `npm run test:kernel`: twenty million random packets at four thousand random rulesets in the real kernel, each verdict
// compared with the model's. It takes some minutes; `npm test` does a twentieth of it. It needs root.
//
//   npm run test:kernel -- --seed 7                    the packets of another run; without it, of a new one
//   npm run test:kernel -- --seed 7 --ruleset 1234     one ruleset of it again
//   npm run test:kernel -- --rulesets 40000            more, or fewer
//   npm run test:kernel -- --backend iptables-legacy   what iptables-restore loads, or iptables-nft
//   npm run test:kernel -- --forward                   what is forwarded to containers, with any of these
//
// The last line says how many packets were compared and how many disagreed.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { installDependencies, requireLab, runScript } from "./setup.mjs";

/** A few more than 5,000, since some packets never come to the firewall. */
const PROBES = 5100;

await runScript(async () => {
    const { values } = parseArgs({
        options: {
            seed: { type: "string", default: String(randomInt(2 ** 31)) },
            ruleset: { type: "string" },
            rulesets: { type: "string", default: "4000" },
            backend: { type: "string", default: "nftables" },
            forward: { type: "boolean", default: false },
        },
    });
    const { backend, forward } = values;
    if (!["nftables", "iptables-legacy", "iptables-nft"].includes(backend)) {
        console.error("--backend is nftables, iptables-legacy or iptables-nft.");
        return 2;
    }
    const seed = Number(values.seed);
    const first = Number(values.ruleset ?? 0);
    const rulesets = values.ruleset === undefined ? Number(values.rulesets) : 1;
    if (![seed, first, rulesets].every((number) => Number.isSafeInteger(number) && number >= 0) || rulesets === 0) {
        console.error("--seed, --ruleset and --rulesets are whole numbers.");
        return 2;
    }
    installDependencies();
    requireLab();

    // Only now, when its packages are there for sure.
    const { loadTypescript } = await import("../test/kernel/loadTypescript.mjs");
    const { closingLine, figures, NOTHING, sum } = loadTypescript("../test/kernel/job.ts", import.meta.url);
    const { run } = loadTypescript("../test/kernel/run.ts", import.meta.url);
    console.log(`seed ${seed}`);
    let sofar = NOTHING;
    const random = await run({ backend, forward, seed, first, rulesets, probes: PROBES }, (one) => {
        sofar = { ...sum([sofar, one]), reports: [] };
        for (const report of one.reports) console.log(report);
        if (sofar.rulesets % 500 === 0 && sofar.rulesets < rulesets)
            console.log(`${sofar.rulesets} of ${rulesets} rulesets: ${closingLine(sofar)}`);
    });
    // What takes more than one packet: replies, ICMP errors that belong to something, limits.
    const one = { backend, forward, seed, first: 0, rulesets: 1, probes: 0 };
    const followed = [await run({ ...one, connections: true }), await run({ ...one, limits: true })];
    for (const { reports } of followed) for (const report of reports) console.log(report);
    const outcome = sum([random, ...followed]);
    console.log(figures(outcome));
    console.log(closingLine(outcome));
    return outcome.disagreements === 0 ? 0 : 1;
});
