import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describeLab, mustRun, openLab, runCommand } from ".";

/** What is left of a lab: its folders, interfaces, cgroups, and processes that are its hosts', see its mounts or run `peer`. */
async function traces(
    ofProcess: number,
    bridge: string,
    namespaces: readonly string[],
    peer?: string,
): Promise<string[]> {
    const folder = `vpsfw-lab-${ofProcess}-`;
    const links = await mustRun(["ip", "-brief", "link"]);
    const listCgroups = "mount -t cgroup2 cgroup2 /sys/fs/cgroup && ls /sys/fs/cgroup";
    const cgroups = (await runCommand(["unshare", "--mount", "sh", "-c", listCgroups])).stdout.split("\n");
    const processes = readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
            try {
                const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
                const isPeer = peer !== undefined && read("cmdline").includes(peer);
                return (
                    namespaces.includes(readlinkSync(`/proc/${pid}/ns/pid`)) ||
                    read("mountinfo").includes(folder) ||
                    isPeer
                );
            } catch {
                return false; // ended meanwhile
            }
        });
    return [
        ...readdirSync(tmpdir()).filter((name) => name.startsWith(folder)),
        ...links.split("\n").filter((line) => line.startsWith(bridge)),
        ...cgroups.filter((name) => name.startsWith(folder)),
        ...processes.map((pid) => `process ${pid}`),
    ];
}

/** The process namespace of a host. It stays open until the test ends: the kernel gives a free number to the next. */
function namespaceOf(pid: number): string {
    kept.push(openSync(`/proc/${pid}/ns/pid`, "r"));
    return readlinkSync(`/proc/${pid}/ns/pid`);
}
const kept: number[] = [];
afterEach(() => kept.splice(0).forEach((descriptor) => closeSync(descriptor)));

async function untilNoTraces(...of: Parameters<typeof traces>): Promise<string[]> {
    const deadline = Date.now() + 5000;
    for (;;) {
        const left = await traces(...of);
        if (left.length === 0 || Date.now() > deadline) return left;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

describeLab("the end of a lab", () => {
    test.each(["plain", "systemd"] as const)(
        "close leaves nothing, and a stopped %s host is gone at once",
        async (kind) => {
            const lab = await openLab();
            const host = await lab.addHost("web1", { kind });
            const bridge = (await mustRun(["ip", "-brief", "addr", "show", "to", lab.deployer.ipv4])).split(" ")[0]!;
            const namespaces = [namespaceOf(host.pid)];
            await host.listen(8080);
            expect(await traces(process.pid, bridge, namespaces)).not.toEqual([]);
            await host.stop();
            expect(await lab.connect({ to: host.ipv4, port: 8080, timeout: 300 })).not.toBe("open");
            await lab.close();
            expect(await untilNoTraces(process.pid, bridge, namespaces)).toEqual([]);
        },
    );

    test("the same number can't be opened twice, and can be again afterwards", async () => {
        const first = await openLab({ subnet: 201 });
        await expect(openLab({ subnet: 201 })).rejects.toThrow("lab subnet 201 is in use");
        await first.close();
        await (await openLab({ subnet: 201 })).close();
    });

    test("two processes have a lab each at the same time, and one that is killed leaves nothing", async () => {
        const compiled = mkdtempSync(join(tmpdir(), "vpsfw-compiled-"));
        try {
            const compiler = JSON.stringify(join(__dirname, "../../scripts/compileLab.mjs"));
            const compile = `import(${compiler}).then(({ compileLab }) => compileLab(${JSON.stringify(compiled)}))`;
            await mustRun([process.execPath, "-e", compile]);
            const program = `
                const { openLab } = require(${JSON.stringify(join(compiled, "index.js"))});
                (async () => {
                    const lab = await openLab();
                    const [one, two] = await Promise.all([lab.addHost("one"), lab.addHost("two", { kind: "systemd" })]);
                    await Promise.all([one.listen(8080), two.listen(8080)]);
                    console.log(JSON.stringify([one.pid, two.pid, lab.deployer.ipv4, one.ipv4]));
                })();`;
            const own = await openLab();
            const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
            const exited = once(child, "exit");
            const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
            const [one, two, deployer, address] = JSON.parse(line) as [number, number, string, string];
            expect(deployer).not.toBe(own.deployer.ipv4);
            expect(await own.connect({ to: address, port: 8080 })).toBe("open");

            const bridge = (await mustRun(["ip", "-brief", "addr", "show", "to", deployer])).split(" ")[0]!;
            const of = [child.pid!, bridge, [one, two].map(namespaceOf), compiled] as const;
            expect(await traces(...of)).not.toEqual([]);
            child.kill("SIGKILL");
            await exited;
            expect(await untilNoTraces(...of)).toEqual([]);

            // The lab of the other process never noticed.
            const host = await own.addHost("web1");
            expect(await own.connect({ to: host.ipv4, port: 22 })).toBe("open");
            await own.close();
        } finally {
            rmSync(compiled, { recursive: true });
        }
    });

    test("a folder that a dead process left is swept by the next lab", async () => {
        const dead = spawn("true");
        await once(dead, "exit");
        const stale = mkdtempSync(join(tmpdir(), `vpsfw-lab-${dead.pid}-`));
        await (await openLab()).close();
        expect((await runCommand(["ls", "-d", stale])).code).not.toBe(0);
    });
});
