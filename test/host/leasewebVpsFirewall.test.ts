import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

const STRANGER = "198.51.100.99";
const STRANGER6 = "2001:db8:77::99";
const RULESET = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";

describeLab("the firewall of a Leaseweb VPS, enforced on the server", () => {
    let world: World;
    let host: LabHost;

    beforeAll(async () => {
        world = await openWorld({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        host = await world.lab.addHost("vps");
        for (const address of [STRANGER, STRANGER6]) await world.lab.addAddress(address);
        await Promise.all([21, 80, 3306, 50000].map((port) => host.listen(port)));
    });
    afterAll(() => world.close());

    const RULES = 'ssh: { service: "ssh" }, web: { service: "http" }, ftp: "accept tcp from anywhere to port 21"';
    function write(enabled: boolean | undefined, rules = RULES): void {
        world.write(`
import { FirewallTemplate, LeasewebVpsFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ${rules} } });
new LeasewebVpsFirewall("vps", {
    connection: { host: ${JSON.stringify(host.ipv4)}, user: "root" }, templates: [web], confirmSeconds: 5,
    ${enabled === undefined ? "" : `enabled: ${enabled},`}
});`);
    }
    const reach = (port: number, from = STRANGER, to = host.ipv4) => world.lab.connect({ to, port, from });
    const changed = async (refresh = false) => {
        const preview = await world.stack().preview({ diff: true, refresh });
        if (!preview.ok) throw new Error(preview.text);
        const step = preview.steps.find(({ op, urn }) => op === "update" && urn.endsWith(`${RULESET}::vps`));
        return { keys: Object.keys(step?.detailedDiff ?? {}).sort(), text: preview.text };
    };
    const up = async (refresh = false) => {
        const done = await world.stack().up({ refresh });
        expect([done.ok, done.ok ? "" : done.text]).toEqual([true, ""]);
        return done.text;
    };

    test("LW-3 LW-9: off, the rules wait, everything passes and a refresh finds no drift", async () => {
        write(false);
        await up();
        for (const port of [80, 3306]) expect(await reach(port)).toBe("open");
        expect((await changed(true)).keys).toEqual([]);
    });

    test("LW-10: a rule that changes while it is off changes what is stored and no traffic, also after a refresh", async () => {
        write(false, `${RULES}, db: "accept tcp from 10.0.0.0/8 to port 5432"`);
        expect((await changed()).keys).toEqual(['rules["web/db"]']);
        await up();
        expect(await reach(3306)).toBe("open");
        expect((await changed(true)).keys).toEqual([]);
    });

    test("LW-5 LW-9 LW-17 LW-38: turned on, all rules hold at once, for both families, and nothing else passes", async () => {
        write(true, `${RULES}, db: "accept tcp from 10.0.0.0/8 to port 5432"`);
        const { keys, text } = await changed();
        expect(keys.filter((key) => key.startsWith("rules"))).toEqual([]);
        expect(keys).toContain("enabled");
        expect(keys).toContain('exposure["ingress any"]');
        expect(text).toMatch(/enabled *: "off" => "on"/);
        await up();
        expect(await reach(80)).toBe("open");
        expect(await reach(80, STRANGER6, host.ipv6)).toBe("open");
        expect(await reach(21)).toBe("open");
        // Data of passive FTP, and what no rule names.
        for (const port of [50000, 3306]) expect(await reach(port)).toBe("timeout");
        const listing = (await host.run("nft -s list table inet vps_firewall")).stdout;
        expect(listing).not.toMatch(/ct helper/);
        expect(listing).toContain("policy drop");
        expect((await changed(true)).keys).toEqual([]);
    });

    test("LW-29: what is dropped is counted", async () => {
        const dropped = async () => {
            const { stdout } = await host.run("nft list table inet vps_firewall");
            return Number(/packets (\d+)[^\n]*default:drop/.exec(stdout)?.[1]);
        };
        const before = await dropped();
        expect(await reach(3306)).toBe("timeout");
        expect(await dropped()).toBeGreaterThan(before);
    });

    test("LW-5 LW-11: without a rule for the deployer it is refused before anything changes", async () => {
        write(true, 'web: { service: "http" }');
        const refused = await world.stack().up();
        expect(refused.ok).toBe(false);
        expect(refused.text).toContain("VF101");
        expect(refused.text).toContain("lockoutCheck");
        expect(await reach(21)).toBe("open");
    });

    test("LW-7: turned off again, everything passes, no line changes, and a warning says so", async () => {
        write(false, `${RULES}, db: "accept tcp from 10.0.0.0/8 to port 5432"`);
        const { keys, text } = await changed();
        expect(keys.filter((key) => key.startsWith("rules"))).toEqual([]);
        expect(text).toContain("VF312 the firewall of");
        await up();
        expect(await reach(3306)).toBe("open");
    });

    test("what somebody writes into it while it is off is drift, and so is a table that is gone", async () => {
        await host.run("nft add rule inet vps_firewall input tcp dport 9 drop");
        expect((await changed(true)).keys).toContain('rules["(unmanaged) tcp 9"]');
        await host.run("nft delete table inet vps_firewall");
        const { keys } = await changed(true);
        expect(keys).toContain('rules["web/ssh"]');
        expect(keys.filter((key) => key.startsWith("exposure") || key === "enabled")).toEqual([]);
        await up(true);
        expect((await changed(true)).keys).toEqual([]);
    });

    test("LW-8: turned on with its rules in one transaction: a client in a loop never fails", async () => {
        write(true);
        const failed: string[] = [];
        let made = 0;
        let going = true;
        const loop = (async () => {
            while (going) {
                made++;
                // As patient as any client: test/host/swaps.test.ts counts packets.
                const answer = await world.lab.connect({ to: host.ipv4, port: 80, from: STRANGER, timeout: 10_000 });
                if (answer !== "open") failed.push(answer);
            }
        })();
        await up();
        going = false;
        await loop;
        expect(failed).toEqual([]);
        expect(made).toBeGreaterThan(5);
    });
});
