import type { HostOutputs } from "../../provider/hostInputs";
import { HostProvider } from "../../provider/hostProvider";
import { PartialFailure } from "../../provider/partialFailure";
import { kernelTest } from "../core/dialects/nftables/kernel";
import { hostileListings } from "./hostileListings";
import {
    type Answered,
    type HeardStep,
    type HostileServer,
    listingOf,
    lyingHost,
    startSsh,
    startTcp,
} from "./hostileServer";

const PRINTABLE = /^[\x20-\x7e\n]*$/;
const ESCAPES = "\u001b]0;owned\u0007\u001b[2J\u001b[31m\u202e\u0000\u009b";

/** What the deployer did with a host: how it ended, what was logged, how long it took. */
interface Ending {
    readonly outputs?: HostOutputs;
    readonly error?: Error;
    readonly seconds: number;
    readonly provider: HostProvider;
    readonly id?: string;
}

/** One deployment on a server, which must end in time, say little, and say it in plain text. */
async function deploy(server: HostileServer, longest = 20): Promise<Ending> {
    const said: string[] = [];
    const provider = new HostProvider({
        surroundings: () => ({ config: { password: "secret of a test" }, env: {}, home: "/nonexistent" }),
        timing: { track: 0, load: 0.3, lock: 0.5, dial: 2, reach: 2, giveUp: 2, retry: 1 },
        log: (_, text) => void said.push(text),
    });
    const { inputs, failures } = provider.check({
        target: {
            host: "127.0.0.1",
            port: server.port,
            user: "root",
            hostKeyChecking: "off",
            dialErrorLimit: 0,
            perDialTimeout: 1,
        },
        owner: "acme/web/prod",
        templates: [{ name: "web", rules: { ssh: { service: "ssh" } } }],
        confirmSeconds: 5,
    });
    expect(failures).toEqual([]);
    const began = Date.now();
    const ending = await provider.create(inputs).then(
        ({ id, outputs }) => ({ id, outputs }),
        (error: Error) => ({ error }),
    );
    const seconds = (Date.now() - began) / 1000;
    expect(seconds).toBeLessThan(longest);
    const texts = [...said, ...("error" in ending ? [ending.error.message] : [])];
    expect(texts.length).toBeLessThan(60);
    for (const text of texts) {
        if (!PRINTABLE.test(text)) expect(text).toMatch(PRINTABLE);
        expect(text.length).toBeLessThan(8000);
        expect(text).not.toContain("secret of a test");
    }
    if ("error" in ending) expect(ending.error.message).toMatch(/^VF\d{3} /);
    return { ...ending, seconds, provider };
}

/** Servers that are stopped after each test, how it ends. */
const servers: HostileServer[] = [];
async function started(starting: Promise<HostileServer>): Promise<HostileServer> {
    const server = await starting;
    servers.push(server);
    return server;
}
let floodOf = 0;
afterEach(async () => {
    floodOf++;
    await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** Writes as long as somebody reads. */
function flood(stream: NodeJS.WritableStream, chunk: string | Buffer): void {
    const ours = floodOf;
    const more = () => {
        if (ours !== floodOf) return;
        for (let i = 0; i < 100; i++) if (!stream.write(chunk)) break;
        setImmediate(more);
    };
    more();
}

describe("a server that stalls", () => {
    const ident = "SSH-2.0-OpenSSH_9.2\r\n";
    const stalls: Readonly<Record<string, () => Promise<HostileServer>>> = {
        "before it says anything": () => startTcp(() => undefined),
        "in the middle of its banner": () => startTcp((socket) => socket.write("SSH-2.0-Op")),
        "after its banner": () => startTcp((socket) => socket.write(ident)),
        "in the key exchange": () =>
            startTcp((socket) => socket.write(Buffer.concat([Buffer.from(ident), Buffer.from([0, 0, 3, 12, 4, 20])]))),
        "in the login": () => startSsh(() => undefined, { stallAt: "authentication" }),
        "when a channel is opened": () => startSsh(() => undefined, { stallAt: "channel" }),
        "when a command is to be run": () => startSsh(() => undefined, { stallAt: "exec" }),
        "before its shell is there": () => startSsh(() => undefined),
        "in the middle of an answer": () => startSsh(lyingHost(({ marker }) => `${marker} filter nft 1.0.6\n`)),
        "before it has read the script": () =>
            startSsh((channel, command) => {
                channel.write(`\n${/echo (\w+) ready/.exec(command)?.[1]} ready\n`);
                channel.pause();
            }),
    };
    test("ends in an error, wherever it is", async () => {
        const endings = await Promise.all(
            Object.entries(stalls).map(async ([name, start]) => ({ name, ...(await deploy(await started(start()))) })),
        );
        for (const { name, error } of endings) expect(`${name}: ${error?.message}`).toMatch(/: VF1(40|50|51|59|7\d)/);
    });
});

describe("a server that floods", () => {
    const line = `${ESCAPES}${"x".repeat(2000)}\r\n`;
    const floods: Readonly<Record<string, () => Promise<HostileServer>>> = {
        "with lines before its banner": () => startTcp((socket) => flood(socket, line)),
        "with one endless line": () => startTcp((socket) => flood(socket, "x".repeat(60_000))),
        "with zeros after its banner": () =>
            startTcp((socket) => {
                socket.write("SSH-2.0-OpenSSH_9.2\r\n");
                flood(socket, Buffer.alloc(60_000));
            }),
        "with a banner of a megabyte": () =>
            startSsh((channel) => channel.end(), { banner: line.repeat(400).slice(0, 200_000) }),
        "with output before its shell is there": () => startSsh((channel) => flood(channel, line)),
        "with errors": () => startSsh((channel) => flood(channel.stderr, line)),
        "with an endless answer": () =>
            startSsh((channel, command) => {
                channel.write(`\n${/echo (\w+) ready/.exec(command)?.[1]} ready\n`);
                flood(channel, "x".repeat(30_000));
            }),
    };
    test.each(Object.keys(floods))(
        "%s",
        async (name) => {
            const before = process.memoryUsage().rss;
            const { error } = await deploy(await started(floods[name]!()), 40);
            expect(error?.message).toMatch(/^VF1(40|50|51|52|53|59|7\d) /);
            expect(process.memoryUsage().rss - before).toBeLessThan(1.5e9);
        },
        60_000,
    );
});

describe("a host that lies", () => {
    const probe = (change: (answer: Answered[]) => readonly Answered[] | string) => (step: HeardStep) =>
        step.name === "probe" ? change(step.answer) : step.answer;
    const at = (name: string, change: (answer: Answered[]) => readonly Answered[] | string) => (step: HeardStep) =>
        step.name === name ? change(step.answer) : step.answer;
    const replaced = (key: string, words: string) => (answer: Answered[]) =>
        answer.map((entry): Answered => (entry[0] === key ? [key, words] : entry));
    const added = (entries: readonly Answered[]) => (answer: Answered[]) => [...entries, ...answer];
    const many = (count: number, entry: Answered): Answered[] => Array.from({ length: count }, () => entry);
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const stored = (generation: string, manifest: string): Answered[] => [
        ["confirmed", "0123456789abcdef"],
        ["manifest", "", `{"format":1,"generation":${generation},"manifest":${manifest}}`],
    ];

    /** Ends in an error of this code: nothing is in the state that was not so. */
    const refused: Readonly<Record<string, readonly [RegExp, (step: HeardStep) => readonly Answered[] | string]>> = {
        "a version with escapes": [/^VF171/, probe(replaced("filter", `nft ${ESCAPES}`))],
        "a version without an end": [/^VF171/, probe(replaced("filter", `nft ${"1".repeat(3_000_000)}`))],
        "a machine-id that is none": [/^VF171/, probe(replaced("machine", `../${ESCAPES}`))],
        "an address that is none": [/^VF171/, probe(replaced("connection", `$(reboot) 1 ${ESCAPES} 22`))],
        "a port that is none": [/^VF171/, probe(replaced("connection", "127.0.0.1 1 127.0.0.1 99999"))],
        "a million tables": [/^VF171/, probe(added(many(1_000_000, ["table", "ip x"])))],
        "an apply that is pending for ever": [/^VF171/, probe(added([["pending", "0123456789abcdef 99999999"]]))],
        "an apply that is pending for NaN": [/^VF171/, probe(added([["pending", "0123456789abcdef NaN"]]))],
        "the mark of another": [
            /^VF104/,
            probe(replaced("live", `marked ${"f".repeat(16)} ${"1".repeat(36)} ${"f".repeat(16)} ${"f".repeat(16)}`)),
        ],
        "a refusal with escapes and without an end": [
            /^VF170/,
            ({ marker }) =>
                `${marker} error filter-fails\n${marker} begin detail\n${(ESCAPES + "y".repeat(100)).repeat(30_000)}\n${marker} end detail\n${marker} finished\n`,
        ],
        "a refusal of no known kind": [
            /^VF171/,
            ({ marker }) => `${marker} error ${ESCAPES.repeat(50)}\n${marker} finished\n`,
        ],
        "no end": [/^VF171/, probe((answer) => answer.filter(([key]) => key !== "finished"))],
        "a listing of another table": [
            /^VF110/,
            at("arm", (answer) =>
                answer.map((entry): Answered => (entry[0] === "listing" ? ["listing", "", '{"nftables":[]}'] : entry)),
            ),
        ],
        "a listing that is none": [
            /^VF1(10|11|73)/,
            at("arm", (answer) =>
                answer.map((entry): Answered =>
                    entry[0] === "listing" ? ["listing", "", hostileListings["nested a million deep"]!()] : entry,
                ),
            ),
        ],
        "a change that is confirmed without a word of it": [
            /^VF1(10|11)/,
            ({ name, answer }) => {
                const nothing = ["confirmed", "manifest", "listing", "text"];
                if (name === "confirm") return [["finished", ""]];
                if (name !== "probe") return answer;
                const bare = answer.filter(([key]) => !nothing.includes(key));
                return replaced("print", "absent")(replaced("live", "absent")(bare));
            },
        ],
    };
    kernelTest(
        "is not believed",
        async () => {
            const endings = await Promise.all(
                Object.entries(refused).map(async ([name, [code, lie]]) => {
                    return { name, code, ...(await deploy(await started(startSsh(lyingHost(lie))), 40)) };
                }),
            );
            for (const { name, code, error } of endings) {
                const message = error instanceof PartialFailure ? error.reasons[0] : error?.message;
                expect({ name, message }).toEqual({ name, message: expect.stringMatching(code) as string });
            }
        },
        90_000,
    );

    /** Changes nothing: it is left out or cut. */
    const harmless: Readonly<Record<string, (step: HeardStep) => readonly Answered[] | string>> = {
        nothing: ({ answer }) => answer,
        "a hundred thousand listeners": probe(
            added([
                [
                    "listeners",
                    "",
                    `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("${ESCAPES}",pid=1,fd=3))\n`.repeat(100_000),
                ],
            ]),
        ),
        "a generation beyond numbers": probe(added(stored("1e308", "{}"))),
        "a manifest nested 200,000 deep": probe(added(stored("7", deep))),
        "a manifest of prototypes": probe(
            added(stored("7", '{"__proto__":{"owner":"x"},"constructor":{"prototype":{"owner":"y"}},"rulesFormat":1}')),
        ),
        "thousands of managers and repairs": probe(
            added([...many(4000, ["manager", ESCAPES]), ...many(4000, ["repair", ESCAPES])]),
        ),
        "firewalls and packet filters that are none": probe(
            added([
                ...many(4000, ["firewall", `${ESCAPES} active enabled /etc`]),
                ...many(4000, ["left-off", ESCAPES]),
                ["others", ""],
                ["others-nft", "", deep],
                [
                    "others-nft-4",
                    "",
                    `*filter\n:INPUT DROP\n${`-A INPUT -m ${ESCAPES} -j DROP\n`.repeat(10_000)}COMMIT\n`,
                ],
            ]),
        ),
        "thousands of notes": at("arm", added(many(9000, ["note", ESCAPES.repeat(20)]))),
        "invalid UTF-8 around": ({ marker, answer }) => {
            const text = answer.map(([key, words, section]) =>
                section === undefined
                    ? `${marker} ${key} ${words}\n`
                    : `${marker} begin ${key}\n${section}\n${marker} end ${key}\n`,
            );
            return `\ud800\ufffd\u0000${ESCAPES}\n${text.join(`${ESCAPES}\n`)}${ESCAPES}`;
        },
    };
    kernelTest(
        "is not listened to",
        async () => {
            const endings = await Promise.all(
                Object.entries(harmless).map(async ([name, lie]) => {
                    return { name, ...(await deploy(await started(startSsh(lyingHost(lie))), 40)) };
                }),
            );
            for (const { name, outputs, error } of endings) {
                expect({ name, error }).toEqual({ name });
                expect(JSON.stringify(outputs)).toMatch(PRINTABLE);
                expect(outputs?.generation).toBeLessThan(10);
                expect(outputs?.rules).toEqual({ "web/ssh": "accept tcp from anywhere to port 22" });
                expect(({} as { owner?: string }).owner).toBeUndefined();
            }
        },
        90_000,
    );

    kernelTest("a host that confirms and lists something else: the state says what it lists (VF178)", async () => {
        const other = listingOf(
            "table inet vps_firewall {\n chain input {\n type filter hook input priority 0; policy accept;\n tcp dport 3306 accept\n }\n}\n",
        );
        const lie = at("confirm", (answer) =>
            answer.map((entry): Answered => (entry[0] === "listing" ? ["listing", "", other] : entry)),
        );
        const { error } = await deploy(await started(startSsh(lyingHost(lie))));
        expect(error).toBeInstanceOf(PartialFailure);
        const { reasons, properties } = error as PartialFailure;
        expect(reasons).toEqual([
            expect.stringMatching(/^VF178 127\.0\.0\.1 says that the change is confirmed, but lists/),
        ]);
        expect(properties).toMatchObject({
            defaults: { ingress: "accept" },
            rules: { "(unmanaged) tcp 3306": "accept tcp from anywhere to port 3306" },
        });
    });

    kernelTest("a host that says it removed the table and still lists it is not done with (VF171)", async () => {
        let listed: readonly Answered[] = [];
        const lie = ({ name, answer }: HeardStep) => {
            if (name === "probe" && answer.some(([key]) => key === "listing")) listed = answer;
            return name === "probe" && listed.length > 0 ? listed : answer;
        };
        const server = await started(startSsh(lyingHost(lie)));
        const { provider, id = "", outputs } = await deploy(server);
        await provider.read(id, outputs!);
        await expect(provider.delete(id, outputs!)).rejects.toThrow(
            /^VF171 .*says that the table is removed, and lists it/,
        );
    });
});
