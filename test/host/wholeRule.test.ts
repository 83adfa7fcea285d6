import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

const RULESET = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";
const MAIN = join(__dirname, "..", "..", "dist", "cli", "main.js");

/** Everything a rule can say, on a host whose interface towards the network is `device`. */
function program(host: LabHost, device: string): string {
    return `
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", {
    rules: {
        ssh: { service: "ssh", from: "192.0.2.200", interface: "${device}", log: true },
        web: { service: "http", fromExcept: "203.0.113.0/24", limit: "1/hour burst 3 per source" },
        tunnel: { protocol: "tcp", ports: 9100, interface: "wg*" },
        bogus: { action: "drop", protocol: "tcp", tcpFlags: ["null", "xmas"], log: { prefix: "scan: " } },
        invalid: { action: "drop", protocol: "any", state: "invalid" },
        ident: { action: "reject", protocol: "tcp", ports: 113, rejectWith: "tcp-reset", expires: "2099-01-31" },
        errors: { protocol: "icmp", icmpTypes: "destination-unreachable/port-unreachable" },
    },
});
new HostFirewall("${host.ipv4}", { connection: { host: "${host.ipv4}", user: "root" }, templates: [web], confirmSeconds: 15 });`;
}

describeLab("all that a rule can say, on a real host", () => {
    let world: World;
    let host: LabHost;
    let device: string;

    beforeAll(async () => {
        world = await openWorld({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        host = await world.lab.addHost("web", { ipv4: "192.0.2.10", ipv6: "2001:db8:5::10" });
        for (const address of ["203.0.113.9", "198.51.100.10", "198.51.100.11"]) await world.lab.addAddress(address);
        await Promise.all([80, 113, 9100].map((port) => host.listen(port)));
        device = /dev (\S+)/.exec((await host.run("ip -o route get 192.0.2.200")).stdout)![1]!;
    });
    afterAll(() => world.close());

    const reach = (port: number, from: string) => world.lab.connect({ to: host.ipv4, port, from });
    const ask = (...words: string[]) =>
        new Promise<{ code: number; text: string }>((resolve) => {
            const { env } = world.stackOptions();
            const key = readFileSync(world.lab.keyFile, "utf8");
            execFile(
                process.execPath,
                [MAIN, "ask", ...words],
                { env: { ...env, VPS_FIREWALL_PRIVATE_KEY: key } },
                (error, stdout, stderr) =>
                    resolve({ code: error ? Number(error.code) : 0, text: `${stdout}${stderr}` }),
            );
        });

    test("an SSH rule for one interface is proven for the one by which the host answers, and applied", async () => {
        world.write(program(host, "eth99"));
        const refused = await world.stack().up();
        expect(refused.text).toContain("VF101 this change would lock you out of 192.0.2.10");

        world.write(program(host, device));
        const up = await world.stack().up();
        expect(up.ok).toBe(true);
        const again = await world.stack().preview({ refresh: true });
        expect(again.steps.filter(({ op }) => op !== "same" && op !== "refresh").map(({ urn }) => urn)).toEqual([]);
    });

    test("a limit for each source lets in so many of each, and those it excepts not at all", async () => {
        const opened = async (from: string) => {
            const results: string[] = [];
            for (let i = 0; i < 4; i++) results.push(await reach(80, from));
            return results;
        };
        // A SYN that is sent again counts again, so that not more than three can get in.
        expect((await opened("198.51.100.10"))[3]).toBe("timeout");
        expect(await reach(80, "198.51.100.11")).toBe("open");
        expect(await reach(80, "203.0.113.9")).toBe("timeout");
    });

    test("a reset answers at once; a rule for another interface opens nothing here", async () => {
        expect(await reach(113, "198.51.100.10")).toBe("refused");
        expect(await reach(9100, "198.51.100.10")).toBe("timeout");
    });

    test("a rule for an interface that was added by hand is drift, in the words of the model", async () => {
        await host.run("nft insert rule inet vps_firewall input iifname wg0 tcp dport 3306 accept");
        const preview = await world.stack().preview({ refresh: true, diff: true });
        const update = preview.steps.find(({ op, urn }) => op === "update" && urn.includes(RULESET));
        expect(update?.detailedDiff).toMatchObject({
            'exposure["ingress tcp 3306"]': { kind: "delete" },
            'rules["(unmanaged) tcp 3306"]': { kind: "delete" },
        });
        expect(preview.text).toMatch(/- ingress tcp 3306 *: "in wg0: anywhere"/);
        expect(preview.text).not.toMatch(/1-3305/);
        expect(preview.text).toContain('- (unmanaged) tcp 3306: "accept tcp from anywhere to port 3306 in wg0"');
        expect((await world.stack().up({ refresh: true })).ok).toBe(true);
    });

    test("a live host is asked what becomes of a packet", async () => {
        const live = ["--host", "root@192.0.2.10"];
        expect(await ask(...live, "tcp from 198.51.100.10 to 113")).toEqual({
            code: 1,
            text: expect.stringMatching(
                /^rejected: in tcp 198\.51\.100\.10 -> .* port 113 at 192\.0\.2\.10, by web\/ident\n/,
            ),
        });
        expect(await ask(...live, "tcp from 203.0.113.9 to 80")).toMatchObject({
            code: 1,
            text: expect.stringContaining("by default action"),
        });
        // Somebody's rule that is not understood: what holds all the same is said.
        await host.run("nft insert rule inet vps_firewall input meta mark 7 tcp dport { 25, 80 } drop");
        expect(await ask(...live, "tcp from 198.51.100.10 to 25")).toMatchObject({
            code: 1,
            text: expect.stringContaining("it is not accepted, whatever that means which could not be read"),
        });
        expect(await ask(...live, "tcp from 192.0.2.200 to 80")).toMatchObject({
            code: 2,
            text: expect.stringContaining("it may be accepted or not"),
        });
        await host.run(
            "nft delete rule inet vps_firewall input handle $(nft -a list chain inet vps_firewall input | sed -n 's/.*mark.*handle //p')",
        );
        const json = await ask(...live, "--json", "tcp from 198.51.100.10 to 80");
        expect(json.code).toBe(0);
        expect(JSON.parse(json.text)).toMatchObject({ verdict: "accept", by: "web/web" });
    });
});
