import { createRequire } from "node:module";
import type * as grpcTypes from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

// The stubs need the very copy of gRPC that they were made for.
const grpc = createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js") as typeof grpcTypes;

/** The way of messages to the user. */
export interface EngineLog {
    readonly log: (severity: "info" | "warning", text: string) => void;
    /** Resolves once the engine has every message: it may end this process as soon as an operation has answered. */
    readonly heard: () => Promise<void>;
}

/**
 * Sends messages to the engine of this deployment. `pulumi.log` has no engine in a provider process, but the engine's
 * address is the process's last argument. Where there is none, messages go to standard output, which the engine shows too.
 */
export function engineLog(address = process.argv.at(-1) ?? ""): EngineLog {
    if (!/^[\w.:[\]-]+:\d+$/.test(address))
        return { log: (_, text) => console.log(text), heard: () => Promise.resolve() };
    const client = new EngineClient(address, grpc.credentials.createInsecure());
    const sent = new Set<Promise<void>>();
    return {
        log(severity, text) {
            const request = new LogRequest();
            request.setSeverity(severity === "warning" ? LogSeverity.WARNING : LogSeverity.INFO);
            request.setMessage(text);
            const message = new Promise<void>((resolve) => {
                client.log(request, (error: Error | null) => {
                    if (error) console.log(text);
                    resolve();
                });
            });
            sent.add(message);
            void message.then(() => sent.delete(message));
        },
        heard: async () => {
            await Promise.all(sent);
        },
    };
}
