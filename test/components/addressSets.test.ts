import type { ProgramPreview, StepJson } from "../../engine/testing";
import { previewOf } from "./previewOf";

const inputsOf = (step: StepJson) => step.newState?.inputs as Record<string, unknown> | undefined;
const rulesOf = (preview: ProgramPreview, host: string) =>
    inputsOf(preview.step("HostRuleset", host))?.["rules"] as Record<string, string>;
const setsOf = (preview: ProgramPreview, host: string) => inputsOf(preview.step("HostRuleset", host))?.["sets"];

test("a set is entries, other sets and a file, without what is excepted", async () => {
    const preview = await previewOf(`
        import { writeFileSync } from "node:fs";
        const later = new local.Command("server", { create: "echo 192.0.2.1" }).stdout;
        const many = Array.from({ length: 100_000 }, (_, i) => \`10.\${i >> 15}.\${(i >> 7) & 255}.\${(i & 127) * 2}\`);
        writeFileSync("blocked.txt", "; a list\\r\\n" + many.map((address) => address + " ; SBL1").join("\\r\\n"));
        writeFileSync("two.txt", "203.0.113.0/24 # two\\n203.0.113.9\\n");
        const office = new AddressSet("office", { entries: ["198.51.100.0/24", pulumi.output(["2001:db8:77::/48"])] });
        const vpn = new AddressSet("vpn", { entries: ["10.0.0.0/8"], except: ["10.0.0.0/9", office] });
        const all = new AddressSet("all", { sets: [office, vpn], file: "two.txt", except: ["198.51.100.128/25"] });
        const more = new AddressSet("more", { entries: ["192.0.2.7", later], sets: [vpn] });
        const less = new AddressSet("less", { entries: ["192.0.2.0/24"], except: [later] });
        const empty = new AddressSet("empty", { entries: pulumi.output([]) });
        const blocked = new AddressSet("blocked", { file: new pulumi.asset.FileAsset("blocked.txt") });
        const literal = new AddressSet("literal", { entries: many.slice(0, 300) });
        const text = new AddressSet("text", { file: new pulumi.asset.StringAsset("192.0.2.1\\n192.0.2.0") });
        const rules = Object.fromEntries(
            [office, all, more, less, empty, blocked, literal, text].map((set) => [set.setName, { protocol: "udp", from: set }]),
        );
        new HostFirewall("host", { connection: { host: "192.0.2.10" }, templates: [new FirewallTemplate("web", { rules })] });
    `);
    expect(preview.errors).toEqual([]);
    const sets = {
        all: { "10.128.0.0/9": true, "198.51.100.0/25": true, "203.0.113.0/24": true, "2001:db8:77::/48": true },
        blocked: { count: 100000, digest: expect.stringMatching(/^[0-9a-f]{8}$/) },
        empty: {},
        less: { "(not known yet)": true },
        literal: { count: 300, digest: expect.any(String) },
        more: { "10.128.0.0/9": true, "192.0.2.7": true, "(not known yet)": true },
        office: { "198.51.100.0/24": true, "2001:db8:77::/48": true },
        text: { "192.0.2.0/31": true },
    };
    expect(setsOf(preview, "host")).toEqual(sets);
    const line = (set: string, count: number) =>
        expect.stringMatching(`^accept udp from set ${set} \\(${count}, .*\\)$`);
    expect(rulesOf(preview, "host")).toMatchObject({
        "web/all": line("all", 4),
        "web/blocked": line("blocked", 100000),
        "web/less": "accept udp from set less (0, not known yet)",
        "web/more": "accept udp from set more (2, not known yet)",
    });
    for (const name of ["all", "blocked", "empty", "literal", "text"] as const) {
        expect(inputsOf(preview.step("AddressSet", name))).toEqual({ entries: sets[name] });
        expect(inputsOf(preview.step("FirewallRule", `web/${name}`))?.["rule"]).toBe(
            rulesOf(preview, "host")[`web/${name}`],
        );
    }
    // Names of the parts are not in what the host gets, and no text shows a hundred thousand addresses.
    expect(preview.text.length).toBeLessThan(10_000);
});

test("servers stand for their addresses, of both families, also where they name each other", async () => {
    const preview = await previewOf(`
        const later = new local.Command("server", { create: "echo 192.0.2.1" }).stdout;
        const office = new AddressSet("office", { entries: ["198.51.100.0/24"] });
        const template = (name: string, rules: any) => new FirewallTemplate(name, { rules });
        const web: HostFirewall[] = ["192.0.2.11", "2001:db8::12"].map((host, i) => new HostFirewall(\`web\${i}\`, {
            connection: { host },
            templates: [template(\`web\${i}\`, { db: { direction: "egress", protocol: "tcp", ports: 5432, to: () => db } })],
        }));
        const db: HostFirewall = new HostFirewall("db", {
            connection: { host: "db.internal" },
            addresses: ["192.0.2.20", "2001:db8::20"],
            templates: [template("db", {
                postgres: { protocol: "tcp", ports: 5432, from: web },
                ssh: { service: "ssh", from: [web[0], office, "192.0.2.99"] },
                set: { service: "http", from: new AddressSet("servers", { entries: [...web, "192.0.2.98"], except: [web[1]] }) },
                self: { service: "https", from: () => [...web, db] },
            })],
        });
        const young = new HostFirewall("young", { connection: { host: later }, addresses: [later, "2001:db8::30"], templates: [
            template("young", { ssh: { service: "ssh", from: [db] } }),
        ] });
        const younger = new HostFirewall("younger", { connection: pulumi.output({ host: later }), templates: [
            template("younger", { ssh: { service: "ssh", from: young.addresses }, self: { service: "http", from: [young, db] } }),
        ] });
        new HostFirewall("last", { connection: { host: "192.0.2.40" }, templates: [
            template("last", { ssh: { service: "ssh", from: [younger, db] } }),
        ] });
    `);
    expect(preview.errors).toEqual([]);
    const toDb = "egress accept tcp to 192.0.2.20, 2001:db8::20 port 5432";
    expect(rulesOf(preview, "web0")).toEqual({ "web0/db": toDb });
    expect(rulesOf(preview, "web1")).toEqual({ "web1/db": toDb });
    expect(rulesOf(preview, "db")).toEqual({
        "db/postgres": "accept tcp from 192.0.2.11, 2001:db8::12 to port 5432",
        "db/ssh": expect.stringMatching(
            /^accept tcp from 192\.0\.2\.11, 192\.0\.2\.99, set office \(1, \w{8}\) to port 22$/,
        ),
        "db/set": expect.stringMatching(/^accept tcp from set servers \(2, \w{8}\) to port 80$/),
        "db/self": "accept tcp from 192.0.2.11, 192.0.2.20, 2001:db8::12, 2001:db8::20 to port 443",
    });
    expect(setsOf(preview, "db")).toMatchObject({ servers: { "192.0.2.11": true, "192.0.2.98": true } });
    expect(rulesOf(preview, "younger")).toEqual({
        "younger/ssh": "accept tcp from (not known yet) to port 22",
        "younger/self": "accept tcp from 192.0.2.20, 2001:db8::20, 2001:db8::30, (not known yet) to port 80",
    });
    expect(rulesOf(preview, "last")).toEqual({
        "last/ssh": "accept tcp from 192.0.2.20, 2001:db8::20, (not known yet) to port 22",
    });
});

test("forgotten values and sets that say nothing are errors of the target", async () => {
    const preview = await previewOf(`
        const forgotten: any = new pulumi.Config().get("office");
        const sets = {
            a: { entries: forgotten },
            b: { entries: [], except: forgotten },
            c: { entries: [], sets: forgotten },
            d: { sets: [forgotten] },
            e: { entries: [forgotten] },
            f: {},
            g: { entries: pulumi.output(["192.0.2.1", "x"]) },
            h: { entries: ["192.0.2.1", pulumi.output(forgotten)] },
            fine: { entries: [] },
        };
        const rules = Object.fromEntries(
            Object.entries(sets).map(([name, args]) => [name, { service: "ssh", from: new AddressSet(name, args as any) }]),
        );
        new HostFirewall("host", { connection: { host: "192.0.2.10" }, templates: [new FirewallTemplate("web", { rules })] });
    `);
    const all = preview.errors.join("\n");
    const expected = [
        "VF010 sets.a.entries:",
        "VF010 sets.b.except:",
        "VF010 sets.c.sets:",
        "VF011 sets.d.sets:",
        "VF010 sets.e.entries[0]:",
        "VF041 sets.f:",
        'VF001 sets.g.entries[1]: "x" is not an address.',
        "VF010 sets.h.entries[1]:",
    ];
    expect({ all, missing: expected.filter((text) => !all.includes(text)) }).toEqual({ all, missing: [] });
    expect(all).not.toContain("fine");
});

const host = `new HostFirewall("host", { connection: { host: "192.0.2.10" }, templates: [`;
test.each([
    [
        "a file with mistakes",
        `import { writeFileSync } from "node:fs";
        writeFileSync("list.txt", ["192.0.2.1", "", "example.com ; no"].join("\\n"));
        const set = new AddressSet("set", { file: "list.txt" });
        ${host} new FirewallTemplate("web", { rules: { ssh: { service: "ssh", from: set } } }) ] });`,
        ['VF001 "list.txt" line 3: "example.com" is not an address.'],
    ],
    [
        "files that are not there, are none, or got lost",
        `const forgotten: any = new pulumi.Config().get("file");
        new AddressSet("none", { file: "none.txt" });
        new AddressSet("folder", { file: "." });
        new AddressSet("lost", { entries: [], file: forgotten });`,
        [
            `VF040 the file "none.txt" can't be read: ENOENT`,
            `VF040 the file "." can't be read`,
            "VF010 file is given but empty.",
        ],
    ],
    [
        "a server without an address",
        `const db = new HostFirewall("db", { connection: { host: "db.example.net" }, templates: [
            new FirewallTemplate("db", { rules: { ssh: { service: "ssh" } } }),
        ] });
        ${host} new FirewallTemplate("web", { rules: { ssh: { service: "ssh", from: [db] } } }) ] });`,
        ['VF044 the HostFirewall "db" is reached by the name "db.example.net", and a rule needs addresses.'],
    ],
    [
        "two sets of one name",
        `const set = (parent: pulumi.Resource) => new AddressSet("office", { entries: ["192.0.2.1"] }, { parent });
        const [a, b] = ["a", "b"].map((name) => set(new AddressSet(name, { entries: [] })));
        ${host} new FirewallTemplate("web", { rules: { a: { service: "ssh", from: a }, b: { service: "http", from: b } } }) ] });`,
        ['VF022 two address sets with the name "office" on one target.'],
    ],
])("%s is an error of the program", async (_, program, expected) => {
    const preview = await previewOf(program);
    expect(preview.ok).toBe(false);
    const all = preview.errors.join("\n") + preview.text;
    expect({ all, missing: expected.filter((text) => !all.includes(text)) }).toEqual({ all, missing: [] });
});
