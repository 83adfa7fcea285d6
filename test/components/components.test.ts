import type { StepJson } from "../../engine/testing";
import { previewOf } from "./previewOf";

const inputsOf = (step: StepJson) => step.newState?.inputs as Record<string, unknown> | undefined;

test("an address that is not known yet is said so in its own line; everything else is known", async () => {
    const preview = await previewOf(`
        const address = new local.Command("server", { create: "echo 192.0.2.1" }).stdout;
        const office = new AddressSet("office", { entries: ["198.51.100.0/24", "2001:db8:77::/48"] });
        const later = new AddressSet("later", { entries: [address, "192.0.2.7"] });
        const web = new FirewallTemplate("web", {
            sets: [office],
            rules: {
                ssh: { service: "ssh", from: office },
                db: { protocol: "tcp", ports: 5432, from: address },
                mixed: { protocol: "tcp", ports: 8080, from: [address, "192.0.2.9"] },
                later: { protocol: "tcp", ports: 8443, from: later },
                line: "accept tcp from 10.0.0.0/8 to port 9100",
                named: "accept tcp from set office to port 9200",
                whole: pulumi.interpolate\`accept tcp from \${address} to port 9300\`,
            },
        });
        new HostFirewall("known", { connection: { host: "192.0.2.10" }, templates: [web] });
        new HostFirewall("new", { connection: { host: address }, templates: [web] });
    `);
    expect(preview.errors).toEqual([]);
    const known = inputsOf(preview.step("HostRuleset", "known"));
    const rules = known?.["rules"] as Record<string, string>;
    expect(rules).toEqual({
        "web/ssh": expect.stringMatching(/^accept tcp from set office \(2, [0-9a-f]{8}\) to port 22$/),
        "web/db": "accept tcp from (not known yet) to port 5432",
        "web/mixed": "accept tcp from 192.0.2.9, (not known yet) to port 8080",
        "web/later": expect.stringMatching(/^accept tcp from set later \(.*\) to port 8443$/),
        "web/line": "accept tcp from 10.0.0.0/8 to port 9100",
        "web/named": expect.stringMatching(/^accept tcp from set office \(2, [0-9a-f]{8}\) to port 9200$/),
        "web/whole": expect.any(String),
    });
    // The host of the other is what is not known: its rules are the same.
    expect(inputsOf(preview.step("HostRuleset", "new"))?.["rules"]).toEqual(rules);
    // The component of a rule shows the very line that the state of a host has.
    for (const [key, line] of Object.entries(rules).filter(
        ([key]) => key !== "web/db" && !/mixed|later|whole/.test(key),
    ))
        expect(inputsOf(preview.step("FirewallRule", key))?.["rule"]).toBe(line);
    expect(inputsOf(preview.step("AddressSet", "office"))).toEqual({
        entries: { "198.51.100.0/24": true, "2001:db8:77::/48": true },
    });
});

test("a service of the program's own stands beside names; a mistake in one names rule and service", async () => {
    const preview = await previewOf(`
        const panel = defineService({ name: "my-panel", protocol: "tcp", ports: 9443 });
        const web = new FirewallTemplate("web", {
            rules: {
                own: { service: panel },
                beside: { service: ["ssh", panel, pulumi.output("https")] },
                later: { service: pulumi.output(panel) },
            },
        });
        const wrong = new FirewallTemplate("wrong", {
            rules: { ssh: { service: "ssh" }, own: { service: ["ssh", { ...panel, ports: ["0"] }] } },
        });
        new HostFirewall("fine", { connection: { host: "192.0.2.10" }, templates: [web] });
        new HostFirewall("refused", { connection: { host: "192.0.2.11" }, templates: [wrong] });
    `);
    expect(inputsOf(preview.step("FirewallRule", "web/own"))?.["rule"]).toBe("accept tcp from anywhere to port 9443");
    expect(inputsOf(preview.step("HostRuleset", "fine"))?.["rules"]).toEqual({
        "web/own": "accept tcp from anywhere to port 9443",
        "web/beside": "accept tcp from anywhere to port 22, 443, 9443",
        "web/later": "accept tcp from anywhere to port 9443",
    });
    expect(preview.errors.join()).toContain('VF003 wrong/own service: service "my-panel", ports: "0" is not a port.');
});

test("a forgotten value is an error that names rule and field, never anywhere", async () => {
    const preview = await previewOf(`
        const config = new pulumi.Config();
        const forgotten: any = config.get("office");
        const rule = (fields: any) => ({ protocol: "tcp", ...fields });
        const web = new FirewallTemplate("web", {
            rules: {
                a: rule({ from: forgotten }),
                b: rule({ from: "" }),
                c: rule({ from: [] }),
                d: rule({ from: null }),
                e: rule({ from: pulumi.output(forgotten) }),
                f: rule({ from: [forgotten] }),
                g: rule({ from: ["192.0.2.1", ""] }),
                h: rule({ to: forgotten }),
                i: rule({ ports: forgotten }),
                j: rule({ ports: [] }),
                k: rule({ sourcePorts: forgotten }),
                l: { service: forgotten },
                m: { protocol: "icmp", icmpTypes: [] },
                n: rule({ from: Promise.resolve(forgotten) }),
                fine: rule({ from: "192.0.2.1" }),
            },
        });
        new HostFirewall("host", { connection: { host: "192.0.2.10" }, templates: [web], managementSources: [] });
    `);
    expect(preview.ok).toBe(false);
    const all = preview.errors.join("\n");
    const blamed = [..."abcdefgn"].map((rule) => `VF010 web/${rule} from`);
    const others = ["h to", "i ports", "j ports", "k sourcePorts", "l service", "m icmpTypes"].map(
        (where) => `VF010 web/${where}`,
    );
    expect([...blamed, ...others, "VF010 managementSources"].filter((text) => !all.includes(text))).toEqual([]);
    expect(all).not.toContain("web/fine");
});

test("one host is one HostFirewall; behind a jump host it is another, and no secret of either is in the state", async () => {
    const preview = await previewOf(`
        const web = new FirewallTemplate("web", { rules: { ssh: { service: "ssh" } } });
        const proxy = { host: "192.0.2.99", privateKey: "not in the state" };
        new HostFirewall("first", { connection: { host: "192.0.2.10" }, templates: [web] });
        new HostFirewall("other", { connection: { host: "192.0.2.10", port: 2222 }, templates: [web] });
        new HostFirewall("behind", { connection: { host: "192.0.2.10", proxy }, templates: [web] });
        new HostFirewall("second", { connection: { host: "192.0.2.10", port: 22 }, templates: [web] });
    `);
    expect(preview.ok).toBe(false);
    const all = preview.errors.join("\n");
    expect(all).toContain('VF023 target: "first" manages the firewall of "192.0.2.10" too.');
    expect(all.match(/VF023/g)).toHaveLength(1);
    expect(JSON.stringify(preview)).not.toContain("not in the state");
    const behind = inputsOf(preview.step("HostRuleset", "behind"));
    expect(behind?.["target"]).toEqual({ host: "192.0.2.10", proxy: { host: "192.0.2.99" } });
    expect(inputsOf(preview.step("HostRuleset", "other"))?.["target"]).toEqual({ host: "192.0.2.10", port: 2222 });
});

test("a secret stays one in every line made of it", async () => {
    const preview = await previewOf(`
        const partners = new AddressSet("partners", { entries: pulumi.secret(["203.0.113.77"]) });
        const web = new FirewallTemplate("web", {
            rules: {
                ssh: { service: "ssh" },
                db: { protocol: "tcp", ports: 5432, from: pulumi.secret("198.51.100.7") },
                api: { protocol: "tcp", ports: 8443, from: partners },
                line: pulumi.secret("accept tcp from 198.51.100.8 to port 9100"),
                // A list of more than 8 becomes a set of its own.
                list: { protocol: "tcp", ports: 9200, from: pulumi.secret([2, 4, 6, 8, 10, 12, 14, 16, 18].map((i) => \`198.18.0.\${i}\`)) },
            },
        });
        new HostFirewall("host", {
            connection: { host: "192.0.2.10", privateKey: "a key in the program", password: "a password" },
            templates: [web],
        });
    `);
    expect(preview.errors).toEqual([]);
    expect(JSON.stringify(preview) + preview.text).not.toMatch(
        /198\.18\.0|198\.51\.100\.[78]|203\.0\.113\.77|a key in|a password/,
    );
    expect(inputsOf(preview.step("HostRuleset", "host"))).toMatchObject({
        rules: "[secret]",
        exposure: "[secret]",
        sets: "[secret]",
    });
    expect(inputsOf(preview.step("FirewallRule", "web/db"))).toEqual({ rule: "[secret]" });
});

test("without a secret nothing is marked as one", async () => {
    const preview = await previewOf(`
        const web = new FirewallTemplate("web", { rules: { ssh: { service: "ssh", description: "for us" } } });
        new HostFirewall("host", { connection: { host: "192.0.2.10" }, templates: [web] });
    `);
    expect(preview.errors).toEqual([]);
    expect(JSON.stringify(preview.steps)).not.toContain("[secret]");
    expect(inputsOf(preview.step("FirewallRule", "web/ssh"))).toEqual({
        rule: "accept tcp from anywhere to port 22",
        description: "for us",
    });
});
