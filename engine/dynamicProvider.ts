import type { Metadata, ServiceError } from "@grpc/grpc-js";
import * as providerRpc from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import * as status from "@pulumi/pulumi/proto/status_pb";
import { startNode } from "./childProcess";
import { EngineError } from "./errors";
import { PartialFailure } from "./provider";
import type { ProviderDiff, ResourceProvider } from "./provider";
import { channelOptions, fromStruct, grpc, toStruct } from "./stubs";

export interface DynamicProviderOptions {
    /** The script of the project's own SDK that hosts dynamic providers. */
    readonly script: string;
    readonly projectDir: string;
    readonly env: NodeJS.ProcessEnv;
    readonly engineAddress: string;
    readonly config: Readonly<Record<string, string>>;
    readonly onLine: (line: string, stream: "stdout" | "stderr") => void;
}

/** The process in which all dynamic resources of one deployment live. */
export interface ProviderProcess {
    readonly provider: ResourceProvider;
    readonly stop: () => Promise<void>;
}

type Call<Request, Response> = (
    request: Request,
    callback: (error: ServiceError | null, response: Response) => void,
) => unknown;

export async function startDynamicProvider(options: DynamicProviderOptions): Promise<ProviderProcess> {
    let announcePort: (port: string) => void = () => undefined;
    const port = new Promise<string>((resolve) => (announcePort = resolve));
    let started = false;
    const child = startNode({
        args: [options.script, options.engineAddress],
        cwd: options.projectDir,
        env: options.env,
        onLine: (line, stream) => {
            // Its first line is the port it listens on; everything after is somebody talking to the user.
            if (!started && stream === "stdout" && /^\d+$/.test(line)) {
                started = true;
                announcePort(line);
            } else {
                options.onLine(line, stream);
            }
        },
    });
    const early = child.exited.then((code) => {
        throw new EngineError(`the provider process ended before it was ready (exit code ${String(code)})`);
    });
    early.catch(() => undefined);
    const address = `127.0.0.1:${await Promise.race([port, early])}`;
    const client = new providerRpc.ResourceProviderClient(
        address,
        grpc.credentials.createInsecure(),
        channelOptions as object,
    );
    const configure = new messages.ConfigureRequest();
    configure.setArgs(toStruct(options.config));
    configure.setAcceptsecrets(true);
    await send<messages.ConfigureRequest, messages.ConfigureResponse>((r, done) => client.configure(r, done))(
        configure,
    );
    return {
        provider: providerOver(client),
        stop: async () => {
            client.close();
            await child.stop();
        },
    };
}

function send<Request, Response>(call: Call<Request, Response>): (request: Request) => Promise<Response> {
    return (request) =>
        new Promise((resolve, reject) => {
            call(request, (error, response) => (error ? reject(failureOf(error)) : resolve(response)));
        });
}

// A partial failure travels as a detail of the status, packed into a trailer.
function failureOf(error: ServiceError): Error {
    for (const packed of (error.metadata as Metadata | undefined)?.get("grpc-status-details-bin") ?? []) {
        for (const detail of status.Status.deserializeBinary(packed as Buffer).getDetailsList()) {
            if (detail.getTypeName() === "pulumirpc.ErrorResourceInitFailed") {
                const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
                return new PartialFailure(
                    failed.getId(),
                    fromStruct(failed.getProperties()),
                    failed.getReasonsList(),
                    failed.hasInputs() ? fromStruct(failed.getInputs()) : undefined,
                );
            }
        }
    }
    return new Error(error.details || error.message);
}

function providerOver(client: providerRpc.ResourceProviderClient): ResourceProvider {
    return {
        check: async (urn, old, now) => {
            const request = new messages.CheckRequest();
            request.setUrn(urn);
            request.setOlds(toStruct(old));
            request.setNews(toStruct(now));
            const response = await send<messages.CheckRequest, messages.CheckResponse>((r, done) =>
                client.check(r, done),
            )(request);
            return {
                inputs: fromStruct(response.getInputs()),
                failures: response
                    .getFailuresList()
                    .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })),
            };
        },
        diff: async (urn, id, old, now) => {
            const request = new messages.DiffRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOlds(toStruct(old.outputs));
            request.setOldInputs(toStruct(old.inputs));
            request.setNews(toStruct(now));
            const response = await send<messages.DiffRequest, messages.DiffResponse>((r, done) => client.diff(r, done))(
                request,
            );
            return {
                changes: changesOf(response.getChanges()),
                replaces: response.getReplacesList(),
                deleteBeforeReplace: response.getDeletebeforereplace(),
            };
        },
        create: async (urn, inputs) => {
            const request = new messages.CreateRequest();
            request.setUrn(urn);
            request.setProperties(toStruct(inputs));
            const response = await send<messages.CreateRequest, messages.CreateResponse>((r, done) =>
                client.create(r, done),
            )(request);
            return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
        },
        read: async (urn, id, inputs, outputs) => {
            const request = new messages.ReadRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setInputs(toStruct(inputs));
            request.setProperties(toStruct(outputs));
            const response = await send<messages.ReadRequest, messages.ReadResponse>((r, done) => client.read(r, done))(
                request,
            );
            return {
                id: response.getId(),
                outputs: fromStruct(response.getProperties()),
                ...(response.hasInputs() && { inputs: fromStruct(response.getInputs()) }),
            };
        },
        update: async (urn, id, old, now) => {
            const request = new messages.UpdateRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOlds(toStruct(old.outputs));
            request.setOldInputs(toStruct(old.inputs));
            request.setNews(toStruct(now));
            const response = await send<messages.UpdateRequest, messages.UpdateResponse>((r, done) =>
                client.update(r, done),
            )(request);
            return fromStruct(response.getProperties());
        },
        delete: async (urn, id, inputs, outputs) => {
            const request = new messages.DeleteRequest();
            request.setUrn(urn);
            request.setId(id);
            request.setOldInputs(toStruct(inputs));
            request.setProperties(toStruct(outputs));
            await send<messages.DeleteRequest, unknown>((r, done) => client.delete(r, done))(request);
        },
    };
}

function changesOf(answer: messages.DiffResponse.DiffChanges): ProviderDiff["changes"] {
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    return answer === DIFF_SOME ? "some" : answer === DIFF_NONE ? "none" : "unknown";
}
