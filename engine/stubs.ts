import { createRequire } from "node:module";
import type * as grpcTypes from "@grpc/grpc-js";
import type * as emptyTypes from "google-protobuf/google/protobuf/empty_pb";
import type * as structTypes from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "./values";

// gRPC and protobuf must be the very copies that the SDK's stubs use, so they are looked up from the SDK.
const sdkRequire = createRequire(require.resolve("@pulumi/pulumi"));

export const grpc = sdkRequire("@grpc/grpc-js") as typeof grpcTypes;
const { Struct } = sdkRequire("google-protobuf/google/protobuf/struct_pb") as typeof structTypes;
export const { Empty } = sdkRequire("google-protobuf/google/protobuf/empty_pb") as typeof emptyTypes;

/** Messages may carry a large ruleset: as much as the SDK itself allows. */
export const channelOptions = { "grpc.max_receive_message_length": 400 * 1024 * 1024 };

export type StructMessage = structTypes.Struct;

export function toStruct(properties: Properties): StructMessage {
    return Struct.fromJavaScript(properties as Record<string, structTypes.JavaScriptValue>);
}

export function fromStruct(message: StructMessage | undefined): Properties {
    return message === undefined ? {} : (message.toJavaScript() as Properties);
}

/** Starts a server on a free port of the loopback interface and says where it listens. */
export function listen(server: grpcTypes.Server): Promise<string> {
    return new Promise((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
            error ? reject(error) : resolve(`127.0.0.1:${port}`),
        );
    });
}
