import { generateKeyPairSync } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Server, type ServerChannel } from "ssh2";
import { openNft } from "../core/dialects/nftables/kernel";

/** A server on 127.0.0.1; `stop` cuts every connection. */
export interface HostileServer {
    readonly port: number;
    stop(): Promise<void>;
}

const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "pkcs1", format: "pem" },
});

/** Whoever connects gets this, below SSH. */
export function startTcp(behave: (socket: Socket) => void): Promise<HostileServer> {
    return listening((onSocket) =>
        createServer((socket) => {
            onSocket(socket);
            behave(socket);
        }),
    );
}

/** Speaks SSH, and lets everybody in unless `authentication` says otherwise; then `onCommand` decides. */
export function startSsh(
    onCommand: (channel: ServerChannel, command: string) => void,
    options: { readonly banner?: string; readonly stallAt?: "authentication" | "channel" | "exec" } = {},
): Promise<HostileServer> {
    return listening((onSocket) => {
        const { banner, stallAt } = options;
        const server = new Server({ hostKeys: [privateKey], ...(banner !== undefined && { banner }) }, (client) => {
            client.on("error", () => undefined);
            client.on("authentication", (context) => {
                if (stallAt !== "authentication") context.accept();
            });
            client.on("session", (accept) => {
                if (stallAt === "channel") return;
                accept().on("exec", (acceptExec, _, { command }) => {
                    if (stallAt === "exec") return;
                    const channel = acceptExec();
                    channel.on("error", () => undefined);
                    onCommand(channel, command);
                });
            });
        });
        // The sockets are not to be had from ssh2 itself.
        return createServer((socket) => {
            onSocket(socket);
            server.injectSocket(socket);
        });
    });
}

async function listening(make: (onSocket: (socket: Socket) => void) => ReturnType<typeof createServer>) {
    const sockets = new Set<Socket>();
    const server = make((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        port: (server.address() as AddressInfo).port,
        stop: async () => {
            for (const socket of sockets) socket.destroy();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}

/** One step as a host hears it: its name, the lines an honest host would answer, and how it says them. */
export interface HeardStep {
    readonly name: string;
    readonly marker: string;
    readonly script: string;
    /** Words after a key; a section has a text too. */
    readonly answer: Answered[];
}
export type Answered = readonly [key: string, words: string, text?: string];

/** A step's whole answer as text. */
export function spoken(marker: string, answer: readonly Answered[]): string {
    return answer
        .map(([key, words, text]) =>
            text === undefined
                ? `${marker} ${key} ${words}\n`
                : `${marker} begin ${key}\n${text}\n${marker} end ${key}\n`,
        )
        .join("");
}

/**
 * A host that follows the protocol and keeps nothing but what it was told, until `lie` changes an answer. What it lists
 * is what the real nft lists of the ruleset it was sent.
 */
export function lyingHost(
    lie: (step: HeardStep) => readonly Answered[] | string,
): (channel: ServerChannel, command: string) => void {
    let applyId = "";
    let confirmedId = "";
    let forward = "";
    let manifest = "";
    const honest = (name: string, script: string): Answered[] => {
        const variable = (key: string) => new RegExp(`^${key}='(.*)'$`, "m").exec(script)?.[1] ?? "";
        if (name === "arm") {
            applyId = variable("apply_id");
            forward = payload(script, "forward");
            manifest = payload(script, "manifest");
            return [
                ["loaded", "5"],
                ["listing", "", listingOf(forward)],
            ];
        }
        if (name === "confirm") {
            confirmedId = applyId;
            return [
                ["confirmed", ""],
                ["boot-state", "enabled systemd"],
                ["listing", "", listingOf(forward)],
            ];
        }
        if (name === "withdraw") forward = confirmedId === applyId ? forward : "";
        if (name === "withdraw") return [];
        if (name === "remove") {
            forward = confirmedId = "";
            return [["removed", "removed"]];
        }
        const mark = /vpsfw1 o=(\S+) r=(\S+) a=(\S+) d=(\S+)"/.exec(forward)?.slice(1).join(" ");
        return [
            ["filter", "nft 1.0.6"],
            ["machine", "0123456789abcdef0123456789abcdef"],
            ["boot", "01234567-89ab-cdef-0123-456789abcdef"],
            ["boot-state", "enabled systemd"],
            ["connection", "127.0.0.1 40000 127.0.0.1 22"],
            ["live", mark === undefined ? "absent" : `marked ${mark}`],
            ["print", mark === undefined ? "absent" : "0".repeat(64)],
            ...(confirmedId === ""
                ? []
                : ([
                      ["confirmed", confirmedId],
                      ["manifest", "", manifest],
                  ] as Answered[])),
            ...(mark === undefined
                ? []
                : ([
                      ["listing", "", listingOf(forward)],
                      ["text", "", forward],
                  ] as Answered[])),
        ];
    };
    return (channel, command) => {
        const token = /echo (\w+) ready/.exec(command)?.[1] ?? "";
        channel.write(`\n${token} ready\n`);
        let script = "";
        channel.on("data", (chunk: Buffer) => (script += chunk.toString()));
        channel.on("end", () => {
            const marker = /^marker='(.*)'$/m.exec(script)?.[1] ?? "";
            const name = /\nstep_(\w+)\n\} <\/dev\/null\n$/.exec(script)?.[1] ?? "";
            const answer: Answered[] = [...honest(name, script), ["finished", ""]];
            const lied = lie({ name, marker, script, answer });
            channel.write(typeof lied === "string" ? lied : spoken(marker, lied), () => {
                channel.exit(0);
                channel.end();
            });
        });
    };
}

function payload(script: string, name: string): string {
    const [, end = ""] = new RegExp(`payload_${name}\\(\\) \\{\\ncat <<'(\\w+)'\\n`).exec(script) ?? [];
    const start = script.indexOf(`<<'${end}'\n`, script.indexOf(`payload_${name}()`)) + end.length + 5;
    if (end === "") return payload(script, "forward");
    return script.slice(start, script.indexOf(`\n${end}\n`, start) + 1);
}

const listings = new Map<string, string>();

export function listingOf(ruleset: string): string {
    const known = listings.get(ruleset);
    if (known !== undefined) return known;
    const nft = openNft();
    try {
        const listing = nft.run([ruleset]).trim();
        listings.set(ruleset, listing);
        return listing;
    } finally {
        nft.close();
    }
}
