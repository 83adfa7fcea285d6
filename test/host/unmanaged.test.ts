import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

const TABLE = "inet vps_firewall";

/** What somebody may write into our table: objects of their own, and rules in front of, between and behind ours. */
const OBJECTS = `
table ${TABLE} {
    set hand { type ipv4_addr; flags interval; comment "someone's; \\$(own)"; elements = { 198.51.100.0/24, 203.0.113.7 }; }
    limit slow { rate 10/second burst 20 packets; }
    chain by-hand {
        ip saddr @hand tcp dport { 5432, 6000-6010 } counter accept comment "the office's database"
        tcp dport 6379 limit name slow accept
        return
    }
    map ports { type inet_service : verdict; elements = { 7001 : accept, 7002 : jump by-hand }; }
    chain forward { type filter hook forward priority filter; policy accept; tcp dport 25 reject with tcp reset; }
}
`;

describeLab("what others wrote into our table", () => {
    let world: World;
    let host: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        host = await world.lab.addHost("web1");
        await Promise.all([host.listen(3306), host.listen(7001)]);
        write(SSH);
        const up = await world.stack().up();
        if (!up.ok) throw new Error(up.text);
        await writeByHand();
    });
    afterAll(() => world.close());

    const SSH = 'ssh: { service: "ssh" }, scanners: { action: "drop", from: "203.0.113.0/24" }';
    function write(rules: string, more = ""): void {
        world.write(`
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ${rules} } });
const host = ${JSON.stringify(host.ipv4)};
new HostFirewall("web1", { connection: { host, user: "root" }, templates: [web], confirmSeconds: 5${more} });`);
    }

    async function inHost(command: string, input?: string): Promise<string> {
        const { code, stdout, stderr } = await host.run(command, input === undefined ? {} : { input });
        if (code !== 0) throw new Error(`${command}: ${stderr}`);
        return stdout;
    }

    async function writeByHand(): Promise<void> {
        // nft 1.0.6 wants a line break before a closing brace.
        await inHost("nft -f -", OBJECTS.replace(/; }$/gm, "\n}"));
        const listing = await inHost(`nft -a list chain ${TABLE} input`);
        const handle = /comment "web\/scanners" # handle (\d+)/.exec(listing)?.[1];
        await inHost(
            "nft -f -",
            `
insert rule ${TABLE} input tcp dport 3306 accept comment "by hand"
insert rule ${TABLE} input iifname "eth7" tcp dport 1 drop
add rule ${TABLE} input handle ${handle} tcp dport vmap @ports
add rule ${TABLE} input udp dport 53 counter accept
add chain ${TABLE} output { type filter hook output priority filter; policy accept; }
add rule ${TABLE} output tcp dport 25 drop
`,
        );
        // Loads, and lists so that the listing does not load any more.
        const expr = [
            { match: { op: "==", left: { payload: { protocol: "tcp", field: "dport" } }, right: 9 } },
            { drop: null },
        ];
        const rules = ["input", "by-hand"].map((chain) => ({
            insert: { rule: { family: "inet", table: "vps_firewall", chain, comment: 'say "no"', expr } },
        }));
        await inHost("cat >/run/rules.json; nft -j -f /run/rules.json", JSON.stringify({ nftables: rules }));
    }

    /** The blocks of our table, whatever their order, without counts. */
    async function blocks(): Promise<string[]> {
        const listing = await inHost(`nft -s list table ${TABLE}`);
        return listing
            .split(/\n\n|\n\t}\n/)
            .map((block) => block.replace(/^table .*\n/, "").replace(/^\n+|[\n\t}]+$/g, ""))
            .filter(Boolean)
            .sort();
    }

    test("comes back to its places when a change is taken back (VF123)", async () => {
        const before = await blocks();
        expect(before.filter((block) => block.includes('say "no"'))).toHaveLength(2);
        expect(before).toHaveLength(8);

        write('web: { service: "https" }', ', lockoutCheck: "off"');
        const takenBack = await world.stack().up();
        // All but one rule, whose comment can't be put into a text that nft reads.
        expect(takenBack.text).toContain("VF123");
        const expected = before.map((block) => block.replace(/\n.*say "no".*/, ""));
        expect(await blocks()).toEqual(expected);
        expect(await world.lab.connect({ to: host.ipv4, port: 3306 })).toBe("open");
        expect(await world.lab.connect({ to: host.ipv4, port: 7001 })).toBe("open");
    }, 120_000);

    test("is shown by a refresh afterwards, and goes with the next change that is confirmed", async () => {
        write(SSH);
        const preview = await world.stack().preview({ refresh: true });
        const update = preview.steps.find(({ op, urn }) => op === "update" && urn.endsWith("HostRuleset::web1"));
        expect(Object.keys(update?.detailedDiff ?? {})).toEqual(
            expect.arrayContaining([expect.stringMatching(/^rules\["\(unmanaged\) tcp 3306"\]$/)]),
        );

        const up = await world.stack().up({ refresh: true });
        expect(up.ok ? "" : up.text).toBe("");
        expect((await blocks()).map((block) => block.trim().split(" {")[0])).toEqual([
            "chain input",
            "chain vpsfw_mark",
        ]);
        expect(await world.lab.connect({ to: host.ipv4, port: 3306 })).toBe("timeout");
    }, 120_000);
});
