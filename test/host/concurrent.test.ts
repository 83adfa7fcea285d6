import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describeLab, type LabHost } from "../lab";
import { PROGRAM } from "./anyHosts";
import { goOn, standsStill, standStillAt, until } from "./standStill";
import { openWorld, type World } from "./world";

// Several operations of seconds each, of which two wait for others.
jest.setTimeout(180_000);

/** Two stacks and the processes of both, real ones: the second begins while a change of the first is open. */
describeLab("an up while a change of another stack is pending", () => {
    let world: World;
    let goesOn: LabHost;
    let dies: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        world.write(PROGRAM);
        [goesOn, dies] = (await Promise.all([world.lab.addHost("goes-on"), world.lab.addHost("dies")])) as [
            LabHost,
            LabHost,
        ];
    });
    afterAll(async () => {
        // Also those that stand still after a test that failed.
        for (const pid of groups) if (lives(pid)) process.kill(-pid, "SIGKILL");
        await world.close();
    });

    const groups: number[] = [];
    function lives(group: number): boolean {
        try {
            return process.kill(-group, 0);
        } catch {
            return false;
        }
    }

    interface Running {
        readonly pid: number;
        readonly ended: Promise<{ readonly ok: boolean; readonly text: string }>;
        /** What was said so far. */
        text(): string;
    }

    function up(stack: string, host: LabHost, rest: object = {}): Running {
        const config = { hosts: JSON.stringify({ web: { connection: { host: host.ipv4 }, ...rest } }) };
        // A process group of its own: the program and the provider are in it too.
        const child = spawn(process.execPath, [join(__dirname, "operationProcess.mjs"), "up"], {
            detached: true,
            stdio: ["pipe", "pipe", "inherit"],
        });
        groups.push(child.pid!);
        let said = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
        child.stdin.write(`${JSON.stringify(world.stackOptions(config, stack))}\n`);
        const ended = once(child, "close").then(([code]) => ({ ok: code === 0, text: said.replace(/\s+/g, " ") }));
        return { pid: child.pid!, ended, text: () => said };
    }

    /** An up that is frozen, with all its processes, when its change is loaded and not confirmed. */
    async function upFrozen(stack: string, host: LabHost): Promise<Running> {
        await standStillAt(host, "loaded");
        const running = up(stack, host);
        const tooEarly = running.ended.then(({ text }) => Promise.reject(new Error(`ended too early: ${text}`)));
        await Promise.race([standsStill(host), tooEarly]);
        tooEarly.catch(() => undefined);
        process.kill(-running.pid, "SIGSTOP");
        await goOn(host);
        // The step that has loaded ends without its client, and leaves the lock.
        await until(async () => (await host.run("flock -n /run/vps-firewall/lock true")).code === 0, 20, "the lock");
        return running;
    }

    test("waits, and then finds whose host it is; where the first one dies, the host goes back and is free", async () => {
        const [first, dead] = await Promise.all([upFrozen("first", goesOn), upFrozen("dead", dies)]);
        expect((await dies.run("cat /run/vps-firewall/pending")).stdout).toContain("deadline=");
        process.kill(-dead.pid, "SIGKILL");
        const second = up("second", goesOn);
        const third = up("third", dies);
        await until(async () => /waiting for another change/.test(second.text()), 60, "the second up to wait");
        process.kill(-first.pid, "SIGCONT");

        expect((await first.ended).text).toContain("confirmed");
        expect((await first.ended).ok).toBe(true);
        const refused = await second.ended;
        expect(refused.text).toContain(`VF104 the firewall of ${goesOn.ipv4} belongs to "organization/world/first"`);
        expect(refused.ok).toBe(false);

        const free = await third.ended;
        expect(free.text).toContain("waiting for another change: confirmed or taken back within");
        expect(free.ok).toBe(true);
        for (const host of [goesOn, dies]) {
            expect((await host.run("cat /run/vps-firewall/pending")).code).not.toBe(0);
        }
        const { state } = await world.stack({ hosts: "{}" }, "third").preview();
        expect(state.resources.some(({ outputs }) => outputs["machineId"] === dies.machineId)).toBe(true);
    });
});
