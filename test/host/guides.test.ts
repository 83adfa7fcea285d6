import type { OperationResult, Stack } from "../../engine/stack";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { runCommand } from "../lab/command";
import { exampleFolder, openExamples } from "./exampleStack";

// The examples made of the guides, on a real host: what a stranger, the office and the server itself get through. The ids
// are those of the acceptance list.

const SERVER = { ipv4: "192.0.2.10", ipv6: "2001:db8:5::10" };
const SECOND = { ipv4: "192.0.2.20", ipv6: "2001:db8:5::20" };
const STRANGER = { ipv4: "203.0.113.9", ipv6: "2001:db8:bad::9" };
const OFFICE = { ipv4: "198.51.100.10", ipv6: "2001:db8:77::10" };
type Ends = typeof SERVER;

// Several operations of seconds each.
jest.setTimeout(120_000);

function describeGuide(
    name: string,
    config: Readonly<Record<string, string>>,
    listeners: Readonly<Record<"tcp" | "udp", readonly number[]>>,
    tests: (guide: Guide) => void,
): void {
    describeLab(name, () => {
        let lab: Lab;
        let server: LabHost;
        let stack: Stack;
        let result: OperationResult;

        beforeAll(async () => {
            lab = await openLab({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
            server = await lab.addHost("server", SERVER);
            for (const address of [STRANGER, OFFICE].flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]))
                await lab.addAddress(address);
            const device = /dev (\S+)/.exec((await server.run("ip -o route get 192.0.2.200")).stdout)![1]!;
            await server.run(`ip addr add ${SECOND.ipv4}/24 dev ${device}`);
            await server.run(`ip addr add ${SECOND.ipv6}/64 dev ${device} nodad`);
            await Promise.all(listeners.tcp.map((port) => server.listen(port)));
            // Bound to one address, so that the answer comes from where it was asked.
            for (const port of listeners.udp)
                for (const host of Object.values(SERVER)) await server.listen(port, { protocol: "udp", host });
            stack = openExamples(lab)(exampleFolder(name), config);
            result = await stack.up();
            expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        });
        afterAll(() => lab.close());

        tests({
            lab: () => lab,
            server: () => server,
            stack: () => stack,
            said: () => result.diagnostics.map(({ message }) => message).join("\n"),
            // The two families at once: `open`, `timeout`, or what each of them says.
            tcp: (port, { from = STRANGER, to = SERVER, fromPort } = {}) =>
                both((family) => lab.connect({ to: to[family], port, from: from[family], ...given(fromPort) })),
            udp: (port, { from = STRANGER, to = SERVER, fromPort } = {}) =>
                both((family) => lab.askUdp({ to: to[family], port, from: from[family], ...given(fromPort) })),
            ping: (from) => both((family) => ping(from[family], SERVER[family])),
        });
    });
}

interface Guide {
    lab(): Lab;
    server(): LabHost;
    stack(): Stack;
    /** What the operation told. */
    said(): string;
    tcp(port: number, way?: Way): Promise<string>;
    udp(port: number, way?: Way): Promise<string>;
    ping(from: Ends): Promise<string>;
}

interface Way {
    readonly from?: Ends;
    readonly to?: Ends;
    readonly fromPort?: number;
}

const given = (fromPort: number | undefined) => (fromPort === undefined ? {} : { fromPort });

async function both(ask: (family: keyof Ends) => Promise<string>): Promise<string> {
    const [four, six] = await Promise.all([ask("ipv4"), ask("ipv6")]);
    return four === six ? four! : `IPv4 ${four}, IPv6 ${six}`;
}

async function ping(from: string, to: string): Promise<string> {
    const { code } = await runCommand(["busybox", "ping", "-q", "-c", "1", "-W", "1", "-I", from, to]);
    return code === 0 ? "answer" : "timeout";
}

/** What comes of each, asked at once. */
async function each(ports: readonly number[], ask: (port: number) => Promise<string>): Promise<Record<number, string>> {
    return Object.fromEntries(await Promise.all(ports.map(async (port) => [port, await ask(port)] as const)));
}

const all = (ports: readonly number[], outcome: string) => Object.fromEntries(ports.map((port) => [port, outcome]));

/** The server's own connections, to ports where the other end listens. */
async function outbound({ lab, server }: Guide, tcp: readonly number[], udp: readonly number[]): Promise<void> {
    for (const port of tcp) {
        const listener = await lab().listen(port);
        expect([port, await both((family) => server().connect({ to: STRANGER[family], port }))]).toEqual([
            port,
            "open",
        ]);
        await listener.close();
    }
    for (const port of udp)
        for (const family of ["ipv4", "ipv6"] as const) {
            const listener = await lab().listen(port, { protocol: "udp", host: STRANGER[family] });
            expect([port, await server().askUdp({ to: STRANGER[family], port })]).toEqual([port, "answer"]);
            await listener.close();
        }
}

const EAPPS = {
    open: [22, 80, 443, 25, 53, 993, 995, 587, 465, 21, 50050, 3690],
    office: [3306, 5432, 389, 8080],
    closed: [20, 110, 143, 220, 50101, 9999],
};

describeGuide(
    "eapps",
    { "eapps:ping": "true" },
    {
        tcp: [...EAPPS.open, ...EAPPS.office, ...EAPPS.closed].filter((port) => port !== 22),
        udp: [53, 161],
    },
    (guide) => {
        test("EA-1, EA-8: a stranger reaches what is listed and nothing else, over both families", async () => {
            expect(await each(EAPPS.open, guide.tcp)).toEqual(all(EAPPS.open, "open"));
            const closed = [...EAPPS.office, ...EAPPS.closed];
            expect(await each(closed, guide.tcp)).toEqual(all(closed, "timeout"));
        });

        test("EA-13: names are served over udp too", async () => {
            expect(await guide.udp(53)).toBe("answer");
            expect(await guide.udp(161)).toBe("timeout");
        });

        test("EA-22, EA-23: databases are the office's", async () => {
            const fromOffice = (port: number) => guide.tcp(port, { from: OFFICE });
            expect(await each(EAPPS.office, fromOffice)).toEqual(all(EAPPS.office, "open"));
            expect(guide.said()).not.toContain("VF220");
        });

        test("EA-29, EA-30, EA-31: nobody gets in by the port that he sends from", async () => {
            for (const fromPort of [25, 53]) expect(await guide.tcp(3306, { fromPort })).toBe("timeout");
            expect(await guide.udp(161, { fromPort: 53 })).toBe("timeout");
        });

        test("EA-31, EA-32: the server's own web, mail, name and time queries are answered", async () => {
            await outbound(guide, [25, 80, 443], [53, 123]);
        });

        test("EA-36: the server reaches itself, by every address it has", async () => {
            for (const to of ["127.0.0.1", "::1", SERVER.ipv4, SERVER.ipv6])
                expect([to, await guide.server().connect({ to, port: 3306 })]).toEqual([to, "open"]);
        });

        test("EA-37, EA-38: ping is answered, within its limit", async () => {
            expect(await guide.ping(STRANGER)).toBe("answer");
            // Each run is a new connection, and the limit counts these.
            const runs = await Promise.all(Array.from({ length: 30 }, () => ping(STRANGER.ipv4, SERVER.ipv4)));
            expect(new Set(runs)).toEqual(new Set(["answer", "timeout"]));
            // Its limit is for each source.
            expect(await guide.ping(OFFICE)).toBe("answer");
        });

        test("EA-27: what the server's /etc/services says changes nothing", async () => {
            await guide.server().run("echo 'https 8443/tcp' >/etc/services");
            const preview = await guide.stack().preview({ refresh: true });
            expect(preview.steps.filter(({ op }) => op !== "same" && op !== "refresh")).toEqual([]);
        });
    },
);

const VPS = { open: [22, 80, 443, 53, 25, 143, 110, 21, 50050], closed: [3306, 993, 8080, 50101] };

describeGuide(
    "vps-guide",
    {},
    { tcp: [...VPS.open, ...VPS.closed].filter((port) => port !== 22), udp: [53, 80, 443] },
    (guide) => {
        test("VG-2, VG-7 to VG-14, VG-16: the rows are open to anybody over both families, the rest is dropped", async () => {
            expect(await each(VPS.open, guide.tcp)).toEqual(all(VPS.open, "open"));
            expect(await each(VPS.closed, guide.tcp)).toEqual(all(VPS.closed, "timeout"));
        });

        test("VG-8, VG-9, VG-10: over udp there are names, and no http", async () => {
            expect(await each([53, 80, 443], guide.udp)).toEqual({ 53: "answer", 80: "timeout", 443: "timeout" });
        });

        test("VG-12, VG-13, VG-14: cleartext is said, a missing range is not", () => {
            for (const rule of ["imap", "pop3", "ftp"])
                expect(guide.said()).toContain(`VF226 server/${rule} opens cleartext to the world`);
            expect(guide.said()).not.toContain("VF227");
        });

        test("VG-17: whatever port the stranger sends from", async () => {
            for (const fromPort of [1, 40000, 65535]) expect(await guide.tcp(443, { fromPort })).toBe("open");
        });

        test("VG-18: both addresses of the server", async () => {
            expect(await guide.tcp(443, { to: SECOND })).toBe("open");
            expect(await guide.tcp(3306, { to: SECOND })).toBe("timeout");
        });

        test("VG-3, VG-20: everything may leave, and replies come back", async () => {
            await outbound(guide, [25, 443], [123]);
            const out = await both(async (family) => {
                const ping = await guide
                    .server()
                    .run(["busybox", "ping", "-q", "-c", "1", "-W", "1", STRANGER[family]]);
                return ping.code === 0 ? "answer" : "timeout";
            });
            expect(out).toBe("answer");
        });

        test("VG-22: loopback is open, a stranger's ping is dropped", async () => {
            expect(await guide.server().connect({ to: "127.0.0.1", port: 3306 })).toBe("open");
            expect(await guide.ping(STRANGER)).toBe("timeout");
        });
    },
);
