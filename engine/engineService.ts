import type { sendUnaryData, Server, ServerUnaryCall } from "@grpc/grpc-js";
import * as engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/engine_pb";
import type { Diagnostic, Severity } from "./events";
import { Empty } from "./stubs";

const severities: Readonly<Record<messages.LogSeverity, Severity>> = {
    [messages.LogSeverity.DEBUG]: "debug",
    [messages.LogSeverity.INFO]: "info",
    [messages.LogSeverity.WARNING]: "warning",
    [messages.LogSeverity.ERROR]: "error",
};

/** Serves whoever has something to say: the program and the provider process. */
export function addEngineService(server: Server, say: (diagnostic: Diagnostic) => void): void {
    let root = "";
    type Done<Response> = sendUnaryData<Response>;
    server.addService(
        engineRpc.EngineService as never,
        {
            log: (call: ServerUnaryCall<messages.LogRequest, unknown>, done: Done<unknown>) => {
                const severity = severities[call.request.getSeverity()];
                // The SDK logs whole resources for debugging, secrets included: that goes nowhere.
                if (severity !== "debug") {
                    const urn = call.request.getUrn();
                    say({
                        severity,
                        message: call.request.getMessage(),
                        ...(urn !== "" && { urn }),
                        ...(call.request.getEphemeral() && { ephemeral: true }),
                    });
                }
                done(null, new Empty());
            },
            getRootResource: (_call: unknown, done: Done<messages.GetRootResourceResponse>) => {
                const response = new messages.GetRootResourceResponse();
                response.setUrn(root);
                done(null, response);
            },
            setRootResource: (
                call: ServerUnaryCall<messages.SetRootResourceRequest, unknown>,
                done: Done<messages.SetRootResourceResponse>,
            ) => {
                root = call.request.getUrn();
                done(null, new messages.SetRootResourceResponse());
            },
            requirePulumiVersion: (_call: unknown, done: Done<messages.RequirePulumiVersionResponse>) =>
                done(null, new messages.RequirePulumiVersionResponse()),
        } as never,
    );
}
