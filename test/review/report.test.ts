import fc from "fast-check";
import { findings } from "../../core/analysis/findings/findings";
import { policyOf, type StoredPolicy } from "../../core/model/storedPolicy";
import { failuresOf, readAllowed } from "../../review/failOn";
import { code, LONGEST, markdownOf } from "../../review/markdown";
import { plainTextOf } from "../../review/plainText";
import { readPreview } from "../../review/previewDocument";
import { reportOf } from "../../review/report";
import { documentOf, eventsOf, inputsOf, type PreviewedServer } from "./previews";

const scanners = "drop any from 203.0.113.0/24";
const before = inputsOf({
    ssh: "accept tcp from anywhere to port 22",
    scanners,
    legacy: "accept tcp from 203.0.113.0/25 to port 8080",
});
const after = inputsOf({
    ssh: "accept tcp from 198.51.100.0/24, 2001:db8:77::/48 to port 22",
    scanners,
    legacy: "accept tcp from 203.0.113.0/25 to port 8080",
    https: "accept tcp from anywhere to port 443",
});
const two: PreviewedServer[] = ["192.0.2.10", "192.0.2.11"].map((name) => ({ name, before, after }));
const report = (text: string) => reportOf(readPreview(text));
const of = (servers: readonly PreviewedServer[]) => report(documentOf(servers));

test("the walk-through: what opens and narrows, on which servers, by which rules", () => {
    expect(markdownOf(of(two))).toBe(
        [
            "**Firewall: 2 servers change. Opens 1, closes 0, narrows 1.**",
            "",
            "| | traffic | before | after | servers | rule |",
            "|---|---|---|---|---|---|",
            "| opens | `tcp 443` (https) | `nobody` | `anywhere except 203.0.113.0/24` | `192.0.2.10`, `192.0.2.11` | `web/https` |",
            "| narrows | `tcp 22` (ssh) | `anywhere except 203.0.113.0/24` | `198.51.100.0/24, 2001:db8:77::/48` | `192.0.2.10`, `192.0.2.11` | `web/ssh` |",
            "",
            "Fixed findings:",
            "",
            "- `VF222 web/ssh opens SSH to the world: ssh (tcp 22), for example tcp 198.51.100.9 -> port 22. If you know from where you log in, say so (from); else allow keys only.` on `192.0.2.10`, `192.0.2.11`",
            "",
            "<details><summary>Rules</summary>",
            "",
            "- + `web/https`: `accept tcp from anywhere to port 443` on `192.0.2.10`, `192.0.2.11`",
            "- ~ `web/ssh`: `accept tcp from anywhere to port 22` => `accept tcp from 198.51.100.0/24, 2001:db8:77::/48 to port 22` on `192.0.2.10`, `192.0.2.11`",
            "",
            "</details>",
            "",
        ].join("\n"),
    );
});

test("one document and a stream of events say the same", () => {
    const messages = [{ severity: "warning", message: "VF214 web/legacy never decides a packet" }];
    const servers = [...two, { name: "new", after }, { name: "gone", before }];
    expect(report(eventsOf(servers, messages))).toEqual(report(documentOf(servers, messages)));
    expect(report(eventsOf(two.slice(0, 1))).counts.servers).toBe(1);
});

test("rules that are split, renamed or moved open and close nothing", () => {
    const one = inputsOf({ web: "accept tcp from anywhere to port 80, 443" });
    const split = inputsOf({
        http: "accept tcp from anywhere to port 80",
        tls: "accept tcp from anywhere to port 443",
    });
    const found = of([{ name: "web-1", before: one, after: split }]);
    expect(found.traffic).toEqual([]);
    expect(found.headline).toBe("1 server changes. Opens 0, closes 0, narrows 0.");
    expect(found.rules.map(({ key }) => key)).toEqual(["web/http", "web/tls", "web/web"]);
});

test("all kinds, the most dangerous first", () => {
    const was = inputsOf({
        web: "accept tcp from anywhere to port 80",
        db: "accept tcp from 10.0.0.0/8 to port 5432",
        old: "accept tcp from anywhere to port 8080",
        some: "accept udp from 10.0.0.0/24 to port 123",
    });
    const is = inputsOf({
        web: "accept tcp from 198.51.100.0/24 to port 80",
        db: "accept tcp from anywhere to port 5432",
        ssh: "accept tcp from anywhere to port 22",
        some: "accept udp from 10.0.1.0/24 to port 123",
        game: "accept udp from anywhere to port 27015",
    });
    const rows = of([{ name: "web-1", before: was, after: is }]).traffic;
    expect(rows.map(({ risk, kind, what, service }) => [risk, kind, what, service].join(" "))).toEqual(
        [
            "management opens tcp 22 ssh",
            "private widens tcp 5432 postgresql",
            "world opens udp 27015 ",
            "more changes udp 123 ntp",
            "less narrows tcp 80 http",
            "less closes tcp 8080 ",
        ].map((line) => expect.stringContaining(line.trim())),
    );
});

test("a server that is new, and one that goes", () => {
    const { headline, traffic, takesControl, letsGo } = of([
        { name: "new", after },
        { name: "gone", before },
    ]);
    expect(headline).toBe(
        "Takes control of 1 server: everything not listed closes. Lets go of 1 server: nothing of ours filters there any more.",
    );
    expect([traffic, takesControl, letsGo]).toEqual([[], ["new"], ["gone"]]);
    expect(report(documentOf([])).headline).toBe("No server changes.");
});

test("findings that are new and those that are fixed; silenced ones are not told", () => {
    const fixed = inputsOf({ ssh: "accept tcp from 10.0.0.0/8 to port 22" });
    const message = findings(policyOf(before as unknown as StoredPolicy)).find(
        ({ code: found }) => found === "VF214",
    )!.message;
    const told = [{ severity: "warning", message }];
    expect(report(documentOf([{ name: "a", before: fixed, after: before }], told)).findings.new).toEqual([
        { text: message, servers: ["a"] },
    ]);
    expect(report(documentOf([{ name: "a", before: fixed, after: before }])).findings.new).toEqual([]);
    const less = report(documentOf([{ name: "a", before, after: fixed }])).findings.fixed;
    expect(less.map(({ text }) => text)).toContain(message);
});

test("drift, and what is known only later", () => {
    const drifted = {
        ...before,
        rules: { ...(before["rules"] as object), "(unmanaged) tcp 3306": "accept tcp from anywhere to port 3306" },
        exposure: { ...(before["exposure"] as object), "ingress tcp 3306": "anywhere" },
    };
    const found = of([{ name: "web-1", before: drifted, after: before }]);
    expect(found.drift).toEqual([
        { text: "(unmanaged) tcp 3306: accept tcp from anywhere to port 3306", servers: ["web-1"] },
    ]);
    expect(found.traffic).toMatchObject([{ kind: "closes", what: "tcp 3306", rules: ["(unmanaged) tcp 3306"] }]);
});

test("500 servers that change alike are one line, and what does not fit is counted", () => {
    const many = Array.from({ length: 500 }, (_, i): PreviewedServer => ({ name: `web-${i}`, before, after }));
    const [opens] = of(many).traffic;
    expect(opens!.servers).toHaveLength(500);
    const text = markdownOf(of(many));
    expect(text).toContain("| 500 servers: `web-0`, `web-1`, `web-2`, ... |");
    expect(text.length).toBeLessThan(3000);

    const different = Array.from({ length: 900 }, (_, i): PreviewedServer => {
        const open = inputsOf({
            ssh: "accept tcp from 10.0.0.0/8 to port 22",
            own: `accept tcp from anywhere to port ${1000 + 2 * i}`,
        });
        return {
            name: `a-server-with-a-longer-name-${i}`,
            before: inputsOf({ ssh: "accept tcp from 10.0.0.0/8 to port 22" }),
            after: open,
        };
    });
    const long = markdownOf(of(different), { link: "https://example.com/report.html" });
    expect(long.length).toBeLessThanOrEqual(LONGEST);
    expect(long.length).toBeGreaterThan(LONGEST - 2000);
    const [, more] = /\.\.\. and (\d+) more rows of the table/.exec(long)!;
    expect((long.match(/^\| opens/gm) ?? []).length + Number(more)).toBe(900);
    expect(long).toMatch(/\d+ lines did not fit here\. All of it: https:\/\/example\.com\/report\.html\n$/);
});

describe("names that mean something where they go", () => {
    const hostile = [
        "a|b",
        "<img src=x onerror=alert(1)>",
        "`x` **y**",
        "@everyone",
        "a\nb",
        "\u001b[31m",
        "a\u202eb",
        "[x](http://e)",
    ];

    test("stay in their code span, and the table keeps its columns", () => {
        for (const name of hostile) {
            const line = markdownOf(of([{ name, before, after }]))
                .split("\n")
                .find((each) => each.startsWith("| opens"))!;
            expect(line.match(/(?<!\\)\|/g)).toHaveLength(7);
        }
        expect(plainTextOf(of([{ name: "\u001b[31m", before, after }]))).not.toContain("\u001b");
    });

    test("of any text a code span holds nothing that ends it", () => {
        fc.assert(
            fc.property(
                fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("`", "|", "a", "\n", "\\") })),
                (text) => {
                    const span = code(text);
                    const [fence] = /^`+/.exec(span)!;
                    const inner = span.slice(fence.length, -fence.length);
                    expect(span.endsWith(fence)).toBe(true);
                    expect((inner.match(/`+/g) ?? []).map((run) => run.length)).not.toContain(fence.length);
                    expect(inner).not.toMatch(/[\n\r]|(?<!\\)\|/);
                },
            ),
            { numRuns: 2000 },
        );
    });
});

describe("--fail-on", () => {
    const open = of([
        {
            name: "a",
            before: inputsOf({ dns: "accept udp from 10.0.0.0/8 to port 53" }),
            after: inputsOf({
                dns: "accept udp from 10.0.0.0/8 to port 53",
                ssh: "accept tcp from anywhere to port 22",
                web: "accept tcp from anywhere to port 443",
            }),
        },
    ]);

    test("names what opens to the world, and management alone", () => {
        expect(failuresOf(open, ["opens-to-world"], []).failed).toEqual([
            "opens-to-world: opens tcp 22 to anywhere, by web/ssh",
            "opens-to-world: opens tcp 443 to anywhere, by web/web",
        ]);
        expect(failuresOf(open, ["management"], []).failed).toEqual([
            "management: opens tcp 22 to anywhere, by web/ssh",
        ]);
        expect(failuresOf(open, [], []).failed).toEqual([]);
    });

    test("what is allowed needs a reason, and is shown", () => {
        const allowed = [readAllowed("web/web=public shop")];
        const { failed, allowed: excused } = failuresOf(open, ["opens-to-world"], allowed);
        expect(failed).toEqual(["opens-to-world: opens tcp 22 to anywhere, by web/ssh"]);
        expect(excused).toEqual([{ text: "opens tcp 443 to anywhere, by web/web: public shop", servers: ["a"] }]);
        expect(markdownOf(open, { allowed: excused })).toContain(
            "Allowed:\n\n- `opens tcp 443 to anywhere, by web/web: public shop` on `a`",
        );
        expect(() => readAllowed("web/web")).toThrow("needs a rule or traffic and a reason");
        expect(failuresOf(open, ["opens-to-world"], [readAllowed("tcp 22=console only")]).failed).toHaveLength(1);
    });

    test("errors of the preview", () => {
        const found = report(
            documentOf(two, [{ severity: "error", message: "\u001b[31mVF101 this would lock you out\u001b[0m" }]),
        );
        expect(failuresOf(found, ["errors"], []).failed).toEqual(["errors: VF101 this would lock you out"]);
        expect(markdownOf(found)).toContain("- error: `VF101 this would lock you out`");
    });
});

test("any other text is refused in words", () => {
    fc.assert(
        fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
            expect(() => readPreview(text)).toThrow(/^this is not what `pulumi preview --json` writes/);
        }),
    );
    expect(() => readPreview("Previewing update (dev)")).toThrow("--show-secrets");
});
