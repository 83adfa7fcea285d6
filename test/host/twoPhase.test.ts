import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { OperationResult } from "../../engine/stack";
import { describeLab, type LabHost } from "../lab";
import { PROGRAM, rulesetsOf } from "./anyHosts";
import { goOn, standsStill, until } from "./standStill";
import { openWorld, type World } from "./world";

// Several operations of seconds each, side by side.
jest.setTimeout(180_000);

/** nft that stands still before it loads the rules alone, without the former way beside them. */
const STAND_STILL_IN_PHASE_2 = `#!/bin/sh
case "$*" in
"-f "*.forward.nft)
    if ! grep -q former-way "$2"; then
        touch /run/stands-still
        while [ -e /run/stand-still ]; do sleep 0.05; done
    fi
    ;;
esac
exec /usr/sbin/nft "$@"
`;

describeLab("a connection that changes together with the rules", () => {
    let world: World;
    let port: LabHost;
    let nothing: LabHost;
    let address: LabHost;
    let killed: LabHost;
    let failing: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        world.write(PROGRAM);
        const { lab } = world;
        const both = { sshdConfig: ["Port 2222"] };
        [port, nothing, address, killed, failing] = await Promise.all([
            lab.addHost("port", both),
            lab.addHost("nothing"),
            lab.addHost("address"),
            lab.addHost("killed", both),
            lab.addHost("failing", both),
        ]);
        await Promise.all([
            ...[port, nothing, killed, failing].map((host) => first(host.name, on(host, 22))),
            first(address.name, on(address, 22, address.ipv4)),
        ]);
    });
    afterAll(() => world.close());

    /** Reached at this port and address, by rules that accept nothing else. */
    function on(host: LabHost, sshPort: number, at?: string): object {
        const connection = { host: at ?? host.ipv4, hostKey: host.hostKey, perDialTimeout: 2, dialErrorLimit: 1 };
        const rules = { ssh: `accept tcp from anywhere to ${at === undefined ? "" : `${at} `}port ${sshPort}` };
        return { connection: sshPort === 22 ? connection : { ...connection, port: sshPort }, rules, confirmSeconds: 5 };
    }

    const config = (args: object) => ({ hosts: JSON.stringify({ a: args }) });
    const stack = (name: string, args: object) => world.stack(config(args), name);
    const up = (name: string, args: object): Promise<OperationResult> => stack(name, args).up();
    async function first(name: string, args: object): Promise<void> {
        const result = await up(name, args);
        if (!result.ok) throw new Error(result.text);
    }
    const oneLine = ({ text }: OperationResult) => text.replace(/\s+/g, " ");
    const reach = (host: LabHost, port: number, to = host.ipv4) => world.lab.connect({ to, port });
    const listing = async (host: LabHost) => (await host.run("nft -s list table inet vps_firewall")).stdout;

    test("another port, another address: opened beside the former, confirmed, and the former closed", async () => {
        const second = address.ipv4.replace(/\d+$/, "150");
        await address.run(`ip addr add ${second}/24 dev eth0`);
        const [byPort, byAddress] = await Promise.all([
            up(port.name, on(port, 2222)),
            up(address.name, on(address, 22, second)),
        ]);
        expect(byPort.ok ? "" : byPort.text).toBe("");
        expect(oneLine(byPort)).toContain(
            `phase 1 of 2: the new rules, and ${port.ipv4} stays open beside ${port.ipv4} port 2222`,
        );
        expect(oneLine(byPort)).toContain(`phase 2 of 2: the new rules alone, over ${port.ipv4} port 2222`);
        expect(await Promise.all([reach(port, 22), reach(port, 2222)])).toEqual(["timeout", "open"]);
        expect(rulesetsOf(byPort)[0]?.outputs).toMatchObject({
            target: { port: 2222 },
            generation: 3,
            rules: { "a-rules/ssh": "accept tcp from anywhere to port 2222" },
        });
        expect(await listing(port)).not.toContain("former-way");

        expect(byAddress.ok ? "" : byAddress.text).toBe("");
        expect(await Promise.all([reach(address, 22), reach(address, 22, second)])).toEqual(["timeout", "open"]);
        expect(rulesetsOf(byAddress)[0]?.outputs).toMatchObject({ target: { host: second }, generation: 3 });

        const again = await stack(port.name, on(port, 2222)).preview({ refresh: true });
        expect(again.json.changeSummary).toEqual({ same: expect.any(Number) });
    });

    test("where the new port is not accepted, nothing changes (VF101); where nobody listens there, it is taken back (VF110)", async () => {
        const before = await listing(nothing);
        const state = rulesetsOf({ state: stack(nothing.name, {}).state() });
        const closed = { ...on(nothing, 2222), rules: { ssh: "accept tcp from anywhere to port 2200" } };
        const refused = await up(nothing.name, closed);
        expect(oneLine(refused)).toMatch(/VF101 .* to port 2222 is dropped by the default action/);
        expect(await listing(nothing)).toBe(before);

        const result = await up(nothing.name, on(nothing, 2222));
        expect(result.ok).toBe(false);
        expect(oneLine(result)).toMatch(
            new RegExp(
                `VF110 ${nothing.ipv4} took the change back: phase 1 of 2 was to be confirmed over ${nothing.ipv4} port 2222, and no new SSH connection could be opened within 5 s .*connection refused.* The host runs generation 1 again`,
            ),
        );
        expect(await listing(nothing)).toBe(before);
        expect(rulesetsOf(result)).toEqual(state);
        expect(await reach(nothing, 22)).toBe("open");
    });

    async function standStillInPhase2(host: LabHost): Promise<void> {
        await host.run(["tee", "/usr/local/sbin/nft"], { input: STAND_STILL_IN_PHASE_2 });
        await host.run("chmod 755 /usr/local/sbin/nft; touch /run/stand-still");
    }
    const settled = (host: LabHost) =>
        until(async () => (await host.run("test -e /run/vps-firewall/pending")).code !== 0, 40, "the host to settle");

    test("killed between the phases: refresh still reaches the host, and the next up ends it", async () => {
        await standStillInPhase2(killed);
        const script = join(__dirname, "operationProcess.mjs");
        const child = spawn(process.execPath, [script, "up"], { detached: true, stdio: ["pipe", "pipe", "inherit"] });
        const said = text(child.stdout);
        const exited = once(child, "exit");
        child.stdin.write(`${JSON.stringify(world.stackOptions(config(on(killed, 2222)), killed.name))}\n`);
        const early = exited.then(async () => Promise.reject(new Error(`up ended:\n${await said}`)));
        try {
            await Promise.race([standsStill(killed), early]);
        } finally {
            early.catch(() => undefined);
            process.kill(-child.pid!, "SIGKILL");
            await exited;
        }
        expect(await Promise.all([reach(killed, 22), reach(killed, 2222)])).toEqual(["open", "open"]);
        await goOn(killed);
        await settled(killed);

        const refresh = await stack(killed.name, on(killed, 2222)).refresh();
        expect(refresh.ok ? "" : refresh.text).toBe("");
        expect(rulesetsOf(refresh)[0]?.outputs["rules"]).toMatchObject({
            "former-way/ssh": `accept tcp from ${world.lab.deployer.ipv4} to ${killed.ipv4} port 22`,
        });
        const result = await up(killed.name, on(killed, 2222));
        expect(result.ok ? "" : result.text).toBe("");
        expect(await Promise.all([reach(killed, 22), reach(killed, 2222)])).toEqual(["timeout", "open"]);
    });

    test("a second phase that is taken back leaves both ways open, and the state says so (VF121)", async () => {
        await standStillInPhase2(failing);
        const pending = up(failing.name, on(failing, 2222));
        await Promise.race([standsStill(failing), pending.then(({ text }) => Promise.reject(new Error(text)))]);
        await failing.run(["nft", "-f", "-"], {
            input: "table inet block {\n chain input {\n type filter hook input priority -10; policy accept;\n tcp dport 2222 ct state new drop\n }\n }\n",
        });
        await goOn(failing);
        await settled(failing);
        await failing.run("nft delete table inet block");
        const result = await pending;
        expect(result.ok).toBe(false);
        expect(oneLine(result)).toContain(
            `VF121 ${failing.ipv4} runs the new rules and still accepts the former way to log in: VF110`,
        );
        const [ruleset] = rulesetsOf(result);
        expect(ruleset?.outputs).toMatchObject({ target: { port: 2222 }, generation: 2 });
        expect(Object.keys(ruleset?.outputs["rules"] ?? {}).sort()).toEqual(["a-rules/ssh", "former-way/ssh"]);
        expect(await Promise.all([reach(failing, 22), reach(failing, 2222)])).toEqual(["open", "open"]);

        const again = await up(failing.name, on(failing, 2222));
        expect(again.ok ? "" : again.text).toBe("");
        expect(await Promise.all([reach(failing, 22), reach(failing, 2222)])).toEqual(["timeout", "open"]);
    });

    test("where neither way answers, both are named (VF119)", async () => {
        const args = on(port, 2200) as { connection: object };
        await port.run('kill "$(cat /run/sshd.pid)"');
        const result = await up(port.name, { ...args, connection: { ...args.connection, dialErrorLimit: 0 } });
        expect(oneLine(result)).toMatch(
            new RegExp(
                `VF119 ${port.ipv4} answers neither in its new way nor in the former\\. VF140 .* port 2200 .*VF140 .* port 2222`,
            ),
        );
    });
});
