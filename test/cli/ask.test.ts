import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../../cli/program";
import { checkHost } from "../../provider/checkHost";

const folder = mkdtempSync(join(tmpdir(), "vps-firewall-ask-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TYPE = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";

function resource(name: string, rules: Record<string, Record<string, unknown>>, more: object = {}) {
    const templates = Object.entries(rules).map(([template, each]) => ({ name: template, rules: each }));
    const { inputs } = checkHost({ target: { host: name }, owner: "a/b/c", templates });
    return { urn: `urn:pulumi:prod::web::${TYPE}::${name}`, type: TYPE, inputs: { ...inputs, ...more } };
}

const web = resource("web-1", {
    block: { scanners: "drop any from 203.0.113.0/28" },
    web: { https: "accept tcp from anywhere to port 443", ssh: "accept tcp from 198.51.100.0/24 to port 22" },
});

function file(name: string, document: unknown): string {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(document));
    return path;
}

const state = file("state.json", { version: 3, deployment: { resources: [{ type: "other" }, web] } });

async function run(...args: string[]) {
    let [out, err] = ["", ""];
    const code = await program({ out: (text) => (out += text), err: (text) => (err += text) }, args);
    return { code, out, err };
}

const asked = (words: string, ...more: string[]) => run("ask", "--state", state, ...more, ...words.split(" "));

test("EA-5: accepted: the rule, and the way through the templates", async () => {
    expect(await asked("tcp from 192.0.2.7 to 443")).toEqual({
        code: 0,
        err: "",
        out: [
            "accepted: in tcp 192.0.2.7 -> 192.0.2.10 port 443 at web-1, by web/https",
            "  base: no rule matches",
            "  block: no rule matches",
            "  web: web/https",
            "This is the host's answer: a filter in the hoster's network is not asked.",
            "",
        ].join("\n"),
    });
});

test.each([
    ["tcp from 203.0.113.5 to 443", 1, "dropped", "block/scanners"],
    ["tcp to 443", 1, "dropped", "block/scanners"],
    ["tcp from 203.0.113.99 to 443", 0, "accepted", "web/https"],
    ["tcp from 203.0.113.99 to 22", 1, "dropped", "default action"],
    ["tcp from 198.51.100.7 port 25 to 192.0.2.10 port 22", 0, "accepted", "web/ssh"],
    ["icmp echo-request from 192.0.2.7", 1, "dropped", "default action"],
    ["icmpv6 nd-neighbor-solicit from 2001:db8::1", 0, "accepted", "neighbour discovery"],
    ["udp from 192.0.2.1 port 67 to port 68", 0, "accepted", "dhcp client"],
    ["egress udp to 9.9.9.9 port 53", 0, "accepted", "default action"],
    ["egress tcp to port 25", 0, "accepted", "default action"],
])("%s: exit code %d, %s by %s", async (words, code, verdict, by) => {
    const { out, code: exit } = await asked(words);
    expect(out.split("\n")[0]).toMatch(new RegExp(`^${verdict}: .* by ${by}$`));
    expect(exit).toBe(code);
});

test.each([
    ["tcp from 192.0.2.7 to 22 in wg0", "accepted", "by vpn/admins"],
    ["tcp from 192.0.2.7 to port 22 in wg7", "accepted", "by vpn/admins"],
    ["tcp from 192.0.2.7 to 22 in eth0", "dropped", "by default action"],
    ["tcp from 192.0.2.7 to 22", "dropped", "by default action"],
    ["egress tcp to port 25 out eth0", "dropped", "by vpn/no-mail"],
    ["egress tcp to port 25 out wg0", "accepted", "by default action"],
])("by an interface: %s", async (words, verdict, by) => {
    const vpn = resource("vpn-1", {
        vpn: {
            admins: "accept tcp from anywhere to port 22 in wg*",
            "no-mail": "egress drop tcp to anywhere port 25 out eth0",
        },
    });
    const path = file("vpn.json", { version: 3, deployment: { resources: [vpn] } });
    const { out } = await run("ask", "--state", path, ...words.split(" "));
    expect(out.split("\n")[0]).toMatch(new RegExp(`^${verdict}: .*${by}$`));
});

test("one template alone, and as JSON", async () => {
    const { out, code } = await asked("tcp from 203.0.113.5 to 443", "--template", "web", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
        server: "web-1",
        packet: "in tcp 203.0.113.5 -> 192.0.2.10 port 443",
        verdict: "accept",
        by: "web/https",
        path: [{ place: "base" }, { place: "web", decides: "web/https" }],
    });
});

test("a preview", async () => {
    const steps = [
        { op: "create", newState: web },
        { op: "delete", newState: undefined },
    ];
    const { code } = await run(
        "ask",
        "--preview",
        file("preview.json", { steps }),
        "tcp",
        "from",
        "192.0.2.7",
        "to",
        "443",
    );
    expect(code).toBe(0);
});

test("what can't be told", async () => {
    const maybe = resource("web-2", { web: { ssh: "accept tcp from (not known yet) to port 22" } });
    const both = file("both.json", { deployment: { resources: [web, maybe] } });
    const of = async (...args: string[]) => run("ask", "--state", both, ...args, "tcp", "to", "22");
    expect(await of()).toMatchObject({ code: 2, err: "say which --server is asked: web-1, web-2\n" });
    expect(await of("--server", "web-3")).toMatchObject({
        code: 2,
        err: "there is no web-3; there are: web-1, web-2\n",
    });
    expect(await of("--server", "web-2")).toMatchObject({
        code: 2,
        out: expect.stringMatching(/^not known: .* by web\/ssh is not known yet\n/),
    });
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
    const hidden = { ...web, inputs: { ...web.inputs, rules: secret } };
    const encrypted = await run(
        "ask",
        "--state",
        file("secret.json", { deployment: { resources: [hidden] } }),
        "tcp",
        "to",
        "22",
    );
    expect(encrypted).toMatchObject({
        code: 2,
        err: expect.stringContaining("rules of web-1 is encrypted: use pulumi stack export --show-secrets"),
    });
    const plain = { ...secret, ciphertext: undefined, plaintext: JSON.stringify(web.inputs.rules) };
    const shown = { ...web, inputs: { ...web.inputs, rules: plain } };
    expect(
        (
            await run(
                "ask",
                "--state",
                file("shown.json", { deployment: { resources: [shown] } }),
                "tcp",
                "from",
                "192.0.2.7",
                "to",
                "443",
            )
        ).code,
    ).toBe(0);
});

test("wrong usage", async () => {
    expect((await run("ask", "tcp", "to", "22")).err).toBe("say one of --state, --preview, --program and --host\n");
    expect((await asked("tpc to 22")).err).toContain("VF");
    expect((await run("ask", "--nonsense")).code).toBe(2);
    expect((await run("unknown")).code).toBe(2);
    expect((await run()).code).toBe(2);
    const { code, out } = await run("ask", "--help");
    expect(code).toBe(0);
    expect(out).toContain("Exit codes: 0 accepted, 1 dropped or rejected, 2");
});

test("a program without a command pulumi", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = folder;
    try {
        expect(await run("ask", "--program", folder, "tcp", "to", "22")).toEqual({
            code: 2,
            out: "",
            err: "there is no command pulumi on the PATH: install it, or use --preview\n",
        });
    } finally {
        process.env["PATH"] = path;
    }
});
