import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../../cli/program";
import { documentOf, inputsOf } from "../review/previews";

const folder = mkdtempSync(join(tmpdir(), "vps-firewall-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, "preview.json");
const before = inputsOf({
    ssh: "accept tcp from 198.51.100.0/24 to port 22",
    web: "accept tcp from anywhere to port 80",
});
const after = inputsOf({
    ssh: "accept tcp from anywhere to port 22",
    web: "accept tcp from 198.51.100.0/24 to port 80",
});
writeFileSync(file, documentOf([{ name: "web-1", before, after }]));

async function report(args: readonly string[], isTerminal = false) {
    let [out, err] = ["", ""];
    const output = { out: (text: string) => (out += text), err: (text: string) => (err += text), isTerminal };
    const code = await program(output, ["report", ...args]);
    return { code, out, err };
}

/** The block of docs/report.md that begins with this line. */
function documented(first: string): string {
    const page = readFileSync(join(__dirname, "../../docs/report.md"), "utf8");
    const start = page.indexOf(`${first}\n`);
    return page.slice(start + first.length + 1, page.indexOf("\n```", start) + 1);
}

test("a preview as Markdown and as text, as docs/report.md shows them", async () => {
    const markdown = await report(["--preview", file]);
    expect(markdown).toMatchObject({ code: 0, err: "" });
    expect(markdown.out).toBe(documented("$ pulumi preview --json | npx vps-firewall report"));
    const text = await report(["--preview", file, "--format", "text"]);
    expect(text.out).toBe(documented("$ npx vps-firewall report --stack prod --format text"));
});

test("colours only on a terminal, and not where NO_COLOR says so", async () => {
    const { NO_COLOR } = process.env;
    delete process.env.NO_COLOR;
    try {
        expect((await report(["--preview", file], true)).out).toContain("\u001b[31mwidens tcp 22 (ssh)");
        process.env.NO_COLOR = "1";
        const plain = (await report(["--preview", file], true)).out;
        expect(plain).toContain("  widens tcp 22 (ssh)");
        expect(plain).not.toContain("\u001b");
        expect((await report(["--preview", file, "--format", "text"])).out).not.toContain("\u001b");
    } finally {
        if (NO_COLOR === undefined) delete process.env.NO_COLOR;
        else process.env.NO_COLOR = NO_COLOR;
    }
});

test("JSON with its version, into a file", async () => {
    const target = join(folder, "report.json");
    const told = await report(["--preview", file, "--format", "json", "--output", target, "--fail-on", "management"]);
    expect(told).toEqual({ code: 1, out: "", err: "management: widens tcp 22 to anywhere, by web/ssh\n" });
    const { version, traffic, failed } = JSON.parse(readFileSync(target, "utf8")) as Record<string, unknown>;
    expect([version, failed]).toEqual([1, ["management: widens tcp 22 to anywhere, by web/ssh"]]);
    expect(traffic).toMatchObject([{ kind: "widens", risk: "management", servers: ["web-1"] }, { kind: "narrows" }]);
});

test("what is allowed does not fail", async () => {
    const allowed = await report(["--preview", file, "--fail-on", "opens-to-world", "--allow", "web/ssh=keys only"]);
    expect(allowed).toMatchObject({ code: 0, err: "" });
    expect(allowed.out).toContain("- `widens tcp 22 to anywhere, by web/ssh: keys only` on `web-1`");
});

test.each([
    [["--preview", join(folder, "none")], "ENOENT"],
    [
        ["--preview", file, "--fail-on", "everything"],
        "--fail-on everything is none of opens-to-world, management, errors",
    ],
    [["--preview", file, "--allow", "web/ssh"], "needs a rule or traffic and a reason"],
    [["--preview", file, "--stack", "dev"], "say --preview, or --program and --stack"],
])("%j is wrong usage", async (args, words) => {
    const { code, out, err } = await report(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(words);
});
