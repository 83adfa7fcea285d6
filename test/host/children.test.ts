import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OperationResult } from "../../engine/stack";
import { describeLab, type LabHost } from "../lab";
import { rulesetsOf } from "./anyHosts";
import { openWorld, type World } from "./world";

/** A host with both children; `from` may log in. */
const program = (host: LabHost, user: string, from: string, options: string) => `
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ssh: { service: "ssh", from: ${JSON.stringify(from)} } } });
new HostFirewall("host", {
    connection: { host: ${JSON.stringify(host.ipv4)}, user: ${JSON.stringify(user)} }, templates: [web], ${options},
    afterApply: ["sudo -n nft list table inet vps_firewall >/tmp/seen", "echo applied >>/tmp/applied"],
});`;

/** The real nft is away until somebody installs it; this says what it was asked for. */
const HIDE_NFT = `mv /usr/sbin/nft /usr/share/nft-not-installed
cat >/usr/bin/apt-get <<'APT'
#!/bin/sh
echo "$(id -un) $*" >>/tmp/apt
case "$*" in *install*nftables) mv /usr/share/nft-not-installed /usr/sbin/nft ;; esac
APT
chmod 755 /usr/bin/apt-get`;

// Several operations of seconds each.
jest.setTimeout(120_000);

describeLab("the commands of a HostFirewall", () => {
    let world: World;
    let host: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        host = await world.lab.addHost("bare", { sudo: "passwordless" });
        expect((await host.run(HIDE_NFT)).code).toBe(0);
    });
    afterAll(() => world.close());

    const applied = async () => (await host.run("cat /tmp/applied 2>/dev/null")).stdout.split("\n").length - 1;
    const commandsOf = ({ state }: OperationResult) =>
        state.resources.filter(({ type }) => type === "command:remote:Command");

    test("prepare installs nft where it is missing, afterApply sees what was confirmed", async () => {
        world.write(program(host, "deploy", "anywhere", "prepare: true, confirmSeconds: 15"));
        const up = await world.stack().up();
        expect(up.text).not.toContain("error");
        expect(up.ok).toBe(true);
        expect((await host.run("cat /tmp/apt")).stdout).toBe(
            "root update -qq\nroot install -y -qq --no-install-recommends nftables\n",
        );
        expect((await host.run("cat /tmp/seen")).stdout).toContain("vpsfw_mark");
        expect(await applied()).toBe(1);

        const commands = commandsOf(up);
        expect(commands.map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual(["host-after-apply", "host-prepare"]);
        for (const { inputs } of commands) {
            // The whole connection is one secret.
            expect(Object.keys(inputs["connection"] ?? {}).sort()).toEqual(
                expect.arrayContaining([expect.stringMatching(/^[0-9a-f]{32}$/)]),
            );
            const { value } = inputs["connection"] as unknown as { value: { hostKey: string; privateKey: string } };
            expect(host.hostKeys).toContain(value.hostKey);
            expect(value.privateKey.trim()).toBe(host.privateKey.trim());
        }

        const again = await world.stack().up();
        expect(again.json.changeSummary).toEqual({ same: expect.any(Number) });
        expect(await applied()).toBe(1);
    });

    test("afterApply runs once for each confirmed change, and for no other", async () => {
        const own = `${world.lab.deployer.ipv4}, 198.51.100.0/24`.split(", ");
        const open = program(host, "deploy", "anywhere", "prepare: true, confirmSeconds: 5").replace(
            '"anywhere"',
            JSON.stringify(own),
        );
        world.write(open);
        expect((await world.stack().up()).ok).toBe(true);
        expect(await applied()).toBe(2);

        world.write(program(host, "deploy", "198.51.100.0/24", "prepare: true, confirmSeconds: 5"));
        const refused = await world.stack().up();
        expect(refused.text).toContain("VF101");
        expect(await applied()).toBe(2);

        const off = 'prepare: true, confirmSeconds: 5, lockoutCheck: "off"';
        world.write(program(host, "deploy", "198.51.100.0/24", off));
        const reverted = await world.stack().up();
        expect(reverted.text).toContain("VF110");
        expect(await applied()).toBe(2);
    });

    test("without a known host key both are refused by name (VF025)", async () => {
        const home = mkdtempSync(join(world.folder, "home-"));
        mkdirSync(join(home, ".ssh"));
        writeFileSync(join(home, ".ssh", "known_hosts"), "");
        const before = rulesetsOf({ state: world.stack().state() });
        for (const [options, name] of [
            ["prepare: true", "prepare"],
            ["prepare: false", "afterApply"],
        ] as const) {
            world.write(program(host, "deploy", "anywhere", `${options}, hostKeyChecking: "accept-new"`));
            const up = await world.stack({}, "dev", { env: { HOME: home } }).up();
            expect(up.ok).toBe(false);
            expect(up.text.replace(/\s+/g, " ")).toContain(
                `VF025 no host key is known for ${host.ipv4}, and ${name} runs commands through @pulumi/command`,
            );
            expect(up.text).not.toMatch(/^\s+at /m);
        }
        expect(rulesetsOf({ state: world.stack().state() }).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
        expect(await applied()).toBe(2);
    });
});
