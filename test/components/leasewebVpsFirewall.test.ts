import { readFileSync, writeFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../../cli/program";
import { checkHost } from "../../provider/checkHost";
import type { StepJson } from "../../engine/testing";
import { previewOf } from "./previewOf";

const inputsOf = (step: StepJson) => step.newState?.inputs as Record<string, unknown>;

const site = `
    const web = new FirewallTemplate("web", {
        rules: {
            ssh: "accept tcp from 198.51.100.0/24 to port 22",
            web: { service: ["http", "https"] },
            guests: "drop tcp from 198.51.100.128/25 to port 22",
        },
    });
`;
const connection = `connection: { host: "192.0.2.10", user: "root" }`;

test("LW-1 LW-2 LW-35 LW-40: on unless said otherwise, enforced on the host, with what leaves free; the rows are an output", async () => {
    const preview = await previewOf(`${site}
        const vps = new LeasewebVpsFirewall("vps", { ${connection}, templates: [web] });
        export const portal = vps.portal;
    `);
    expect(preview.errors).toEqual([]);
    expect(inputsOf(preview.step("LeasewebVpsFirewall", "vps"))).toEqual({
        enabled: "on",
        portalRows: {
            "Protocol TCP, Source IP Address 198.51.100.0/25, Startport 22": "web/ssh",
            "Protocol TCP, Source IP Address 0.0.0.0/0, Startport 80": "web/web",
            "Protocol TCP, Source IP Address 0.0.0.0/0, Startport 443": "web/web",
        },
    });
    const host = inputsOf(preview.step("HostRuleset", "vps"));
    expect(host).toMatchObject({
        enabled: "on",
        hoster: "leaseweb",
        defaults: { ingress: "drop", egress: "accept" },
        exposure: {
            "ingress tcp 22": "198.51.100.0/25",
            "ingress tcp 80": "anywhere",
            "ingress tcp 443": "anywhere",
            "egress any": "anywhere",
        },
    });
    // Nothing but the ruleset of the host and what templates are made of: no resource speaks to Leaseweb.
    const types = new Set(preview.steps.map(({ newState }) => newState?.type));
    expect([...types].filter((type) => !/^vpsfw:index:|^pulumi:pulumi:Stack$/.test(String(type)))).toEqual([
        "pulumi-nodejs:dynamic/vpsfw:HostRuleset",
    ]);
});

test.each([true, false])(
    "LW-40 LW-41: the output is what `plan leaseweb` prints for the same server, on: %s",
    async (on) => {
        const preview = await previewOf(`${site}
        const vps = new LeasewebVpsFirewall("vps", { ${connection}, templates: [web], enabled: ${on} });
        new local.Command("shown", { create: vps.portal.apply((portal) => JSON.stringify(portal)) });
    `);
        expect(preview.errors).toEqual([]);
        const shown = JSON.parse(String(inputsOf(preview.step("Command", "shown"))["create"])) as object;
        const { newState } = preview.step("HostRuleset", "vps");
        const folder = mkdtempSync(join(tmpdir(), "vps-firewall-portal-"));
        try {
            const file = join(folder, "state.json");
            writeFileSync(file, JSON.stringify({ version: 3, deployment: { resources: [newState] } }));
            let out = "";
            const code = await program({ out: (text) => (out += text), err: (text) => (out += text) }, [
                ...["plan", "leaseweb", "--state", file, "--json"],
            ]);
            expect(code).toBe(0);
            const { steps, notes } = JSON.parse(out) as { steps: unknown; notes: unknown };
            expect(shown).toEqual({ steps, notes });
        } finally {
            rmSync(folder, { recursive: true });
        }
    },
);

test("LW-1 LW-3 LW-9: off, the rules are stored as they are, everything passes, and the preview says so", async () => {
    const program = (enabled: boolean) => `${site}
        new LeasewebVpsFirewall("vps", { ${connection}, templates: [web], enabled: ${enabled} });
    `;
    const [off, on] = [await previewOf(program(false)), await previewOf(program(true))];
    expect([...off.errors, ...on.errors]).toEqual([]);
    const [before, after] = [off, on].map((preview) => inputsOf(preview.step("HostRuleset", "vps")));
    const changed = Object.keys(after!).filter((key) => JSON.stringify(before![key]) !== JSON.stringify(after![key]));
    expect(changed.sort()).toEqual(["enabled", "exposure"]);
    expect(before).toMatchObject({
        enabled: "off",
        exposure: { "ingress any": "anywhere", "egress any": "anywhere" },
    });
    expect(off.text).toContain("VF310 the firewall of 192.0.2.10 is off: its 3 rules are stored and not enforced");
    expect(off.text).not.toContain("VF118");
    expect(on.text).toContain("VF118");
});

test("LW-6: on with nothing to allow is a warning", async () => {
    const preview = await previewOf(`new LeasewebVpsFirewall("vps", { ${connection}, templates: [] });`);
    expect(preview.errors).toEqual([]);
    expect(preview.warnings.join("\n")).toContain("nothing can reach this server");
    expect(inputsOf(preview.step("HostRuleset", "vps"))["exposure"]).toEqual({ "egress any": "anywhere" });
});

test("LW-31 LW-34 LW-39 VG-14: what Leaseweb blocks, and FTP without its passive ports, are warned about", async () => {
    const preview = await previewOf(`
        const files = new FirewallTemplate("files", {
            rules: { smb: { protocol: "tcp", ports: [445, 446] }, ftp: { service: "ftp" } },
        });
        new LeasewebVpsFirewall("vps", { ${connection}, templates: [files] });
    `);
    expect(preview.errors).toEqual([]);
    const warnings = preview.warnings.join("\n");
    expect(warnings).toMatch(/VF235 files\/smb opens what Leaseweb blocks .*tcp 445.*\(list of 2026-11\)/);
    expect(warnings).toMatch(/VF227 files\/ftp accepts FTP control and nobody accepts its data/);
});

test.each([
    ["a reject", `{ action: "reject", protocol: "tcp", ports: 25 }`, "action"],
    ["source ports", `{ protocol: "udp", ports: 53, sourcePorts: 53 }`, "sourcePorts"],
    ["egress that is dropped", `"egress drop tcp to anywhere port 25"`, "direction"],
])("LW-27 LW-36: %s is an error that names the rule, the field and the way out", async (_, rule, field) => {
    const preview = await previewOf(`
        const web = new FirewallTemplate("web", { rules: { ssh: { service: "ssh" }, odd: ${rule} } });
        new LeasewebVpsFirewall("vps", { ${connection}, templates: [web] });
    `);
    const errors = preview.errors.join("\n");
    expect(errors).toContain(`VF313 web/odd ${field} can't be said in the rows of the firewall of a Leaseweb VPS`);
    expect(errors).toContain("HostFirewall");
});

test("a switch or an address that is not known yet hides no rule", async () => {
    const preview = await previewOf(`${site}
        const said = new local.Command("said", { create: "echo" }).stdout;
        new LeasewebVpsFirewall("switch", { ${connection}, templates: [web], enabled: said.apply((text) => text === "") });
        const later = new FirewallTemplate("later", { rules: { ssh: { service: "ssh", from: said } } });
        new LeasewebVpsFirewall("address", { connection: { host: "192.0.2.11" }, templates: [later] });
    `);
    expect(preview.errors).toEqual([]);
    const host = inputsOf(preview.step("HostRuleset", "switch"));
    expect(Object.keys(host["rules"] as object)).toEqual(["web/guests", "web/ssh", "web/web"]);
    expect(host["exposure"]).toEqual({ "ingress any": "(not known yet)", "egress any": "(not known yet)" });
    expect(inputsOf(preview.step("HostRuleset", "address"))["rules"]).toEqual({
        "later/ssh": "accept tcp from (not known yet) to port 22",
    });
});

test("LW-40: nothing that the component is made of speaks HTTP", () => {
    const seen = new Set<string>();
    const visit = (file: string) => {
        if (seen.has(file)) return;
        seen.add(file);
        const text = readFileSync(file, "utf8");
        for (const [, target] of text.matchAll(/from "(\.[^"]+)"/g)) {
            const path = join(file, "..", target!);
            for (const each of [`${path}.ts`, join(path, "index.ts")]) {
                try {
                    visit(each);
                } catch (error) {
                    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
                }
            }
        }
    };
    visit(join(__dirname, "../../components/leasewebVpsFirewall.ts"));
    expect([...seen].filter((file) => /targets\/(?!ssh)/.test(file))).toEqual([]);
    expect(seen.size).toBeGreaterThan(50);
});

describe("the check of a host with a switch", () => {
    const raw = (more: object) => ({
        target: { host: "192.0.2.10" },
        owner: "a/b/c",
        templates: [{ name: "web", rules: { ssh: { service: "ssh" }, no: "drop tcp from 203.0.113.7 to port 80" } }],
        ...more,
    });

    test("LW-10 LW-11: a rule that changes or goes while it is off changes its line and no traffic", () => {
        const off = checkHost(raw({ enabled: "off" })).inputs;
        const fewer = { ...raw({ enabled: "off" }), templates: [{ name: "web", rules: { ssh: { service: "ssh" } } }] };
        const after = checkHost(fewer).inputs;
        expect(after.exposure).toEqual(off.exposure);
        expect(after.rules).toEqual({ "web/ssh": off.rules["web/ssh"] });
    });

    test("it is on or off", () => {
        expect(checkHost(raw({ enabled: "maybe" })).failures[0]?.reason).toContain("VF014");
        expect(checkHost(raw({})).inputs).not.toHaveProperty("enabled");
        expect(checkHost({ ...raw({}), templates: [] }).failures[0]?.reason).toContain("VF032");
    });
});
