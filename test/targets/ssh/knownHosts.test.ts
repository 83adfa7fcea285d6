import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { lookUpHostKeys, preferredHostKey } from "../../../targets/ssh";
import { fingerprint, formatHostKey, hostKeyAlgorithms, hostKeyOf, parseHostKey } from "../../../targets/ssh/hostKeys";
import { isAbout, knownHostName, parseKnownHosts } from "../../../targets/ssh/knownHosts";
import { matchesPattern, matchesPatterns } from "../../../targets/ssh/patterns";
import { makeKey } from "./sshServer";

const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/);
const port = fc.integer({ min: 1, max: 65535 });
const anyKey = fc
    .tuple(
        fc.constantFrom("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"),
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
    )
    .map(([type, rest]) => {
        const head = Buffer.alloc(4);
        head.writeUInt32BE(type.length);
        return Buffer.concat([head, Buffer.from(type), rest]);
    });

/** The key in a blob that `anyKey` made. */
function keyIn(blob: Buffer) {
    const key = hostKeyOf(blob);
    if (!key) throw new Error("not a key");
    return key;
}

describe("a host key", () => {
    test("as a line and back", () => {
        fc.assert(
            fc.property(anyKey, fc.stringMatching(/^[ -~]{0,10}$/), (blob, comment) => {
                const key = keyIn(blob);
                expect(parseHostKey(`  ${formatHostKey(key)} ${comment}\r`)).toEqual(key);
            }),
        );
    });

    test("nothing else is one, whatever it holds", () => {
        fc.assert(fc.property(fc.uint8Array(), (bytes) => void hostKeyOf(Buffer.from(bytes))));
        fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => parseHostKey(text) === undefined));
        const [, base64] = formatHostKey(keyIn(Buffer.from("0000000b7373682d6564323535313941", "hex"))).split(" ");
        expect(parseHostKey(`ssh-rsa ${base64}`)).toBeUndefined();
    });

    test("of the known types is asked for first, SHA-1 signatures never", () => {
        const rsa = { type: "ssh-rsa", base64: "" };
        expect(hostKeyAlgorithms([rsa]).slice(0, 3)).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
        expect(hostKeyAlgorithms([])).toHaveLength(6);
        expect(hostKeyAlgorithms([rsa])).not.toContain("ssh-rsa");
    });

    test("to hand to @pulumi/command: RSA only where there is nothing else", () => {
        const line = (type: string) => {
            const head = Buffer.alloc(4);
            head.writeUInt32BE(type.length);
            return formatHostKey(keyIn(Buffer.concat([head, Buffer.from(type), Buffer.from("key")])));
        };
        const [rsa, ecdsa, ed25519] = ["ssh-rsa", "ecdsa-sha2-nistp384", "ssh-ed25519"].map(line) as [
            string,
            string,
            string,
        ];
        fc.assert(
            fc.property(fc.shuffledSubarray([rsa, ecdsa, ed25519, "garbage", line("ssh-dss")]), (lines) => {
                const best = [ed25519, ecdsa, rsa].find((candidate) => lines.includes(candidate));
                expect(preferredHostKey(lines)).toBe(best);
            }),
        );
    });
});

describe("patterns", () => {
    test("mean what the regular expression means", () => {
        const pattern = fc.stringMatching(/^[ab*?]{0,8}$/);
        fc.assert(
            fc.property(pattern, fc.stringMatching(/^[ab]{0,8}$/), (glob, text) => {
                const expression = new RegExp(`^${glob.replace(/\*/g, ".*").replace(/\?/g, ".")}$`);
                expect(matchesPattern(glob, text)).toBe(expression.test(text));
            }),
            { numRuns: 2000 },
        );
    });

    test("a negation that matches wins wherever it stands", () => {
        expect(matchesPatterns(["*.example", "!db.example"], "db.example")).toBe(false);
        expect(matchesPatterns(["!db.example", "*.example"], "web.example")).toBe(true);
        expect(matchesPatterns(["!db.example"], "web.example")).toBe(false);
        expect(matchesPatterns([], "web.example")).toBe(false);
    });

    test("take no exponential time", () => {
        const started = performance.now();
        expect(matchesPattern("*a".repeat(30), "a".repeat(60) + "b")).toBe(false);
        expect(performance.now() - started).toBeLessThan(200);
    });
});

describe("known_hosts", () => {
    test("any list of names, any port: the entry is about these and no others", () => {
        fc.assert(
            fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 5 }), port, anyKey, (names, number, blob) => {
                const [stranger = "", ...known] = names;
                const hosts = known.map((host) => knownHostName(host, number)).join(",");
                const [entry] = parseKnownHosts(`# comment\n\n${hosts} ${formatHostKey(keyIn(blob))} c\n`, "file");
                if (!entry) throw new Error("no entry");
                expect(entry).toMatchObject({ marker: "none", line: 3, key: keyIn(blob) });
                for (const host of known) expect(isAbout(entry, knownHostName(host, number))).toBe(true);
                expect(isAbout(entry, knownHostName(stranger, number))).toBe(false);
                expect(isAbout(entry, knownHostName(known[0] ?? "", (number % 65535) + 1))).toBe(false);
            }),
        );
    });

    test("any text at all is read without failing", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (text) => {
                for (const entry of parseKnownHosts(text, "file")) isAbout(entry, "host");
            }),
        );
        const odd = "host\n@revoked\n@unknown * ssh-ed25519 AAAA\nhost ssh-ed25519\n|1| x\n|1|a|b ssh-ed25519 AAAA\n";
        expect(parseKnownHosts(odd, "file")).toEqual([]);
    });

    describe("files that ssh-keygen made", () => {
        const home = mkdtempSync(join(tmpdir(), "vpsfw-known-"));
        const file = join(home, ".ssh", "known_hosts");
        const lookup = { home, env: {} };
        let keys: string[];
        beforeAll(() => {
            mkdirSync(join(home, ".ssh"));
            keys = ["ed25519", "rsa"].map((type) => {
                makeKey(join(home, type), type);
                return readFileSync(join(home, `${type}.pub`), "utf8")
                    .split(" ")
                    .slice(0, 2)
                    .join(" ");
            });
        });
        afterAll(() => rmSync(home, { recursive: true }));

        test("fingerprints are the ones it prints", () => {
            for (const [index, type] of ["ed25519", "rsa"].entries()) {
                const listed = execFileSync("ssh-keygen", ["-l", "-f", join(home, `${type}.pub`)], {
                    encoding: "utf8",
                });
                const key = parseHostKey(keys[index] ?? "");
                expect(key && fingerprint(key)).toBe(listed.split(" ")[1]);
            }
        });

        test("hashed entries are found by name and port, and by nothing else", () => {
            const [ed25519, rsa] = keys;
            const lines = [
                `web.example ${ed25519}`,
                `[web.example]:2222 ${rsa}`,
                `2001:db8::1 ${rsa}`,
                `web.example ${rsa}`,
            ];
            writeFileSync(file, `${lines.join("\n")}\n`);
            const look = (host: string, number: number) => lookUpHostKeys({ host, port: number }, lookup);
            for (const hashed of [false, true]) {
                if (hashed) execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
                expect(readFileSync(file, "utf8").includes("web.example")).toBe(!hashed);
                expect(look("web.example", 22)).toEqual([ed25519, rsa]);
                expect(look("WEB.example", 22)).toEqual([ed25519, rsa]);
                expect(look("web.example", 2222)).toEqual([rsa]);
                expect(look("2001:db8::1", 22)).toEqual([rsa]);
                expect(look("web.example", 2223)).toEqual([]);
                expect(look("db.example", 22)).toEqual([]);
            }
        });

        test("a revoked key and an authority's are not handed out", () => {
            const [ed25519, rsa] = keys;
            writeFileSync(file, `h ${ed25519}\nh ${rsa}\n@revoked * ${rsa}\n@cert-authority h ${rsa}\n`);
            expect(lookUpHostKeys({ host: "h" }, lookup)).toEqual([ed25519]);
        });
    });
});
