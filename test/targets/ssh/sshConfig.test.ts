import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import type { Place, Target } from "../../../targets/ssh";
import { FirewallError } from "../../../core/model/diagnostics";
import { lookUpHostKeys, resolveEndpoint } from "../../../targets/ssh";
import { parseConfigLines } from "../../../targets/ssh/sshConfigLines";

const home = mkdtempSync(join(tmpdir(), "vpsfw-config-"));
const file = join(home, ".ssh", "config");

beforeAll(() => mkdirSync(join(home, ".ssh", "config.d"), { recursive: true }));
afterAll(() => rmSync(home, { recursive: true }));

function resolve(config: string, target: Target, env: NodeJS.ProcessEnv = {}) {
    writeFileSync(file, config);
    return resolveEndpoint(target, { home, env }, { hostKeyChecking: target.hostKeyChecking });
}

function refusal(config: string, host = "web"): FirewallError {
    try {
        resolve(config, { host });
    } catch (error) {
        if (error instanceof FirewallError) return error;
        throw error;
    }
    throw new Error("not refused");
}

describe("ssh_config", () => {
    test("defaults where there is none", () => {
        expect(resolveEndpoint({ host: "192.0.2.10" }, { home: "/nonexistent", env: {} })).toMatchObject({
            host: "192.0.2.10",
            port: 22,
            user: "root",
            label: "192.0.2.10",
            hostKeyChecking: "strict",
            dialErrorLimit: 10,
            perDialTimeout: 15,
            identityFiles: [],
        });
    });

    const full = `
# servers
Host web db-?? !db-99
    HostName %h.example.net
    Port=2222
    User "deploy"
    IdentityFile ~/.ssh/%h-%r-%p   # a comment
    IdentityFile "\${KEYS}/with space"
    UserKnownHostsFile ~/.ssh/a /dev/null
    IdentitiesOnly yes
    IdentityAgent ~/agent.sock
    ConnectTimeout 7
    StrictHostKeyChecking accept-new
    Port 3333
Host *
    User nobody
    ServerAliveInterval 30
    UserKnownHostsFile ~/.ssh/never
    IdentityFile ~/.ssh/all
`;

    test("every followed keyword; the first value wins, IdentityFiles add up", () => {
        expect(resolve(full, { host: "web" }, { KEYS: "/keys" })).toMatchObject({
            host: "web.example.net",
            port: 2222,
            user: "deploy",
            label: "web.example.net port 2222",
            identityFiles: [`${home}/.ssh/web.example.net-deploy-2222`, "/keys/with space", `${home}/.ssh/all`],
            identitiesOnly: true,
            agentSocket: `${home}/agent.sock`,
            perDialTimeout: 7,
            hostKeyChecking: "accept-new",
        });
        expect(resolve(full, { host: "web" }).knownHostsFiles.slice(0, 3)).toEqual([
            `${home}/.ssh/a`,
            "/dev/null",
            "/etc/ssh/ssh_known_hosts",
        ]);
    });

    test("patterns and negation", () => {
        expect(resolve(full, { host: "db-01" }).host).toBe("db-01.example.net");
        for (const host of ["db-99", "db-1", "other"])
            expect(resolve(full, { host })).toMatchObject({ host, user: "nobody" });
    });

    test("fields of the target win", () => {
        const target = { host: "web", port: 22, user: "root", perDialTimeout: 3, hostKeyChecking: "strict" } as const;
        expect(resolve(full, target)).toMatchObject({ ...target, host: "web.example.net" });
    });

    test("Match all, host and originalhost; another criterion only where these rule it out", () => {
        const config =
            "Host web\n HostName w.example\nMatch originalhost web host *.example\n User matched\nMatch all\n Port 9\n";
        expect(resolve(config, { host: "web" })).toMatchObject({ user: "matched", port: 9 });
        expect(resolve(config, { host: "db" })).toMatchObject({ user: "root", port: 9 });
        expect(resolve('Match host db exec "true"\n User x\nMatch !host web\n User y\n', { host: "web" }).user).toBe(
            "root",
        );
        expect(refusal('Match host web exec "true"\n User x\n').message).toContain("Match exec");
    });

    test("Include, relative, with a pattern, inside a Host", () => {
        writeFileSync(join(home, ".ssh", "config.d", "10-a.conf"), "User first\n");
        writeFileSync(join(home, ".ssh", "config.d", "20-b.conf"), "User second\nHost db\n  Port 7\n");
        const config = "Host web db\n  Include config.d/*.conf\n";
        expect(resolve(config, { host: "web" })).toMatchObject({ user: "first", port: 22 });
        expect(resolve(config, { host: "db" })).toMatchObject({ user: "first", port: 7 });
        expect(resolve(config, { host: "other" })).toMatchObject({ user: "root" });
        expect(resolve("Include ~/nothing/there\n", { host: "web" }).user).toBe("root");
        expect(refusal("Include ~/.ssh/config\n").code).toBe("VF148");
    });

    test.each([
        "ProxyCommand nc %h %p",
        "ProxyJump user@",
        "ProxyJump bastion:ssh",
        "CertificateFile ~/x",
        "HostKeyAlias other",
        "PKCS11Provider /x.so",
        "AddressFamily inet6",
        "Ciphers aes128-ctr",
        "NoSuchKeyword yes",
        "HostName %k",
        "Port",
        'User "open',
    ])("%s is refused by keyword, file and line, for the hosts it applies to", (line) => {
        const error = refusal(`Host web\n  ${line}\n`);
        expect(error.code).toBe("VF148");
        expect(error.message).toContain(`${file} line 2`);
        expect(error.message.toLowerCase()).toContain(line.split(/[ =]/)[0]?.toLowerCase());
        expect(resolve(`Host db\n  ${line}\n`, { host: "web" }).host).toBe("web");
    });

    test("values that decide nothing, harmless keywords and IgnoreUnknown are let through", () => {
        const config =
            "IgnoreUnknown Fancy*\nFancyThing x\nProxyCommand none\nAddressFamily any\nForwardAgent yes\nControlPath ~/%C\n";
        expect(resolve(config, { host: "web" }).host).toBe("web");
        expect(refusal("IgnoreUnknown *\nProxyCommand nc\n").code).toBe("VF148");
    });

    test("a known_hosts or Include that is there and can't be read is an error, not nothing", () => {
        writeFileSync(file, `UserKnownHostsFile ${home}/.ssh\n`);
        expect(() => lookUpHostKeys({ host: "web" }, { home, env: {} })).toThrow(/VF154 .*EISDIR/);
    });

    test("a port that is none is named", () => {
        expect(refusal("Port 70000\n")).toMatchObject({
            code: "VF154",
            message: expect.stringContaining("line 1") as string,
        });
    });

    test("agrees with ssh -G about user, port, name and keys", () => {
        const word = fc.constantFrom("web", "db", "web1", "x");
        const patterns = fc.array(fc.constantFrom("web", "web*", "d?", "!web1", "!x", "*"), {
            minLength: 1,
            maxLength: 3,
        });
        const setting = fc.oneof(
            fc.integer({ min: 1, max: 9999 }).map((port) => `Port ${port}`),
            word.map((user) => `User ${user}`),
            word.map((user) => `user = "${user}"`),
            word.map((host) => `HostName ${host}.example`),
            word.map((name) => `IdentityFile /keys/${name}-%r`),
            fc.constant("Compression yes # fast"),
            fc.constantFrom("none", "bastion", "me@one:2222,[2001:db8::1]", "a,b").map((jump) => `ProxyJump ${jump}`),
            fc.constant("ProxyCommand none"),
        );
        const section = fc
            .tuple(patterns, fc.array(setting, { maxLength: 4 }))
            .map(([names, lines]) => [`Host ${names.join(" ")}`, ...lines].join("\n\t"));
        fc.assert(
            fc.property(
                fc.array(setting, { maxLength: 2 }),
                fc.array(section, { maxLength: 4 }),
                word,
                (top, sections, host) => {
                    const text = [...top, ...sections, "Host *", " User last"].join("\n");
                    const ours = resolve(text, { host });
                    const said = execFileSync("ssh", ["-G", "-F", file, host], {
                        encoding: "utf8",
                        stdio: ["ignore", "pipe", "ignore"],
                    }).split("\n");
                    const theirs = (keyword: string) =>
                        said
                            .filter((line) => line.startsWith(`${keyword} `))
                            .map((line) => line.slice(keyword.length + 1));
                    expect([ours.host, String(ours.port), ours.user]).toEqual(
                        ["hostname", "port", "user"].map((keyword) => theirs(keyword)[0]),
                    );
                    expect(ours.jumps.map(inWords).join(",") || "none").toBe(theirs("proxyjump")[0] ?? "none");
                    // ssh lists its default files where none is configured, and each file once.
                    const files = theirs("identityfile").filter((name) => name.startsWith("/keys/"));
                    expect([...new Set(ours.identityFiles)]).toEqual(
                        files.map((name) => name.replace("%r", ours.user)),
                    );
                },
            ),
            { numRuns: 60 },
        );
    });

    test("ProxyCommand is refused, unless a ProxyJump before it decides already", () => {
        expect(refusal("ProxyCommand nc %h\nProxyJump x\n").message).toContain("ProxyCommand");
        expect(resolve("ProxyJump me@[2001:db8::1]:2222\nProxyCommand nc %h\n", { host: "web" }).jumps).toEqual([
            { user: "me", host: "2001:db8::1", port: 2222 },
        ]);
        expect(resolve("ProxyJump ssh://%r@%n-bastion\nUser x\n", { host: "web" }).jumps).toEqual([
            { user: "x", host: "web-bastion" },
        ]);
    });

    test("any text at all is split without failing", () => {
        fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseConfigLines(text)));
    });
});

/** A jump host as ssh -G writes it. */
function inWords({ user, host, port }: Place): string {
    const name = host.includes(":") ? `[${host}]` : host;
    return `${user === undefined ? "" : `${user}@`}${name}${port === undefined ? "" : `:${port}`}`;
}
