import type { ProgramPreview, StepJson } from "../../engine/testing";
import { previewOf } from "./previewOf";

const inputsOf = (step: StepJson) => step.newState?.inputs as Record<string, unknown> | undefined;
const rulesOf = (preview: ProgramPreview, host: string) => inputsOf(preview.step("HostRuleset", host))?.["rules"];

/** The rules that a template has in the tree, by the names of their resources. */
const childrenOf = (preview: ProgramPreview, template: string) =>
    preview.steps
        .filter(({ newState }) => newState?.parent?.endsWith(`FirewallTemplate::${template}`))
        .map(({ urn }) => urn.split("::").at(-1))
        .sort();

test("inherited rules are children of the template that extends, under its name, line by line", async () => {
    const preview = await previewOf(`
        const office = new AddressSet("office", { entries: ["198.51.100.0/24"] });
        const monitoring = new FirewallTemplate("monitoring", {
            sets: [new AddressSet("probes", { entries: ["192.0.2.77"] })],
            rules: { agent: { protocol: "tcp", ports: 9100, from: office }, probe: "accept tcp from set probes to port 9200" },
        });
        const web = new FirewallTemplate("web", {
            description: "the shop",
            extends: ["minimum", monitoring, { rules: { ping: { service: "ping" } } }],
            rules: { ssh: { service: "ssh", from: office } },
            remove: ["http"],
        });
        const base = new FirewallTemplate("base", presets.minimum);
        new HostFirewall("host", { connection: { host: "192.0.2.10" }, templates: [web] });
        new HostFirewall("other", { connection: { host: "192.0.2.11" }, templates: [base] });
    `);
    expect(preview.errors).toEqual([]);
    expect(childrenOf(preview, "web")).toEqual(["web/agent", "web/https", "web/ping", "web/probe", "web/ssh"]);
    const rules = rulesOf(preview, "host") as Record<string, string>;
    expect(rules).toEqual({
        "web/agent": expect.stringMatching(/^accept tcp from set office \(1, [0-9a-f]{8}\) to port 9100$/),
        "web/https": "accept tcp from anywhere to port 443",
        "web/ping": "accept icmp echo-request + icmpv6 echo-request from anywhere",
        "web/probe": expect.stringMatching(/^accept tcp from set probes \(1, [0-9a-f]{8}\) to port 9200$/),
        "web/ssh": expect.stringMatching(/^accept tcp from set office \(1, [0-9a-f]{8}\) to port 22$/),
    });
    for (const [key, line] of Object.entries(rules))
        expect(inputsOf(preview.step("FirewallRule", key))).toEqual({ rule: line });
    expect(inputsOf(preview.step("FirewallTemplate", "web"))).toEqual({ template: "web", description: "the shop" });
    expect(childrenOf(preview, "base")).toEqual(["base/http", "base/https", "base/ssh"]);
});

test("LS-23 a clone has a name and rules of its own; what becomes of the original's arguments is not its business", async () => {
    const preview = await previewOf(`
        const office = new AddressSet("office", { entries: ["198.51.100.0/24"] });
        const args = {
            description: "the shop",
            rules: { ssh: { service: "ssh", from: ["10.0.0.0/8"] }, web: { service: ["http", "https"] }, vpn: { service: "wireguard", from: office } },
        };
        const web = new FirewallTemplate("web", args);
        args.rules.web.service.push("ftp");
        args.rules.ssh.from = ["0.0.0.0/0"];
        args.rules.vpn = { service: "openvpn", from: office };
        (args.rules as any).more = { service: "telnet" };
        const staging = web.clone("staging", { rules: { ssh: { service: "ssh", from: "10.1.0.0/16" } }, remove: ["web"] });
        const same = web.clone("same");
        [web, staging, same].forEach((template, i) =>
            new HostFirewall(template.templateName, { connection: { host: "192.0.2.1" + i }, templates: [template] }));
    `);
    expect(preview.errors).toEqual([]);
    const vpn = expect.stringMatching(/^accept udp from set office \(1, [0-9a-f]{8}\) to port 51820$/);
    const original = (name: string) => ({
        [`${name}/ssh`]: "accept tcp from 10.0.0.0/8 to port 22",
        [`${name}/web`]: "accept tcp from anywhere to port 80, 443",
        [`${name}/vpn`]: vpn,
    });
    expect(rulesOf(preview, "web")).toEqual(original("web"));
    expect(rulesOf(preview, "same")).toEqual(original("same"));
    expect(rulesOf(preview, "staging")).toEqual({
        "staging/ssh": "accept tcp from 10.1.0.0/16 to port 22",
        "staging/vpn": vpn,
    });
    expect(inputsOf(preview.step("FirewallTemplate", "staging"))?.["description"]).toBe("the shop");
});

test("a mistake in what a template is made of is thrown, with code and place; two are told together", async () => {
    const preview = await previewOf(`
        const mistakes: any[] = [
            { extends: "minimun" },
            { extends: "minimum", remove: ["htp"], requires: { egress: "deny" } },
            { extends: undefined, rules: {} },
            { rule: {} },
        ];
        for (const args of mistakes)
            try {
                new FirewallTemplate("web", args);
            } catch (error) {
                pulumi.log.error((error as Error).message);
            }
    `);
    const all = preview.errors.join("\n");
    for (const message of [
        'VF057 web extends[0]: unknown preset "minimun". Did you mean "minimum"?',
        'VF055 web remove: the template removes the rule "htp", which it does not inherit. Did you mean "http"?',
        'VF014 web requires: requires.egress can\'t be "deny".',
        "VF010 web extends: extends is given but empty.",
        'VF009 web: unknown field "rule". Did you mean "rules"?',
    ])
        expect(all).toContain(message);
    expect(preview.steps.filter(({ urn }) => urn.includes("FirewallTemplate"))).toEqual([]);
});

test("a target whose default is not what a template requires is refused", async () => {
    const preview = await previewOf(`
        const out = new FirewallTemplate("out", { extends: ["minimum", "outbound"] });
        const same = out.clone("same");
        new HostFirewall("closed", { connection: { host: "192.0.2.11" }, templates: [same], defaults: { egress: "drop" } });
        new HostFirewall("open", { connection: { host: "192.0.2.10" }, templates: [out] });
    `);
    const all = preview.errors.join("\n");
    expect(all).toContain(
        'VF056 out requires: the template "out" requires the default action drop for egress, and the target has accept.',
    );
    expect(all.match(/VF056/g)).toHaveLength(1);
    expect(rulesOf(preview, "closed")).toMatchObject({ "same/out-ntp": "egress accept udp to port 123" });
});

test("a rule that is forgotten is an error that names it, also where one would be inherited", async () => {
    const preview = await previewOf(`
        const forgotten: any = new pulumi.Config().get("rule");
        const web = new FirewallTemplate("web", { extends: "minimum", rules: { ssh: forgotten } });
        new HostFirewall("host", { connection: { host: "192.0.2.12" }, templates: [web] });
    `);
    expect(preview.errors.join("\n")).toContain(
        "VF024 web/ssh: a rule must be an object or a canonical line, not null.",
    );
});
