import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describeLab, type LabHost } from "../lab";
import { goOn, type Moment, standsStill, standStillAt, until } from "./standStill";
import { openWorld, type World } from "./world";

/**
 * The engine, the program and the provider, killed with SIGKILL in the middle of an operation on several hosts, each of
 * which stands at another moment of the protocol.
 */
describeLab("a client that is killed", () => {
    let world: World;
    let hosts: LabHost[];

    beforeAll(async () => {
        world = await openWorld();
        hosts = await Promise.all([0, 1, 2].map((i) => world.lab.addHost(`web${i}`)));
    });
    afterAll(() => world.close());

    function write(port: number): void {
        world.write(`
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ssh: { service: "ssh" }, open: { protocol: "tcp", ports: ${port} } } });
for (const host of ${JSON.stringify(hosts.map(({ ipv4 }) => ipv4))}) {
    new HostFirewall(host, { connection: { host, user: "root" }, templates: [web], confirmSeconds: 5 });
}`);
    }

    /** Starts an operation and kills all of its processes once every host stands still at its moment. */
    async function killAt(operation: "up" | "destroy", moments: readonly (readonly [LabHost, Moment])[]) {
        for (const [host, moment] of moments) await standStillAt(host, moment);
        const script = join(__dirname, "operationProcess.mjs");
        // A process group of its own: the program and the provider are in it too.
        const child = spawn(process.execPath, [script, operation], {
            detached: true,
            stdio: ["pipe", "pipe", "inherit"],
        });
        const said = text(child.stdout);
        const exited = once(child, "exit");
        const tooEarly = exited.then(async () => {
            throw new Error(`${operation} ended before every host stood still:\n${await said}`);
        });
        child.stdin.write(`${JSON.stringify(world.stackOptions())}\n`);
        let found: Found[];
        try {
            await Promise.race([Promise.all(moments.map(([host]) => standsStill(host))), tooEarly]);
            found = await Promise.all(moments.map(([host]) => look(host)));
        } finally {
            if (groupLives(child.pid!)) process.kill(-child.pid!, "SIGKILL");
            await tooEarly.catch(() => undefined);
        }
        await until(async () => !groupLives(child.pid!), 10, "the killed processes to be gone");
        await Promise.all(moments.map(([host]) => goOn(host)));
        return found;
    }

    function groupLives(group: number): boolean {
        try {
            return process.kill(-group, 0);
        } catch {
            return false;
        }
    }

    interface Found {
        /** The port that the live ruleset opens beside ssh. */
        readonly port: number | undefined;
        /** That of the ruleset which was confirmed last. */
        readonly confirmed: number | undefined;
        readonly pending: boolean;
    }

    async function look(host: LabHost): Promise<Found> {
        const portIn = async (command: string) => {
            const found = /dport (\d+) counter .*"web\/open"/.exec((await host.run(command)).stdout);
            return found ? Number(found[1]) : undefined;
        };
        return {
            port: await portIn("/usr/sbin/nft -s list table inet vps_firewall"),
            confirmed: await portIn("cat /var/lib/vps-firewall/confirmed.nft"),
            pending: (await host.run("test -e /run/vps-firewall/pending")).code === 0,
        };
    }

    /** Until no step and no helper of the protocol runs any more and nothing of an apply lies about. */
    async function settled(host: LabHost): Promise<void> {
        const rest = `
            test -e /run/vps-firewall/pending && echo pending
            ls /var/lib/vps-firewall /run/vps-firewall 2>/dev/null | grep -E '^(helper|ready)|\\.(forward|back|boot|track)\\.nft$'
            flock -n /run/vps-firewall/lock true || echo locked`;
        await until(async () => (await host.run(rest)).stdout === "", 40, `${host.name} to settle`);
        expect(await world.lab.connect({ to: host.ipv4, port: 22, timeout: 2000 })).toBe("open");
    }

    /** The state file is readable, the next up ends with every host as wanted, and then there is nothing to do. */
    async function nextUpHeals(port: number, how: { refresh?: boolean } = {}): Promise<void> {
        expect(world.stack().state()).toBeDefined();
        const up = await world.stack().up(how);
        expect(up.ok ? "" : up.text).toBe("");
        for (const host of hosts) {
            expect(await look(host)).toEqual({ port, confirmed: port, pending: false });
        }
        const preview = await world.stack().preview({ refresh: true });
        expect(preview.ok).toBe(true);
        expect(preview.json.changeSummary).toEqual({ same: expect.any(Number) });
    }

    const nothing: Found = { port: undefined, confirmed: undefined, pending: false };

    // Killed in a first apply and in a change, at every moment: test/crash.
    beforeAll(async () => {
        write(81);
        await nextUpHeals(81);
    }, 60_000);

    test("an up at once after it waits for the host to go back, and then changes it", async () => {
        write(82);
        const found = await killAt("up", [[hosts[0]!, "loaded"]]);
        expect(found).toEqual([{ port: 82, confirmed: 81, pending: true }]);
        await nextUpHeals(82);
    }, 120_000);

    test("in a delete: each host ends with the old ruleset or with none, and up or destroy comes after it", async () => {
        const moments = ["looking", "removing", "removed"] as const;
        const found = await killAt(
            "destroy",
            moments.map((moment, i) => [hosts[i]!, moment] as const),
        );
        const whole = { port: 82, confirmed: 82, pending: false };
        expect(found).toEqual([whole, { ...whole, confirmed: undefined }, nothing]);
        await Promise.all(hosts.map(settled));
        const ended = await Promise.all(hosts.map(look));
        for (const host of ended) expect([whole, nothing]).toContainEqual(host);
        expect(ended.slice(0, 3)).toEqual([whole, nothing, nothing]);
        await nextUpHeals(82, { refresh: true });

        await killAt(
            "destroy",
            moments.map((moment, i) => [hosts[i]!, moment] as const),
        );
        await Promise.all(hosts.map(settled));
        const destroy = await world.stack().destroy();
        expect(destroy.ok ? "" : destroy.text).toBe("");
        expect(await Promise.all(hosts.map(look))).toEqual(hosts.map(() => nothing));
        expect(world.stack().state()).toMatchObject({ resources: [], pendingOperations: [] });
    }, 240_000);
});
