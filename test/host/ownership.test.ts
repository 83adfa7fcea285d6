import type { OperationResult } from "../../engine/stack";
import { describeLab, type LabHost } from "../lab";
import { PROGRAM, rulesetsOf, untouched } from "./anyHosts";
import { openWorld, type World } from "./world";

// Several operations of seconds each.
jest.setTimeout(120_000);

describeLab("one host, one stack, one resource", () => {
    let world: World;
    let shared: LabHost;
    let twice: LabHost;
    let renamed: LabHost;
    let guarded: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        world.write(PROGRAM);
        const names = ["shared", "twice", "renamed", "guarded"];
        [shared, twice, renamed, guarded] = (await Promise.all(names.map((name) => world.lab.addHost(name)))) as [
            LabHost,
            LabHost,
            LabHost,
            LabHost,
        ];
        await renamed.listen(8080);
    });
    afterAll(() => world.close());

    const stack = (name: string, hosts: object) => world.stack({ hosts: JSON.stringify(hosts) }, name);
    const at = (host: LabHost, rest: object = {}) => ({ connection: { host: host.ipv4 }, ...rest });
    const oneLine = ({ text }: OperationResult) => text.replace(/\s+/g, " ");
    const markOf = async (host: LabHost) =>
        /vpsfw1 o=(\w+) r=([\w-]+)/.exec((await host.run("nft list table inet vps_firewall")).stdout)?.slice(1, 3);

    test("another stack's host is refused with its owner's name, and adopted once on request (VF104)", async () => {
        expect((await stack("dev", { web: at(shared) }).up()).ok).toBe(true);
        const mark = await markOf(shared);

        const refused = await stack("other", { web: at(shared) }).up();
        expect(refused.ok).toBe(false);
        expect(oneLine(refused)).toContain(
            `VF104 the firewall of ${shared.ipv4} belongs to "organization/world/dev". Destroy it there, or set adopt: "organization/world/dev"`,
        );
        expect(await markOf(shared)).toEqual(mark);
        expect(rulesetsOf(refused)).toEqual([]);

        const adopting = { web: at(shared, { adopt: "organization/world/dev" }) };
        const adopted = await stack("other", adopting).up();
        expect(adopted.ok).toBe(true);
        expect(await markOf(shared)).not.toEqual(mark);
        expect((await stack("other", adopting).up()).json.changeSummary).toEqual({ same: expect.any(Number) });

        // The former owner reads whose it is, and its delete leaves the host alone.
        const former = await stack("dev", { web: at(shared) }).preview({ refresh: true, diff: true });
        expect(former.text).toContain("organization/world/other");
        const running = await markOf(shared);
        expect((await stack("dev", {}).destroy()).ok).toBe(true);
        expect(await markOf(shared)).toEqual(running);
    });

    test("two addresses of one machine are one machine (VF105), the same address twice is seen at preview (VF023)", async () => {
        const same = await stack("same", { a: at(twice), b: at(twice) }).preview();
        expect(same.ok).toBe(false);
        expect(oneLine(same)).toMatch(new RegExp(`VF023 .*"?[ab]"? manages the firewall of "${twice.ipv4}" too`));

        const both = { v4: at(twice), v6: { connection: { host: twice.ipv6 } } };
        const up = await stack("twice", both).up();
        expect(up.ok).toBe(false);
        expect(oneLine(up)).toMatch(
            new RegExp(`VF105 [\\d.:a-f]+ and [\\d.:a-f]+ are the same machine \\(machine-id ${twice.machineId}\\)`),
        );
        expect(oneLine(up)).toContain(twice.ipv6);
        expect(oneLine(up)).not.toContain("VF107");
        expect(rulesetsOf(up)).toHaveLength(1);
        expect((await markOf(twice))?.[1]).toBe(rulesetsOf(up)[0]?.id);
    });

    test("a renamed resource takes over, and the delete of its predecessor leaves the ruleset alone (VF107)", async () => {
        expect((await stack("rename", { before: at(renamed) }).up()).ok).toBe(true);
        const up = await stack("rename", { after: at(renamed) }).up();
        expect(up.ok).toBe(true);
        expect(oneLine(up)).toContain(
            `VF107 ${renamed.ipv4} carried a ruleset of this stack under another resource; taken over.`,
        );
        expect(up.diagnostics.filter(({ severity }) => severity === "warning")).toEqual([]);
        expect(rulesetsOf(up).map(({ urn }) => urn.split("::").at(-1))).toEqual(["after"]);
        expect((await markOf(renamed))?.[1]).toBe(rulesetsOf(up)[0]?.id);
        expect(await world.lab.connect({ to: renamed.ipv4, port: 8080 })).toBe("timeout");

        expect((await stack("rename", {}).destroy()).ok).toBe(true);
        expect(await untouched(renamed)).toBe(true);
    });

    test("managementSources are proved (VF103), and what is not known is not applied (VF029)", async () => {
        const ssh = `accept tcp from ${world.lab.deployer.ipv4} to port 22`;
        const [unproved, unknown] = await Promise.all([
            stack("unproved", { a: at(guarded, { rules: { ssh }, managementSources: ["198.51.100.77"] }) }).up(),
            stack("unknown", {
                a: at(twice, { rules: { ssh, db: "accept tcp from (not known yet) to port 5432" } }),
            }).up(),
        ]);
        expect(oneLine(unproved)).toMatch(
            new RegExp(
                `VF103 after this change "?198\\.51\\.100\\.77"? of managementSources could not open SSH to ${guarded.ipv4}, port 22: .*Add it to a rule`,
            ),
        );
        expect(await untouched(guarded)).toBe(true);
        expect(oneLine(unknown)).toMatch(/VF029 a-rules\/db: a value that was not known at preview is still not known/);
    });

    test("EA-3: without the lock-out check the host itself takes a lock-out back (VF106, VF110), and the state says so", async () => {
        const open = { a: at(guarded, { confirmSeconds: 5, lockoutCheck: "off" }) };
        const first = await stack("guarded", open).up();
        expect(first.ok).toBe(true);
        expect(oneLine(first)).toContain(`VF106 lockoutCheck is off for ${guarded.ipv4}: `);
        const listing = "nft -s list table inet vps_firewall";
        const before = await guarded.run(listing);

        const rules = { ssh: "accept tcp from 198.51.100.0/24 to port 22" };
        const locking = { a: { ...open.a, rules } };
        const up = await stack("guarded", locking).up();
        expect(up.ok).toBe(false);
        expect(oneLine(up)).toMatch(
            new RegExp(
                `VF110 ${guarded.ipv4} took the change back: no new SSH connection could be opened within 5 s .* The host runs generation 1 again, as before\\.`,
            ),
        );
        expect((await guarded.run(listing)).stdout).toBe(before.stdout);
        expect(rulesetsOf(up)).toEqual(rulesetsOf(first));

        const again = await stack("guarded", locking).preview({ refresh: true });
        const update = again.steps.find(({ op, urn }) => op === "update" && urn.endsWith("HostRuleset::a"));
        expect(Object.keys(update?.detailedDiff ?? {}).sort()).toEqual([
            'exposure["ingress tcp 22"]',
            'exposure["ingress tcp 443"]',
            'rules["a-rules/ssh"]',
            'rules["a-rules/web"]',
        ]);
    });
});
