import { setTimeout as delay } from "node:timers/promises";
import { commandProvider } from "./commandStandIn";
import { startDeployment } from "./deployment";
import type { RunningDeployment } from "./deployment";
import { startDynamicProvider } from "./dynamicProvider";
import type { ProviderProcess } from "./dynamicProvider";
import { addEngineService } from "./engineService";
import { messageOf, notImplemented } from "./errors";
import { Bail } from "./events";
import type { EngineEvent } from "./events";
import { addMonitor } from "./monitor";
import { exitMessage, startProgram } from "./program";
import type { Project } from "./project";
import type { ResourceProvider } from "./provider";
import type { Snapshot } from "./snapshot";
import { channelOptions, grpc, listen } from "./stubs";

const patience = 5000;

export interface RunOptions {
    readonly project: Project;
    readonly stack: string;
    readonly organization: string;
    readonly dryRun: boolean;
    readonly parallel: number;
    /** All configuration in clear, keys with their namespace. */
    readonly config: Readonly<Record<string, string>>;
    readonly secretKeys: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    readonly snapshot: Snapshot;
    /** What comes first, what comes then: reading, the program, deleting what is left over. */
    readonly refresh: "no" | "first" | "only";
    readonly program: boolean;
    readonly emit: (event: EngineEvent) => void;
}

/** Runs one operation from beginning to end; true where all of it succeeded. */
export async function runOperation(options: RunOptions): Promise<boolean> {
    const server = new grpc.Server(channelOptions);
    let providerProcess: Promise<ProviderProcess> | undefined;
    let address = "";
    const provider = async (type: string): Promise<ResourceProvider> => {
        if (type.startsWith("command:")) {
            return commandProvider(type, (diagnostic) => deployment.say(diagnostic));
        }
        if (!type.startsWith("pulumi-nodejs:dynamic")) {
            throw notImplemented(`resources of type ${type}`);
        }
        providerProcess ??= startDynamicProvider({
            script: options.project.sdkScript("dynamic-provider"),
            projectDir: options.project.directory,
            env: {
                ...options.env,
                PULUMI_NODEJS_PROJECT: options.project.name,
                PULUMI_PROJECT: options.project.name,
            },
            engineAddress: address,
            config: options.config,
            onLine: (line, stream) =>
                deployment.say({ severity: stream === "stdout" ? "info" : "info#err", message: line }),
        });
        return (await providerProcess).provider;
    };
    const deployment = startDeployment({ ...options, project: options.project.name, provider });
    addMonitor(server, deployment, options.project.directory);
    addEngineService(server, deployment.say);
    try {
        address = await listen(server);
        await runPhases(options, deployment, address);
    } catch (error) {
        if (!(error instanceof Bail)) {
            deployment.stop();
            deployment.say({ severity: "error", message: messageOf(error) });
        }
    } finally {
        await deployment.settled();
        await (await providerProcess?.catch(() => undefined))?.stop();
        server.forceShutdown();
    }
    deployment.finish();
    return !deployment.stopped();
}

async function runPhases(options: RunOptions, deployment: RunningDeployment, address: string): Promise<void> {
    const pending = options.snapshot.interrupted;
    if (options.refresh !== "no") {
        await deployment.refresh(options.refresh === "only");
        if (options.refresh === "only") {
            return;
        }
    } else if (pending.length > 0 && !options.dryRun) {
        const lines = pending.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}`);
        deployment.say({
            severity: "warning",
            message: `Attempting to deploy or update resources with ${pending.length} pending operations from previous deployment.\n${lines.join("\n")}\nThese resources are in an unknown state because the engine was interrupted while waiting for changes to them to complete: refresh looks at what is there.`,
        });
    }
    if (options.program) {
        await runProgram(options, deployment, address);
    }
    if (!deployment.stopped()) {
        await deployment.deleteRest();
    }
}

async function runProgram(options: RunOptions, deployment: RunningDeployment, address: string): Promise<void> {
    const program = startProgram({ ...options, address, say: deployment.say });
    try {
        // A program that hears of the end goes by itself; one that does not is not waited for.
        const overdue = deployment.halted
            .then(() => deployment.settled())
            .then(() => delay(patience, null, { ref: false }));
        const code = await Promise.race([program.exited, overdue]);
        await deployment.settled();
        if (code !== 0 && !deployment.stopped()) {
            deployment.stop();
            const message = exitMessage(code);
            if (message !== undefined) {
                deployment.say({ severity: "error", message });
            }
        }
    } finally {
        await program.stop();
    }
}
