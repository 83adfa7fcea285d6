import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { HostOutputs } from "../../provider/hostInputs";
import { PartialFailure } from "../../provider/partialFailure";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { sideBySide } from "../support/sideBySide";
import { type Deployment, messageOf, openDeployment } from "./deployment";
import { goOn, standsStill, until } from "./standStill";

// Several operations on a busy machine.
jest.setTimeout(120_000);

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
    let lab: Lab;
    let port: LabHost;
    let nothing: LabHost;
    let address: LabHost;
    let killed: LabHost;
    let failing: LabHost;
    let direct: LabHost;
    let jumped: LabHost;
    let jump: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        const both = { sshdConfig: ["Port 2222"] };
        [port, nothing, address, killed, failing, direct, jumped, jump] = await Promise.all([
            lab.addHost("port", both),
            lab.addHost("nothing"),
            lab.addHost("address"),
            lab.addHost("killed", both),
            lab.addHost("failing", both),
            lab.addHost("direct", both),
            lab.addHost("jumped"),
            lab.addHost("jump"),
        ]);
    });
    afterAll(() => lab.close());

    /** Rules that accept nothing but SSH at this port, and perhaps only at this address. */
    const ssh = (sshPort: number, at?: string) => ({
        ssh: `accept tcp from anywhere to ${at === undefined ? "" : `${at} `}port ${sshPort}`,
    });

    /** A resource on the host, reached at port 22, and what the state says of it. */
    class Managed {
        readonly deployment: Deployment = openDeployment(lab);
        private constructor(
            readonly host: LabHost,
            readonly id: string,
            public state: HostOutputs,
        ) {}

        static async create(host: LabHost, rules: object = ssh(22)): Promise<Managed> {
            const { provider, check } = openDeployment(lab);
            const { id, outputs } = await provider.create(check(host, { rules }));
            return new Managed(host, id, outputs);
        }

        /** Reached by this connection from now on, with these rules. */
        async update(connection: object, rules: object, confirmSeconds = 20): Promise<HostOutputs> {
            const { provider, check } = this.deployment;
            const patience = { perDialTimeout: 4, dialErrorLimit: 0 };
            const inputs = check(this.host, { connection: { ...patience, ...connection }, rules, confirmSeconds });
            this.state = await provider.update(this.id, inputs, this.state);
            return this.state;
        }
    }
    const reach = (host: LabHost, port: number, to = host.ipv4) => lab.connect({ to, port });
    const listing = async (host: LabHost) => (await host.run("nft -s list table inet vps_firewall")).stdout;

    async function standStillInPhase2(host: LabHost): Promise<void> {
        await host.run(["tee", "/usr/local/sbin/nft"], { input: STAND_STILL_IN_PHASE_2 });
        await host.run("chmod 755 /usr/local/sbin/nft; touch /run/stand-still");
    }
    const settled = (host: LabHost) =>
        until(async () => (await host.run("test -e /run/vps-firewall/pending")).code !== 0, 40, "the host to settle");

    sideBySide({
        "another port: opened beside the former, confirmed, and the former closed": async () => {
            const managed = await Managed.create(port);
            const state = await managed.update({ port: 2222 }, ssh(2222));
            const { said } = managed.deployment;
            expect(
                said
                    .filter((line) => / (phase \d|\S+ does not answer)/.test(line))
                    .map((line) => line.split(/ {2}/).at(-1)),
            ).toEqual([
                `${port.ipv4} port 2222 does not answer yet, ${port.ipv4} does: the change takes two phases`,
                `phase 1 of 2: the new rules, and ${port.ipv4} stays open beside ${port.ipv4} port 2222`,
                `phase 2 of 2: the new rules alone, over ${port.ipv4} port 2222`,
            ]);
            expect(said).toContainEqual(expect.stringMatching(/^VF120 .*: tcp 22 \(sshd\)/));
            expect(await Promise.all([reach(port, 22), reach(port, 2222)])).toEqual(["timeout", "open"]);
            expect(state).toMatchObject({
                target: { port: 2222 },
                generation: 3,
                rules: { "web/ssh": "accept tcp from anywhere to port 2222" },
            });
            expect(await listing(port)).not.toContain("former-way");
            const { inputs } = await managed.deployment.provider.read(managed.id, state);
            expect(inputs.rules).toEqual(state.rules);

            // Neither answers any more: both are named.
            await port.run('kill "$(cat /run/sshd.pid)"');
            expect(await messageOf(managed.update({ port: 2200 }, ssh(2200)))).toMatch(
                /^VF119 \S+ answers neither in its new way nor in the former\. VF140 .* port 2200 .*VF140 .* port 2222 /,
            );
        },
        "another address": async () => {
            const second = address.ipv4.replace(/\d+$/, "150");
            await address.run(`ip addr add ${second}/24 dev eth0`);
            const managed = await Managed.create(address, ssh(22, address.ipv4));
            const state = await managed.update({ host: second }, ssh(22, second));
            expect(await Promise.all([reach(address, 22), reach(address, 22, second)])).toEqual(["timeout", "open"]);
            expect(state).toMatchObject({ target: { host: second }, generation: 3 });
        },
        "a jump host, from which alone SSH is accepted then": async () => {
            const from = (address: string) => ({ ssh: `accept tcp from ${address} to port 22` });
            const managed = await Managed.create(jumped, from(lab.deployer.ipv4));
            const proxy = { host: jump.ipv4, hostKey: jump.hostKey, user: "root" };
            const state = await managed.update({ proxy }, from(jump.ipv4));
            const { said } = managed.deployment;
            expect(said).toContainEqual(
                expect.stringContaining(`${jumped.ipv4} stays open beside ${jumped.ipv4} through ${jump.ipv4}`),
            );
            expect(state).toMatchObject({ generation: 3, target: { proxy: { host: jump.ipv4 } } });
            const ways = [reach(jumped, 22), jump.connect({ to: jumped.ipv4, port: 22 })];
            expect(await Promise.all(ways)).toEqual(["timeout", "open"]);
        },
        "one phase is enough where the new way answers at once": async () => {
            const managed = await Managed.create(direct, ssh(22));
            await managed.update({}, { both: "accept tcp from anywhere to port 22, 2222" });
            const state = await managed.update({ port: 2222 }, ssh(2222));
            expect(state.generation).toBe(3);
            expect(await Promise.all([reach(direct, 22), reach(direct, 2222)])).toEqual(["timeout", "open"]);
        },
        "where the new port is not accepted, nothing changes (VF101, VF103); where nobody listens, it is taken back (VF110)":
            async () => {
                const managed = await Managed.create(nothing);
                const { state } = managed;
                const before = await listing(nothing);
                expect(await messageOf(managed.update({ port: 2222 }, ssh(2200)))).toMatch(
                    /^VF101 .* to port 2222 is dropped by the default action/,
                );
                const { provider, check } = managed.deployment;
                const rules = { ssh: `accept tcp from ${lab.deployer.ipv4} to port 2222` };
                const unproved = check(nothing, {
                    connection: { port: 2222, perDialTimeout: 2, dialErrorLimit: 0 },
                    rules,
                    managementSources: ["198.51.100.7"],
                });
                expect(await messageOf(provider.update(managed.id, unproved, state))).toMatch(
                    /^VF103 .*198\.51\.100\.7.* 2222/,
                );
                expect(await listing(nothing)).toBe(before);

                expect(await messageOf(managed.update({ port: 2222 }, ssh(2222), 5))).toMatch(
                    new RegExp(
                        `^VF110 ${nothing.ipv4} took the change back: phase 1 of 2 was to be confirmed over ${nothing.ipv4} port 2222, and no new SSH connection could be opened within 5 s .*connection refused.* The host runs generation 1 again`,
                    ),
                );
                expect(await listing(nothing)).toBe(before);
                expect(await reach(nothing, 22)).toBe("open");
            },
        "killed between the phases: refresh still reaches the host, and the next up ends it": async () => {
            const managed = await Managed.create(killed);
            const { id, state: known, deployment } = managed;
            const inputs = deployment.check(killed, {
                connection: { port: 2222, perDialTimeout: 2 },
                rules: ssh(2222),
            });
            await standStillInPhase2(killed);
            const script = join(__dirname, "updateProcess.mjs");
            const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
            const said = text(child.stdout);
            const exited = once(child, "exit");
            child.stdin.write(`${JSON.stringify({ id, inputs, known, privateKey: killed.privateKey })}\n`);
            const early = exited.then(async () => Promise.reject(new Error(`the update ended:\n${await said}`)));
            try {
                await Promise.race([standsStill(killed), early]);
            } finally {
                early.catch(() => undefined);
                child.kill("SIGKILL");
                await exited;
            }
            expect(await Promise.all([reach(killed, 22), reach(killed, 2222)])).toEqual(["open", "open"]);
            await goOn(killed);
            await settled(killed);

            // The state still says the former way, which still leads there.
            const refreshed = await deployment.provider.read(id, known);
            expect(refreshed.inputs.rules).toMatchObject({
                "former-way/ssh": `accept tcp from ${lab.deployer.ipv4} to ${killed.ipv4} port 22`,
            });
            managed.state = refreshed.outputs;
            await managed.update({ port: 2222 }, ssh(2222));
            expect(await Promise.all([reach(killed, 22), reach(killed, 2222)])).toEqual(["timeout", "open"]);
        },
        "a second phase that is taken back leaves both ways open, and the state says so (VF121)": async () => {
            const managed = await Managed.create(failing);
            await standStillInPhase2(failing);
            const pending = managed.update({ port: 2222 }, ssh(2222), 10).catch((error: unknown) => error);
            await Promise.race([standsStill(failing), pending.then((error) => Promise.reject(error as Error))]);
            await failing.run(["nft", "-f", "-"], {
                input: "table inet block {\n chain input {\n type filter hook input priority -10; policy accept;\n tcp dport 2222 ct state new drop\n }\n }\n",
            });
            await goOn(failing);
            await settled(failing);
            await failing.run("nft delete table inet block");
            const error = await pending;
            if (!(error instanceof PartialFailure)) throw error;
            expect(error.message).toContain(
                `VF121 ${failing.ipv4} runs the new rules and still accepts the former way to log in: VF110`,
            );
            managed.state = error.properties as unknown as HostOutputs;
            expect(managed.state).toMatchObject({ target: { port: 2222 }, generation: 2 });
            expect(Object.keys(managed.state.rules).sort()).toEqual(["former-way/ssh", "web/ssh"]);
            const { inputs } = await managed.deployment.provider.read(managed.id, managed.state);
            expect(inputs.rules).toEqual(managed.state.rules);
            expect(await Promise.all([reach(failing, 22), reach(failing, 2222)])).toEqual(["open", "open"]);

            await managed.update({ port: 2222 }, ssh(2222));
            expect(await Promise.all([reach(failing, 22), reach(failing, 2222)])).toEqual(["timeout", "open"]);
        },
    });
});
