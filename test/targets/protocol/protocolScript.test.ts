import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { readAnswer, valueOf } from "../../../targets/ssh/protocolAnswer";
import { shellQuote, stepScript, type StepName } from "../../../targets/ssh/protocolScript";
import { defaultTiming } from "../../../targets/ssh/protocolStep";
import { readListeners } from "../../../targets/ssh/readListeners";
import { rootShell } from "../../../targets/ssh/rootShell";

const shells: readonly (readonly string[])[] = [["dash"], ["bash", "--posix"], ["busybox", "ash"]];
const hostile = [
    "$(touch /tmp/vpsfw-injected)",
    "`touch /tmp/vpsfw-injected`",
    "'; touch /tmp/vpsfw-injected; '",
    '"$HOME" \\n \\\\ \\',
    "EOF\nEND\n}\nexit 7",
    "%s %n -e -n",
    "\u00e4\u00f6\u00fc \u2603 \u{1f525} \u0081\u0088",
    "",
    "\t tabs \r\n and spaces  ",
];
/** What a payload may be: any text without NUL, which no ruleset file may hold. */
const anyText = fc
    .oneof(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.constantFrom(...hostile),
        fc.array(fc.constantFrom(...hostile)).map((parts) => parts.join("\n")),
    )
    .map((text) => text.replaceAll("\0", ""));

function arm(text: string, marker = "m"): string {
    return stepScript(
        {
            name: "arm",
            filter: { backend: "nftables" },
            timing: defaultTiming,
            variables: {
                apply_id: "0123456789abcdef",
                confirm_seconds: 60,
                expected_print: text,
                expected_confirmed: "",
            },
            payloads: { forward: text, boot: text, manifest: text, back: text },
        },
        marker,
    );
}

describe.each(shells)("a script read by %s", (...shell) => {
    const [program = "sh", ...options] = shell;
    const run = (script: string) =>
        spawnSync(program, [...options, "-s", "--", "a b"], { input: script, encoding: "utf8", timeout: 10_000 });

    test("payloads and variables arrive exactly as they are", () => {
        fc.assert(
            fc.property(anyText, (text) => {
                // The step itself is replaced: this shows what it would have been given.
                const script = arm(text).replace(
                    /\nstep_arm\n\} <\/dev\/null\n$/,
                    () => `\npayload_forward\nprintf '<%s>' "$expected_print" "$ssh_connection"\n} </dev/null\n`,
                );
                const { stdout, stderr } = run(script);
                const lines = text === "" || text.endsWith("\n") ? text : `${text}\n`;
                expect({ stdout, stderr }).toEqual({ stdout: `${lines}<${text}><a b>`, stderr: "" });
            }),
            { numRuns: 60 },
        );
        expect(existsSync("/tmp/vpsfw-injected")).toBe(false);
    });

    test("a script that was cut does nothing at all", () => {
        const script = `${arm("x\n").replaceAll("step_arm\n}", "echo ran\n}")}`;
        expect(run(script).stdout).toBe("ran\n");
        // Up to the closing brace; after it, everything has arrived.
        const whole = script.lastIndexOf("}");
        fc.assert(
            fc.property(fc.integer({ min: 0, max: whole }), (length) => {
                expect(run(script.slice(0, length)).stdout).toBe("");
            }),
            { numRuns: 40 },
        );
    });

    test("any word is quoted", () => {
        fc.assert(
            fc.property(anyText, (text) => {
                expect(run(`printf '%s' ${shellQuote(text)}`).stdout).toBe(text);
            }),
            { numRuns: 60 },
        );
    });
});

test.each([false, true])("the command means the same to login shells that are no POSIX shells", (withPassword) => {
    // What it may hold besides one single-quoted word, for csh and fish to read it like sh does: in that word csh takes
    // `!` for history, and fish a backslash only before a quote of the same kind or another backslash.
    const [before, quoted, after] = rootShell("0123456789abcdef", withPassword).command.split("'");
    expect([before, after]).toEqual(["exec sh -c ", ""]);
    expect(quoted).not.toMatch(/!|\\\\|\n/);
});

test("a text with NUL is refused: no shell could pass it on", () => {
    expect(() => arm("a\0b")).toThrow("NUL");
});

const shellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
(shellcheck ? test : test.skip)("shellcheck has nothing to say about the parts", () => {
    const folder = join(__dirname, "../../../targets/ssh/host");
    const parts = readdirSync(folder).filter((name) => name.endsWith(".sh"));
    const { stdout } = spawnSync("shellcheck", ["-s", "sh", ...parts], { cwd: folder, encoding: "utf8" });
    expect(parts.length).toBeGreaterThan(8);
    expect(stdout).toBe("");
});

test.each<StepName>(["list", "backups", "backup", "probe", "arm", "confirm", "withdraw", "remove"])(
    "the step %s is a whole script",
    (name) => {
        const script = stepScript({ name, filter: {}, timing: defaultTiming, payloads: {} }, "m");
        for (const [program = "sh", ...options] of shells)
            expect(spawnSync(program, [...options, "-n"], { input: script, encoding: "utf8" }).stderr).toBe("");
    },
);

describe("an answer", () => {
    const marker = "0123456789abcdef";

    test("is found between banners, with values and sections", () => {
        const answer = readAnswer(
            `Welcome!\n${marker} nft 1.0.6\n${marker} table ip filter\n${marker} table ip6 nat\nnoise\n` +
                `${marker} begin listing\n{"a": 1}\n\n${marker} end listing\n${marker} finished\nbye\n`,
            marker,
        );
        expect(valueOf(answer, "nft")).toBe("1.0.6");
        expect(answer.values.get("table")).toEqual(["ip filter", "ip6 nat"]);
        expect(answer.sections.get("listing")).toBe('{"a": 1}\n');
        expect(answer.finished).toBe(true);
    });

    test("gives back any section between any noise, and is not finished when it was cut", () => {
        const noise = anyText.filter((text) => !text.includes(marker));
        fc.assert(
            fc.property(noise, noise, noise, noise, (banner, first, second, tail) => {
                const section = (name: string, text: string) =>
                    `${marker} begin ${name}\n${text}\n${marker} end ${name}\n`;
                const output =
                    `${banner}\n${section("one", first)}${marker} key some words\n` +
                    `${section("two", second)}${marker} finished\n${tail}`;
                const answer = readAnswer(output, marker);
                expect(answer.sections.get("one")).toBe(first);
                expect(answer.sections.get("two")).toBe(second);
                expect(valueOf(answer, "key")).toBe("some words");
                expect(answer.finished).toBe(true);
                const cut = output.slice(0, output.lastIndexOf(`${marker} finished`) + 5);
                expect(readAnswer(cut, marker).finished).toBe(false);
            }),
        );
    });
});

test("listeners are read from what ss prints", () => {
    const text = `udp   UNCONN 0      0      127.0.0.53%lo:53        0.0.0.0:*    users:(("systemd-resolve",pid=600,fd=13))
tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*    users:(("sshd",pid=700,fd=3))
tcp   LISTEN 0      511             [::]:80           [::]:*    users:(("nginx",pid=1,fd=7),("nginx",pid=2,fd=7))
tcp   LISTEN 0      244                *:5432            *:*
`;
    expect(readListeners(text)).toEqual([
        { protocol: "udp", address: "127.0.0.53%lo", port: 53, process: "systemd-resolve" },
        { protocol: "tcp", address: "0.0.0.0", port: 22, process: "sshd" },
        { protocol: "tcp", address: "::", port: 80, process: "nginx" },
        { protocol: "tcp", address: "*", port: 5432, process: undefined },
    ]);
});
