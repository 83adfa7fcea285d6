import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LeasewebSimulator, startLeasewebSimulator } from "../simulators/leaseweb";
import { type ProgramStack, stackOf } from "./stackOf";

const FIRST = "00000000-0000-4000-8000-000000000001";
const TYPE = "LeasewebSecurityGroupRules::web";

describe("LeasewebSecurityGroup on the embedded engine", () => {
    let simulator: LeasewebSimulator;
    let world: ProgramStack;

    beforeAll(async () => {
        simulator = await startLeasewebSimulator({ looks: 0 });
        world = stackOf();
    });
    afterAll(async () => {
        world.close();
        await simulator.close();
        expect(simulator.misfits).toEqual([]);
    });

    const config = () => ({ "vps-firewall:leasewebApiKey": simulator.state.apiKey });
    const write = (rules: string, more = "") =>
        world.write(`
            const web = new FirewallTemplate("web", { rules: { ${rules} } });
            new vpsfw.LeasewebSecurityGroup("web", {
                templates: [web], instances: [${JSON.stringify(FIRST)}], url: ${JSON.stringify(simulator.url)}, ${more}
            });
        `);
    const changedIn = async (refresh = false) => {
        const preview = await world.stack(config()).preview({ diff: true, refresh });
        if (!preview.ok) throw new Error(preview.text);
        const step = preview.steps.find(({ op, urn }) => op === "update" && urn.endsWith(TYPE));
        return { keys: Object.keys(step?.detailedDiff ?? {}).sort(), text: preview.text };
    };

    test("up makes it; a preview names the traffic of a change, rule by rule; up again changes nothing", async () => {
        write('ssh: "accept tcp from 198.51.100.0/24 to port 22"');
        const up = await world.stack(config()).up();
        expect([up.ok, up.ok ? "" : up.text]).toEqual([true, ""]);
        expect(up.text).toContain("VF326");
        expect((await changedIn(true)).keys).toEqual([]);
        write('ssh: "accept tcp from 198.51.100.0/24 to port 22", web: { service: "https" }', "exclusive: true");
        const { keys, text } = await changedIn();
        expect(keys).toEqual([
            "exclusive",
            'exposure["ingress tcp 443"]',
            'rows["tcp from anywhere IPv4 to port 443"]',
            'rules["web/web"]',
        ]);
        expect(text).toMatch(/\+ ingress tcp 443 *: "anywhere IPv4"/);
        expect((await world.stack(config()).up()).ok).toBe(true);
        expect(simulator.state.instances[0]!.groups).toEqual([simulator.state.groups[1]!.id]);
    });

    test("drift shows as traffic after a refresh, and up takes it back", async () => {
        const group = simulator.state.groups[1]!;
        group.rules.push({ ...group.rules[0]!, id: FIRST, startPort: 3306, endPort: 3306 });
        expect((await changedIn(true)).keys).toEqual([
            'exposure["ingress tcp 3306"]',
            'rows["tcp from 198.51.100.0/24 to port 3306"]',
        ]);
        expect((await world.stack(config()).up({ refresh: true })).ok).toBe(true);
        expect(group.rules.map(({ startPort }) => startPort).sort()).toEqual([22, 443]);
    });

    test("an error has its code; the key is in no output and not in the state", async () => {
        simulator.faults.plan({ on: /authorize/, fault: { kind: "answer", status: 403 } });
        write('web: { service: "https" }, more: { service: "http" }', "exclusive: true");
        expect((await world.stack(config()).preview()).text).toContain("VF330 templates: after this change nobody");
        const off = 'lockoutCheck: "off"';
        write(
            'web: { service: "https" }, more: { service: "http" }',
            `apiKey: "argument-key", exclusive: true, ${off}`,
        );
        const failed = await world.stack(config()).up();
        expect(failed.ok).toBe(false);
        expect(failed.text).toContain("VF322");
        const up = await world.stack(config()).up();
        expect(up.ok).toBe(true);
        const files = readdirSync(join(world.folder, "state"), { recursive: true, withFileTypes: true });
        const texts = files.filter((f) => f.isFile()).map((f) => readFileSync(join(f.parentPath, f.name), "utf8"));
        const all = [failed.text, up.text, ...texts].join("\n");
        for (const secret of [simulator.state.apiKey, "argument-key"]) expect(all).not.toContain(secret);
        expect(texts.join("")).toContain(TYPE);
    });

    test("what the group can't say is an error that names the rule; two of one name are one too many; ids may be unknown", async () => {
        write('web: { service: "https" }, slow: { service: "http", limit: "10/second burst 20" }');
        expect((await world.stack(config()).preview({})).text).toContain("VF313");
        world.write(`
            const web = new FirewallTemplate("web", { rules: { web: { service: "https" } } });
            for (const name of ["a", "b"]) new vpsfw.LeasewebSecurityGroup(name, { templates: [web], groupName: "web" });
        `);
        expect((await world.stack(config()).preview({})).text).toContain("VF023");
        world.write(`
            const later = new local.Command("later", { create: "echo" }).stdout;
            const web = new FirewallTemplate("web", { rules: { web: { service: "https" } } });
            new vpsfw.LeasewebSecurityGroup("other", { templates: [web], instances: [later] });
        `);
        const preview = await world.stack(config()).preview({ diff: true });
        expect([preview.ok, preview.ok ? "" : preview.text]).toEqual([true, ""]);
        expect(preview.text).toContain("(not known yet)");
    });

    test("destroy puts instances back into the groups they were in", async () => {
        expect((await world.stack(config()).destroy()).ok).toBe(true);
        expect(simulator.state.groups.map(({ name }) => name)).toEqual(["Default Security Group"]);
        expect(simulator.state.instances[0]!.groups).toEqual([simulator.state.groups[0]!.id]);
    });
});
