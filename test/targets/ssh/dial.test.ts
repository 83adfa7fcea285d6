import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { openSession } from "../../../targets/ssh";
import { describeSshd, failure, freePort, pause, startSshServer } from "./sshServer";

describe("a host that can't be reached", () => {
    const around = { config: { password: "hunter2" }, env: {}, home: "/nonexistent" };
    const target = { host: "127.0.0.1", hostKeyChecking: "off", dialErrorLimit: 0 } as const;

    test("refused: how often and how long it was tried", async () => {
        const port = await freePort();
        const error = await failure(openSession({ ...target, port, dialErrorLimit: 1 }, {}, around));
        expect(error.code).toBe("VF140");
        expect(error.message).toMatch(/connection refused \(2 tries in 1(\.\d)? s\)/);
    });

    test("a name that does not resolve is not tried again", async () => {
        const error = await failure(openSession({ ...target, host: "no..where", dialErrorLimit: -1 }, {}, around));
        expect(error.code).toBe("VF140");
        expect(error.message).toContain("the name does not resolve");
    });

    test("something that accepts and says nothing: timed out", async () => {
        const { port, close } = await listen(() => undefined);
        const error = await failure(openSession({ ...target, port, perDialTimeout: 0.3 }, {}, around));
        close();
        expect(error.code).toBe("VF140");
        expect(error.message).toContain("timed out during the handshake");
    });

    test("something that hangs up, as sshd does when it is overloaded", async () => {
        const { port, close } = await listen((socket) => socket.destroy());
        const error = await failure(openSession({ ...target, port }, {}, around));
        close();
        expect(error.code).toBe("VF140");
    });

    test("something else than SSH, which can't send control characters through", async () => {
        const { port, close } = await listen((socket) => socket.end("HTTP/1.1 400 \u001b[31mBad Request\r\n\r\n"));
        const error = await failure(openSession({ ...target, port }, {}, around));
        close();
        expect(["VF140", "VF153"]).toContain(error.code);
        expect(error.message).toMatch(/^[\x20-\x7e]+$/);
    });

    test("a signal ends the attempt, while it connects and while it waits", async () => {
        const { port, close } = await listen(() => undefined);
        const signal = AbortSignal.timeout(200);
        const hanging = await failure(openSession({ ...target, port }, {}, around, { signal }));
        expect(hanging.code).toBe("VF155");
        close();
        const controller = new AbortController();
        const waiting = openSession({ ...target, port: await freePort(), dialErrorLimit: -1 }, {}, around, controller);
        setTimeout(() => controller.abort(), 300);
        expect((await failure(waiting)).code).toBe("VF155");
        expect((await failure(openSession({ ...target, port }, {}, around, controller))).code).toBe("VF155");
    });

    test("fields that are not valid are refused by name, those of a jump host too", async () => {
        expect((await failure(openSession({ ...target, proxy: { host: "a b" } }, {}, around))).message).toMatch(
            /^VF154 connection\.proxy\.host/,
        );
        for (const wrong of [
            { host: "-oProxyCommand=x" },
            { host: "a b" },
            { host: "" },
            { port: 0 },
            { port: 22.5 },
            { dialErrorLimit: -2 },
            { perDialTimeout: -1 },
            { hostKey: "ssh-ed25519 AAAA" },
        ])
            expect((await failure(openSession({ ...target, ...wrong }, {}, around))).code).toBe("VF154");
    });
});

describeSshd("a server that is still starting", () => {
    test("is waited for", async () => {
        const port = await freePort();
        const early = await startSshServer();
        const opening = openSession(
            { host: "127.0.0.1", port, hostKeyChecking: "off" },
            { privateKey: early.privateKey },
            early.surroundings(),
        );
        await pause(300);
        const late = await startSshServer({ config: [`ListenAddress 127.0.0.1:${port}`] });
        try {
            // It knows another key, so it was reached.
            expect((await failure(opening)).code).toBe("VF141");
        } finally {
            await Promise.all([early.stop(), late.stop()]);
        }
    });
});

async function listen(serve: (socket: Socket) => void) {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
        sockets.add(socket.on("error", () => undefined));
        serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const close = () => {
        for (const socket of sockets) socket.destroy();
        server.close();
    };
    return { port: (server.address() as AddressInfo).port, close };
}
