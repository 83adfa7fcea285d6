// A real peer on the lab's network: listens, connects and asks where it is started, on commands that come as JSON lines.
// It is plain JavaScript because it runs in a host's namespaces, where only node itself is sure to be.
import dgram from "node:dgram";
import net from "node:net";
import os from "node:os";
import readline from "node:readline";

// A busy machine must not look like a stalled stream.
try {
    os.setPriority(os.constants.priority.PRIORITY_HIGH);
} catch {
    // Not allowed here: measured all the same.
}

/**
 * Milliseconds to wait for an outcome. IPv6 gets one retransmission (after 1 s): between namespaces of one machine the
 * ICMPv6 error to a first SYN arrives while the connecting socket is still locked, and the kernel only acts on the next.
 */
const defaultTimeout = (to) => (net.isIPv6(to) ? 1300 : 500);

/** Outcomes that are an answer of the network; any other error is one of the test's. */
const outcomeOfError = {
    ECONNREFUSED: "refused",
    ECONNRESET: "refused",
    EHOSTUNREACH: "unreachable",
    ENETUNREACH: "unreachable",
    ENOPROTOOPT: "unreachable",
    EACCES: "unreachable",
    EPERM: "unreachable",
    ETIMEDOUT: "timeout",
};

/** Waits for what `start` reports, an outcome or an error, then closes the socket. */
function untilOutcome(timeout, close, start) {
    return new Promise((resolve, reject) => {
        let ended = false;
        function end(settle, value) {
            if (ended) return;
            ended = true;
            clearTimeout(timer);
            close();
            settle(value);
        }
        // On a busy machine an answer may have come by the time the timer is looked at: it goes first.
        const timer = setTimeout(() => setImmediate(() => end(resolve, "timeout")), timeout);
        start(
            (outcome) => end(resolve, outcome),
            (error) => {
                const outcome = outcomeOfError[error.code];
                if (outcome) end(resolve, outcome);
                else end(reject, error);
            },
        );
    });
}

const listeners = new Map();
let nextListener = 1;

function whenListening(server, listen) {
    return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.once("listening", () => {
            server.removeListener("error", reject);
            server.on("error", () => undefined);
            resolve();
        });
        listen();
    });
}

async function listenTcp(port, host, onConnection) {
    const sockets = new Set();
    const listener = { received: 0 };
    const server = net.createServer((socket) => {
        listener.received += 1;
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => sockets.delete(socket));
        onConnection(socket);
    });
    await whenListening(server, () => server.listen({ port, host, backlog: 511 }));
    listener.close = () => {
        for (const socket of sockets) socket.destroy();
        return new Promise((resolve) => server.close(() => resolve()));
    };
    return listener;
}

async function listenUdp(port, host) {
    const listener = { received: 0 };
    const socket = dgram.createSocket(host.includes(":") ? "udp6" : "udp4");
    socket.on("message", (message, peer) => {
        listener.received += 1;
        socket.send(message, peer.port, peer.address, () => undefined);
    });
    await whenListening(socket, () => socket.bind(port, host));
    listener.close = () => new Promise((resolve) => socket.close(() => resolve()));
    return listener;
}

function greetAndEcho(socket) {
    socket.write("hello\n");
    socket.pipe(socket);
}

function tick(socket) {
    const timer = setInterval(() => socket.write("."), 10);
    socket.on("close", () => clearInterval(timer));
}

const commands = {
    async listen({ port, protocol = "tcp", host = "::", ticking }) {
        const listener =
            protocol === "udp"
                ? await listenUdp(port, host)
                : await listenTcp(port, host, ticking ? tick : greetAndEcho);
        listeners.set(nextListener, listener);
        return nextListener++;
    },
    async received({ listener }) {
        return listeners.get(listener).received;
    },
    async unlisten({ listener }) {
        await listeners.get(listener)?.close();
        listeners.delete(listener);
    },
    connect({ to, port, from, fromPort, timeout = defaultTimeout(to) }) {
        const socket = net.connect({ host: to, port, localAddress: from, localPort: fromPort });
        return untilOutcome(
            timeout,
            () => socket.destroy(),
            (done, fail) => {
                socket.once("connect", () => done("open"));
                socket.on("error", fail);
            },
        );
    },
    askUdp({ to, port, from, fromPort, timeout = 500 }) {
        const socket = dgram.createSocket(net.isIPv6(to) ? "udp6" : "udp4");
        return untilOutcome(
            timeout,
            () => socket.close(),
            (done, fail) => {
                const failed = (error) => error && fail(error);
                socket.once("message", () => done("answer"));
                socket.on("error", fail);
                // Connected, so that the ICMP error of a rejecting host comes back as an error.
                const ask = (error) => (error ? fail(error) : socket.send("ask", failed));
                socket.bind({ address: from, port: fromPort }, () => socket.connect(port, to, ask));
            },
        );
    },
    /** Reads an established stream and tells how long the longest silence was. */
    follow({ to, port, from, timeout = 2000 }) {
        return new Promise((resolve, reject) => {
            const socket = net.connect({ host: to, port, localAddress: from });
            const stream = { socket, bytes: 0, longestGap: 0, last: Date.now(), ended: false };
            const timer = setTimeout(() => socket.destroy(new Error("no stream: connect timed out")), timeout);
            socket.on("error", reject);
            socket.on("close", () => (stream.ended = true));
            socket.on("data", (data) => {
                clearTimeout(timer);
                const now = Date.now();
                if (stream.bytes > 0) stream.longestGap = Math.max(stream.longestGap, now - stream.last);
                stream.bytes += data.length;
                stream.last = now;
                if (stream.id) return;
                stream.id = nextListener++;
                listeners.set(stream.id, stream);
                resolve(stream.id);
            });
        });
    },
    async unfollow({ stream }) {
        const { socket, bytes, longestGap, last, ended } = listeners.get(stream);
        listeners.delete(stream);
        socket.destroy();
        return { bytes, ended, longestGap: Math.max(longestGap, Date.now() - last) };
    },
    /** Sends datagrams until told to stop, each from the same socket. */
    flood({ to, port, from, perSecond = 1000 }) {
        const socket = dgram.createSocket(net.isIPv6(to) ? "udp6" : "udp4");
        const flood = { sent: 0, socket };
        socket.on("error", () => undefined);
        return new Promise((resolve) => {
            socket.bind({ address: from }, () => {
                const started = Date.now();
                flood.timer = setInterval(() => {
                    const due = ((Date.now() - started) / 1000) * perSecond;
                    for (; flood.sent < due; flood.sent++) socket.send("flood", port, to, () => undefined);
                }, 5);
                listeners.set(nextListener, flood);
                resolve(nextListener++);
            });
        });
    },
    async unflood({ flood }) {
        const { sent, socket, timer } = listeners.get(flood);
        listeners.delete(flood);
        clearInterval(timer);
        socket.close();
        return sent;
    },
};

const lines = readline.createInterface({ input: process.stdin });
lines.on("line", async (line) => {
    const { id, command, ...options } = JSON.parse(line);
    let answer;
    try {
        answer = { id, result: await commands[command](options) };
    } catch (error) {
        answer = { id, error: `${command}: ${error.message}` };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
});
// Like a host's PID 1, it lives as long as its input.
lines.on("close", () => process.exit(0));
