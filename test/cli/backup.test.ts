import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { program } from "../../cli/program";
import type { Stack } from "../../engine/stack";
import { openWorld, type World } from "../host/world";
import { describeLab, type LabHost } from "../lab";

const PLACE = "root@192.0.2.10";

test.each([
    [["backup", "show", PLACE, "last"], "last is no backup: say its number, or first\n"],
    [["backup", "show", PLACE, "1", "--raw", "--json"], "say one of --json and --raw\n"],
    [["backup", "restore", "a:b:c", "1"], "a:b:c is no host: root@192.0.2.10, or root@[2001:db8::a]:2222\n"],
    [["backup", "restore", PLACE], "error: missing required argument 'name'\n"],
])("wrong usage: %j", async (args, err) => {
    let [out, said] = ["", ""];
    const code = await program({ out: (text) => (out += text), err: (text) => (said += text) }, args);
    expect({ code, out, err: said }).toEqual({ code: 2, out: "", err });
});

const RULESET = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";

describeLab("vps-firewall backup, against a real host", () => {
    let world: World;
    let host: LabHost;

    /** The command as it is published, in a process of its own. */
    async function run(...args: string[]) {
        const env = {
            PATH: process.env["PATH"],
            HOME: join(world.folder, "home"),
            VPS_FIREWALL_PRIVATE_KEY: readFileSync(world.lab.keyFile, "utf8"),
        };
        // With it come the keys of the hosts.
        world.stackOptions();
        const child = spawn(process.execPath, [join(__dirname, "../../dist/cli/main.js"), ...args], { env });
        const exit = new Promise((resolve) => child.on("close", resolve));
        const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
        return { code: await exit, out, err };
    }

    beforeAll(async () => {
        world = await openWorld({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        host = await world.lab.addHost("web1", { ipv4: "192.0.2.10" });
        await Promise.all([80, 443, 3306].map((port) => host.listen(port)));
        await host.run("nft -f -", { input: "table ip theirs { chain c { counter accept; }\n}\n" });
    });
    afterAll(() => world.close());

    const open = async (...ports: number[]) => openAt(host, ...ports);
    const openAt = ({ ipv4 }: LabHost, ...ports: number[]) =>
        Promise.all(ports.map((port) => world.lab.connect({ to: ipv4, port })));

    const up = (...rules: string[]) => upOf(world.stack(), host, ...rules);
    async function upOf(stack: Stack, { ipv4 }: LabHost, ...rules: string[]): Promise<void> {
        world.write(`
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const office = new AddressSet("office", { entries: ["192.0.2.200", "2001:db8:77::/48"] });
const web = new FirewallTemplate("web", { rules: { ssh: { service: "ssh", from: office }, ${rules.join(", ")} } });
new HostFirewall("web1", { connection: { host: "${ipv4}", user: "root" }, templates: [web], confirmSeconds: 15 });`);
        const result = await stack.up();
        if (!result.ok) throw new Error(result.text);
    }

    test("without a ruleset there is none", async () => {
        expect(await run("backup", "list", PLACE)).toEqual({
            code: 0,
            out: "192.0.2.10 has no ruleset of this library, and so no backup\n",
            err: "",
        });
        expect(await run("backup", "restore", PLACE, "3", "--yes")).toMatchObject({
            code: 2,
            err: expect.stringMatching(/^VF183 192\.0\.2\.10 keeps no backup 3\./),
        });
    });

    test("EA-41: list: what the host runs now, what each update replaced, and what was there before", async () => {
        await up('http: { service: "http" }');
        await up('http: { service: "http" }', 'https: { service: "https" }');
        await up('https: { service: "https" }');
        const { code, out } = await run("backup", "list", PLACE);
        expect(code).toBe(0);
        const time = "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
        const lines = out.split("\n");
        expect(lines[0]).toMatch(/^backup +replaced +generation +rules +owner$/);
        expect(lines[1]).toMatch(/^now +3 +2 +organization\/world\/dev$/);
        expect(lines[2]).toMatch(new RegExp(`^2 +${time} +2 +3 +organization/world/dev$`));
        expect(lines[3]).toMatch(new RegExp(`^1 +${time} +1 +2 +organization/world/dev$`));
        expect(lines[4]).toMatch(new RegExp(`^first +${time} +what was there before the first apply$`));
        const json = JSON.parse((await run("backup", "list", PLACE, "--json")).out);
        expect(json.map(({ backup }: { backup: string }) => backup)).toEqual(["now", "2", "1", "first"]);
    });

    test("show: the rules, the ruleset, the manifest, and what others filter", async () => {
        const { out } = await run("backup", "show", PLACE, "1");
        expect(out.split("\n")).toEqual([
            expect.stringMatching(/^backup 1 of 192\.0\.2\.10: generation 1 of organization\/world\/dev, replaced 20/),
            "  web/http  accept tcp from anywhere to port 80",
            expect.stringMatching(/^ {2}web\/ssh {2}accept tcp from set office \(2, [0-9a-f]{8}\) to port 22$/),
            "  set office  192.0.2.200, 2001:db8:77::/48",
            "  default egress  accept",
            "  default ingress  drop",
            "",
        ]);
        expect((await run("backup", "show", PLACE, "1", "--raw")).out).toMatch(/^table inet vps_firewall\n/);
        expect(JSON.parse((await run("backup", "show", PLACE, "2", "--json")).out).policy.rules).toHaveProperty([
            "web/https",
        ]);
        expect((await run("backup", "show", PLACE, "first")).out).toContain("table ip theirs {");
    });

    test("restore says what it would change and changes nothing without --yes", async () => {
        const restore = await run("backup", "restore", PLACE, "1");
        expect(restore).toMatchObject({ code: 1, err: "" });
        expect(restore.out.split("\n").slice(1)).toEqual([
            "  + web/http  accept tcp from anywhere to port 80",
            "  - web/https  accept tcp from anywhere to port 443",
            "  opens  ingress tcp 80: anywhere",
            "  closes ingress tcp 443: anywhere",
            "nothing was changed: --yes applies it",
            "",
        ]);
        expect(await open(80, 443, 3306)).toEqual(["timeout", "open", "timeout"]);
    });

    test("EA-42: restored by the whole protocol; a refresh shows it as drift, and up --refresh puts the program's back", async () => {
        const restore = await run("backup", "restore", PLACE, "1", "--yes");
        expect(restore).toMatchObject({ code: 0 });
        expect(restore.err).toContain("armed: the host goes back by itself in 60 s unless confirmed");
        expect(restore.err).toMatch(/confirming {8}over a new connection \.\.\. confirmed/);
        expect(restore.out).toContain("192.0.2.10 runs it as generation 4\n");
        expect(await open(80, 443, 3306)).toEqual(["open", "timeout", "timeout"]);
        // What the next boot loads is what runs.
        expect((await host.run("cat /var/lib/vps-firewall/confirmed.nft")).stdout).toContain('"web/http"');

        const preview = await world.stack().preview({ refresh: true });
        const update = preview.steps.find(({ op, urn }) => op === "update" && urn.endsWith(`${RULESET}::web1`));
        expect(Object.keys(update?.detailedDiff ?? {}).sort()).toEqual([
            'exposure["ingress tcp 443"]',
            'exposure["ingress tcp 80"]',
            'rules["web/http"]',
            'rules["web/https"]',
        ]);
        const refreshed = await world.stack().up({ refresh: true });
        expect(refreshed.ok ? "" : refreshed.text).toBe("");
        expect(await open(80, 443)).toEqual(["timeout", "open"]);
        const json = JSON.parse((await run("backup", "list", PLACE, "--json")).out);
        expect(json[0]).toMatchObject({ backup: "now", generation: 5 });
        expect(json[1]).toMatchObject({ backup: "4", generation: 4 });
    });

    test("what the host runs already", async () => {
        expect((await run("backup", "restore", PLACE, "3")).code).toBe(0);
        const again = await run("backup", "restore", PLACE, "3", "--yes");
        expect(again).toMatchObject({ code: 0 });
        expect(again.out).toContain("the host runs these rules already\n");
        expect(again.out).toContain("runs it as generation 5\n");
    });

    test("what would lock this machine out is refused, and what can't be read", async () => {
        await up('http: { service: "http" }', 'own: "drop tcp from 192.0.2.200 to port 3306"');
        const files = "/var/lib/vps-firewall/backup-000004-*.json";
        await host.run(`sed -i s/192.0.2.200/192.0.2.77/ ${files}`);
        const lockedOut = await run("backup", "restore", PLACE, "4", "--yes");
        expect(lockedOut.code).toBe(2);
        expect(lockedOut.err).toMatch(/^VF101 this change would lock you out of 192\.0\.2\.10/m);
        await host.run(`sed -i 's/accept tcp/accept everything/' ${files}`);
        const spoiled = await run("backup", "restore", PLACE, "4", "--yes");
        expect(spoiled).toEqual({
            code: 2,
            out: "",
            err: expect.stringMatching(/^VF184 backup 4 of 192\.0\.2\.10 can't be restored: its rules can't be read\./),
        });
        expect((await run("backup", "show", PLACE, "4")).out).toContain("its rules can't be read; --raw prints");
    });

    test("restore first removes our ruleset, as a delete does", async () => {
        const asked = await run("backup", "restore", PLACE, "first");
        expect(asked).toMatchObject({ code: 1, err: "" });
        expect(asked.out).toContain("nothing was changed: --yes removes it\n");
        expect(await open(3306)).toEqual(["timeout"]);
        const removed = await run("backup", "restore", PLACE, "first", "--yes");
        expect(removed).toMatchObject({ code: 0 });
        expect(await open(80, 443, 3306)).toEqual(["open", "open", "open"]);
        expect((await host.run("nft list tables; ls /var/lib/vps-firewall 2>&1")).stdout).not.toMatch(
            /vps_firewall|backup/,
        );
        const up = await world.stack().up({ refresh: true });
        expect(up.ok ? "" : up.text).toBe("");
        expect(await open(80, 3306)).toEqual(["open", "timeout"]);
    });

    test("EA-42: a host with iptables and without nft", async () => {
        const other = await world.lab.addHost("web2", { ipv4: "192.0.2.11", without: ["nft"] });
        await Promise.all([80, 443].map((port) => other.listen(port)));
        const stack = () => world.stack({}, "iptables");
        await upOf(stack(), other, 'http: { service: "http" }');
        await upOf(stack(), other, 'https: { service: "https" }');
        expect(await openAt(other, 80, 443)).toEqual(["timeout", "open"]);
        expect((await run("backup", "show", `root@${other.ipv4}`, "1", "--raw")).out).toContain(
            "\n:VPSFW-IN - [0:0]\n",
        );
        expect((await run("backup", "show", `root@${other.ipv4}`, "first")).out).toContain("\n# ip6tables-save\n");
        const restore = await run("backup", "restore", `root@${other.ipv4}`, "1", "--yes");
        expect(restore.code === 0 ? "" : restore.err).toBe("");
        expect(restore.out).toContain("\n  - web/https  accept tcp from anywhere to port 443\n  opens ");
        expect(await openAt(other, 80, 443)).toEqual(["open", "timeout"]);
        const preview = await stack().preview({ refresh: true });
        const update = preview.steps.find(({ op, urn }) => op === "update" && urn.endsWith(`${RULESET}::web1`));
        expect(Object.keys(update?.detailedDiff ?? {})).toContain('rules["web/http"]');
    });
});
