import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { DEVICES } from "./devices";
import { type Job, type Outcome, sum } from "./job";

/** Deals the rulesets out to a process for each core, each in a network namespace of its own that ends with this process. */
export async function run(job: Job, progress: (outcome: Outcome) => void = () => undefined): Promise<Outcome> {
    const step = Math.min(availableParallelism(), job.rulesets);
    const shares = Array.from({ length: step }, (_, i): Job => {
        return { ...job, first: job.first + i, rulesets: Math.ceil((job.rulesets - i) / step), step };
    });
    // One that fails ends the others.
    const stop = new AbortController();
    const outcomes = shares.map((share) => runShare(share, progress, stop.signal));
    try {
        return sum(await Promise.all(outcomes));
    } finally {
        stop.abort();
        await Promise.allSettled(outcomes);
    }
}

function runShare(job: Job, progress: (outcome: Outcome) => void, signal: AbortSignal): Promise<Outcome> {
    const here = (name: string) => join(__dirname, name);
    const taps = job.forward ? DEVICES.join(" ") : "tap0";
    const forwarding = job.forward ? ["sh", "-e", here("forwarding.sh"), taps] : [];
    const inside = ["sh", "-e", here("namespace.sh"), ...forwarding, "python3", here("starter.py"), taps];
    const node = [process.execPath, here("probeProcess.mjs"), JSON.stringify(job)];
    const child = spawn("setpriv", ["--pdeathsig=KILL", "unshare", "--net", ...inside, ...node], {
        stdio: ["ignore", "pipe", "pipe"],
        // Debian keeps ip and nft where a user's PATH does not look.
        env: { ...process.env, PATH: [process.env.PATH, "/usr/sbin", "/sbin"].join(delimiter) },
        signal,
        killSignal: "SIGKILL",
    });
    const outcomes: Outcome[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
        const outcome = JSON.parse(line) as Outcome;
        outcomes.push(outcome);
        progress(outcome);
    });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, signal) => {
            if (code === 0 && outcomes.length === job.rulesets) resolve(sum(outcomes));
            else reject(new Error(`the probes ended early (${code ?? signal}): ${errors.trim()}`));
        });
    });
}
