import type { sendUnaryData, Server, ServerUnaryCall, ServiceError } from "@grpc/grpc-js";
import * as monitorRpc from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/resource_pb";
import type { RunningDeployment } from "./deployment";
import { messageOf, notImplemented } from "./errors";
import { Bail } from "./events";
import { readRegistration } from "./registration";
import { Empty, fromStruct, grpc, toStruct } from "./stubs";
import { arrive } from "./wire";

// The SDK refuses by itself, with a clear message, whatever is not named here.
const features = new Set(["secrets", "resourceReferences", "outputValues", "deletedWith", "aliasSpecs"]);

type Handler<Request, Response> = (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => void;

/** Serves the program: every resource it makes arrives here. */
export function addMonitor(server: Server, deployment: RunningDeployment, directory: string): void {
    const refuse =
        <Request>(what: (request: Request) => string): Handler<Request, never> =>
        (call, callback) => {
            const error = notImplemented(what(call.request));
            deployment.say({ severity: "error", message: error.message });
            deployment.stop();
            callback(toStatus(error));
        };
    server.addService(
        monitorRpc.ResourceMonitorService as never,
        {
            supportsFeature: answer((request: messages.SupportsFeatureRequest) => {
                const response = new messages.SupportsFeatureResponse();
                response.setHassupport(features.has(request.getId()));
                return response;
            }),
            registerResource: answer(async (request: messages.RegisterResourceRequest) => {
                const state = await deployment.register(readOrStop(deployment, request, directory));
                const response = new messages.RegisterResourceResponse();
                response.setUrn(state.urn);
                response.setId(state.id ?? "");
                // A component's outputs are those it registers itself.
                response.setObject(toStruct(state.custom ? state.outputs : {}));
                response.setResult(messages.Result.SUCCESS);
                return response;
            }),
            registerResourceOutputs: answer((request: messages.RegisterResourceOutputsRequest) => {
                deployment.registerOutputs(request.getUrn(), arrive(fromStruct(request.getOutputs()), directory));
                return new Empty();
            }),
            // Returns at once: what is left to delete waits for the program's exit anyway.
            signalAndWaitForShutdown: answer(() => new Empty()),
            registerPackage: refuse((request: messages.RegisterPackageRequest) => `package ${request.getName()}`),
            invoke: refuse((request: messages.ResourceInvokeRequest) => `the function ${request.getTok()}`),
            call: refuse((request: messages.ResourceCallRequest) => `the method ${request.getTok()}`),
            readResource: refuse((request: messages.ReadResourceRequest) => `reading ${request.getType()} by id (get)`),
            registerStackTransform: refuse(() => "transforms"),
            registerStackInvokeTransform: refuse(() => "invoke transforms"),
            registerResourceHook: refuse(() => "resource hooks"),
            registerErrorHook: refuse(() => "error hooks"),
        } as never,
    );
}

function readOrStop(
    deployment: RunningDeployment,
    request: messages.RegisterResourceRequest,
    directory: string,
): ReturnType<typeof readRegistration> {
    try {
        return readRegistration(request, directory);
    } catch (error) {
        deployment.say({ severity: "error", message: messageOf(error) });
        deployment.stop();
        throw new Bail(messageOf(error));
    }
}

function answer<Request, Response>(
    respond: (request: Request) => Response | Promise<Response>,
): Handler<Request, Response> {
    return (call, callback) => {
        Promise.resolve()
            .then(() => respond(call.request))
            .then(
                (response) => callback(null, response),
                (error: unknown) => callback(toStatus(error)),
            );
    };
}

// "Unavailable" tells the SDK that the engine has ended the run and has said why: it goes quietly.
function toStatus(error: unknown): Partial<ServiceError> {
    return { code: grpc.status.UNAVAILABLE, details: messageOf(error) };
}
