import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RULESET, rulesetsOf } from "../host/anyHosts";
import { openWorld, type World } from "../host/world";
import { describeLab, type LabHost } from "../lab";

const SUDO_PASSWORD = "hunter2 & more";

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const config = new pulumi.Config();
const { behind, bySudo, from, port, after } = config.requireObject<any>("ways");
const ssh = { service: "ssh", from };
const web = new FirewallTemplate("web", { rules: { ssh, web: { protocol: "tcp", ports: port } } });
new HostFirewall("behind", { connection: { ...behind, proxy: { ...behind.proxy, privateKey: config.requireSecret("bastionKey") } }, hostKeyChecking: "accept-new", templates: [web], confirmSeconds: 20, ...(after && { afterApply: after }) });
new HostFirewall("by-sudo", { connection: bySudo, templates: [web], confirmSeconds: 20 });
`;

/** Preview, up, refresh and destroy: of a host behind a bastion with keys of its own, and of one whose sudo asks. */
describeLab("hosts that are reached in other ways", () => {
    let world: World;
    let bastion: LabHost;
    let behind: LabHost;
    let bySudo: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        [bastion, behind, bySudo] = await Promise.all([
            world.lab.addHost("bastion", { sshPort: 2222 }),
            world.lab.addHost("behind"),
            world.lab.addHost("by-sudo", { sudo: "none" }),
        ]);
        // The host takes nothing but what comes from the bastion, and the bastion has a key that opens nothing else.
        await behind.run(
            `nft add table ip outer; nft 'add chain ip outer input { type filter hook input priority -10; }'; nft add rule ip outer input tcp dport 22 ip saddr != ${bastion.ipv4} drop`,
        );
        await bastion.run(
            `ssh-keygen -q -t ed25519 -N '' -f /root/only-here; cp /root/only-here.pub /root/.ssh/authorized_keys`,
        );
        const input = `deploy:${SUDO_PASSWORD}\n`;
        await bySudo.run(["chpasswd", "-c", "SHA512"], { input });
        await bySudo.run("echo 'deploy ALL=(ALL) ALL' >/etc/sudoers.d/deploy; chmod 440 /etc/sudoers.d/deploy");
    });
    afterAll(() => world.close());

    async function stack(port: number, from: readonly string[], after?: string) {
        const key = (await bastion.run("cat /root/only-here")).stdout;
        const ways = {
            from,
            port,
            after,
            behind: { host: behind.ipv4, proxy: { host: bastion.ipv4, port: bastion.port } },
            bySudo: { host: bySudo.ipv4, user: "deploy" },
        };
        return world.stack({ ways: JSON.stringify(ways) }, "dev", {
            secretConfig: {
                "vps-firewall:privateKey": readFileSync(world.lab.keyFile, "utf8"),
                "vps-firewall:sudoPassword": SUDO_PASSWORD,
                bastionKey: key,
            },
        });
    }

    test("a loop over each of them", async () => {
        world.write(PROGRAM);
        // Nothing is known of these two: they are pinned at the first contact.
        const known = readFileSync(world.lab.knownHostsFile, "utf8").split("\n");
        writeFileSync(world.lab.knownHostsFile, known.filter((line) => line.includes(bySudo.ipv4)).join("\n"));
        const everybody = [bastion.ipv4, world.lab.deployer.ipv4];
        const up = await (await stack(80, everybody)).up();
        expect(up.ok).toBe(true);

        const [one] = rulesetsOf(up).filter(({ urn }) => urn.endsWith(`${RULESET}::behind`));
        expect(one?.outputs).toMatchObject({
            machineId: behind.machineId,
            pinnedHostKey: behind.hostKey,
            pinnedProxyKeys: { [`[${bastion.ipv4}]:2222`]: bastion.hostKey },
            target: { host: behind.ipv4, proxy: { host: bastion.ipv4, port: 2222 } },
        });
        const written = readdirSync(join(world.folder, "state"), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
        expect(written.join("")).toContain("pinnedProxyKeys");
        for (const secret of [SUDO_PASSWORD, "OPENSSH PRIVATE KEY"])
            expect(`${written.join("")}${up.text}`).not.toContain(secret);

        // The address that must stay in is the bastion's: a rule for the deployer alone would lock out.
        const lockedOut = await (await stack(80, [world.lab.deployer.ipv4])).up();
        expect(lockedOut.ok).toBe(false);
        expect(lockedOut.text).toMatch(new RegExp(`VF101 .*${behind.ipv4}.*from ${bastion.ipv4}`));

        // Commands go the same way, and check both host keys, which they need to know.
        const blind = await (await stack(81, everybody, "echo done >/tmp/done")).preview();
        expect(blind.text).toContain(`VF025 `);
        writeFileSync(world.lab.knownHostsFile, known.join("\n"));
        const change = await (await stack(81, everybody, "echo $SSH_CONNECTION >/tmp/done")).up();
        expect(change.ok).toBe(true);
        expect((await behind.run("cat /tmp/done")).stdout).toMatch(new RegExp(`^${bastion.ipv4} `));
        for (const host of [behind, bySudo])
            expect((await host.run("nft list table inet vps_firewall")).stdout).toContain("tcp dport 81");
        const refresh = await (
            await stack(81, everybody, "echo $SSH_CONNECTION >/tmp/done")
        ).preview({ refresh: true });
        expect(refresh.steps.map(({ op }) => op).filter((op) => op !== "same" && op !== "refresh")).toEqual([]);
        const destroy = await (await stack(81, everybody)).destroy();
        expect(destroy.ok).toBe(true);
        expect((await behind.run("nft list tables")).stdout).toBe("table ip outer\n");
    }, 180_000);
});
