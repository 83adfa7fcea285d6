import { existsSync } from "node:fs";
import { describeLab, type LabHost } from "../lab";
import { rulesetsOf } from "./anyHosts";
import { openWorld, type World } from "./world";

const HOSTILE = [
    '"; touch /tmp/pwned; "',
    "'; touch /tmp/pwned; '",
    "$(touch /tmp/pwned)",
    "`touch /tmp/pwned`",
    "a\ntouch /tmp/pwned\n",
    'x" accept; }\nflush ruleset',
    "%s%n%x %(touch)",
    "../../../tmp/pwned",
    "\u001b]0;pwned\u0007\u001b[2J\u001b[31m",
    "\u202eevil \u00fcn\u00efc\u00f6d\u00e9 \u0000",
    "__proto__",
    "| error: VF999 forged",
];
/** Where a name or value of a user can be hostile, all at once; only the last host's own description is to be allowed. */
const REFUSED = `
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const hostile: string[] = ${JSON.stringify(HOSTILE)};
const named = (rule: (text: string) => any) => Object.fromEntries(hostile.map((text, i) => [\`r\${i}\`, rule(text)]));
const template = (name: string, rules: Record<string, any>) => new FirewallTemplate(name, { rules });
const sets = hostile.map((name) => new AddressSet(name, { entries: ["192.0.2.1"] }));
const templates = [
    ...hostile.map((name) => template(name, { ssh: { service: "ssh" } })),
    template("rules", Object.fromEntries(hostile.map((name) => [name, { service: "ssh" }]))),
    template("addresses", named((from) => ({ protocol: "tcp", from }))),
    template("destinations", named((to) => ({ protocol: "tcp", to: [to] }))),
    template("ports", named((ports) => ({ protocol: "tcp", ports }))),
    template("services", named((service) => ({ service }))),
    template("protocols", named((protocol) => ({ protocol }))),
    template("actions", named((action) => ({ action, protocol: "tcp" }))),
    template("icmp", named((icmpTypes) => ({ protocol: "icmp", icmpTypes }))),
    template("fields", named((field) => ({ protocol: "tcp", [field]: 1 }))),
    template("lines", named((text) => text)),
    template("tails", named((text) => \`accept tcp from anywhere to port 22 \${text}\`)),
    template("sets", named((text) => ({ protocol: "tcp", from: \`set \${text}\` }))),
    new FirewallTemplate("objects", { rules: named((text) => ({ protocol: "tcp", from: sets[hostile.indexOf(text)] })) }),
    new FirewallTemplate("entries", { rules: { ssh: { service: "ssh", from: new AddressSet("entries", { entries: hostile }) } } }),
];
new HostFirewall("host", { connection: { host: "192.0.2.1" }, templates, managementSources: hostile });
`;

/** What may be hostile and is no mistake: it must do no harm. */
const HARMLESS = (host: string) => `
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const hostile: string[] = ${JSON.stringify(HOSTILE)};
const rules = Object.fromEntries(
    hostile.map((text, i) => [\`r\${i}\`, { protocol: "tcp", ports: 4000 + i, description: text.replace(/[\\u0000-\\u001f\\u202e]/g, " ") }]),
);
const web = new FirewallTemplate("web", { rules: { ...rules, ssh: { service: "ssh" } } });
new HostFirewall(hostile.join(" "), {
    connection: { host: ${JSON.stringify(host)} }, templates: [web], confirmSeconds: 15, adopt: hostile.join(),
});
`;

const CONNECTION = (connection: object) => `
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ssh: { service: "ssh" } } });
new HostFirewall("host", { connection: ${JSON.stringify(connection)}, templates: [web] });
`;

// Several operations of seconds each.
jest.setTimeout(120_000);

describeLab("hostile names and values", () => {
    let world: World;
    let host: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        host = await world.lab.addHost("host");
    });
    afterEach(async () => {
        expect(existsSync("/tmp/pwned")).toBe(false);
        expect((await host.run("ls /tmp/pwned")).code).not.toBe(0);
    });
    afterAll(() => world.close());

    /** Nothing moves the cursor, starts a line that is not ours or reorders what is read. */
    const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;

    test("are refused with a code, each by name, in plain ASCII", async () => {
        world.write(REFUSED);
        const preview = await world.stack().preview();
        expect(preview.ok).toBe(false);
        const errors = preview.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
        expect(errors.filter((message) => !/VF0\d\d/.test(message))).toEqual([]);
        const all = errors.join("\n");
        // Every kind of place was looked at.
        for (const place of [
            "rules/",
            "addresses/r0 from",
            "destinations/r0 to",
            "ports/r0 ports",
            "services/r0 service",
            "protocols/r0 protocol",
            "actions/r0 action",
            "icmp/r0 icmpTypes",
            "lines/r0",
            "tails/r0",
            "sets/r0 from",
            "managementSources[0]",
            "sets.entries",
        ])
            expect(all).toContain(place);
        expect(all).toContain("VF012");
        expect(all.split("\n").filter((line) => RAW.test(line))).toEqual([]);
        expect(preview.text.split("\n").filter((line) => RAW.test(line))).toEqual([]);
        expect(preview.text).not.toMatch(/^\s*(\| )?error: VF999/m);
    });

    test("or do no harm", async () => {
        world.write(HARMLESS(host.ipv4));
        const up = await world.stack({}, "harmless").up({ diff: true });
        expect(up.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(Object.keys((rulesetsOf(up)[0]?.inputs["rules"] ?? {}) as object)).toHaveLength(HOSTILE.length + 1);
        expect(up.text.split("\n").filter((line) => RAW.test(line))).toEqual([]);
        expect((await host.run("nft list tables")).stdout).toBe("table inet vps_firewall\n");
        const destroy = await world.stack({}, "harmless").destroy();
        expect(destroy.ok).toBe(true);
    });

    test("so are those of a connection", async () => {
        world.write(CONNECTION({ host: "192.0.2.1; touch /tmp/pwned" }));
        const name = await world.stack({}, "name").up();
        expect(name.text).toContain("VF154");
        world.write(CONNECTION({ host: host.ipv4, user: "root\u001b[31m$(touch /tmp/pwned)\n" }));
        const user = await world.stack({}, "user").up();
        expect(user.ok).toBe(false);
        expect(user.text).toMatch(/VF\d\d\d/);
        for (const { text } of [name, user]) expect(text.split("\n").filter((line) => RAW.test(line))).toEqual([]);
    });
});
