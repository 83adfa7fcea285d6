import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { baseLine } from "../../core/dialects/baseLine";
import { table } from "../../core/model/diagnosticTable";
import { formatRule } from "../../core/model/formatRule";
import { icmpTypeNames } from "../../core/model/icmpTypes";
import { parseRule } from "../../core/model/parseRule";
import { readRuleFields } from "../../core/model/ruleFields";
import { serviceNames, services } from "../../core/model/services";
import { referencePages } from "../../scripts/referencePages";
import { exposureOf } from "./analysis/exposureOf";

const root = join(__dirname, "../..");
const docs = join(root, "docs");
const read = (name: string) => readFileSync(join(docs, name), "utf8");

/** The fenced blocks of a page, by language. */
function blocks(page: string, language: string): string[] {
    const fence = new RegExp(`^\`\`\`${language}\\n([^]*?)\\n\`\`\`$`, "gm");
    return [...page.matchAll(fence)].map(([, text]) => text!);
}

describe("the generated pages", () => {
    test.each(Object.entries(referencePages()))("%s is what npm run docs writes", (name, text) => {
        expect(readFileSync(join(root, name), "utf8")).toBe(text);
    });

    test("every code that a page or a message names is in the table", () => {
        const pages = readdirSync(docs).filter((name) => name.endsWith(".md"));
        const named = [...pages.map(read), JSON.stringify(table)].flatMap((text) => text.match(/\bVF\d{3}\b/g) ?? []);
        expect([...new Set(named)].filter((code) => !(code in table))).toEqual([]);
    });

    test("every link from page to page leads somewhere", () => {
        const anchors = (page: string) =>
            [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!.toLowerCase().replace(/[^\w -]/g, ""));
        for (const name of readdirSync(docs).filter((name) => name.endsWith(".md")))
            for (const [, page = "", anchor] of read(name).matchAll(/\]\(([\w.-]+\.md)(?:#([\w-]+))?\)/g)) {
                const titles = anchors(read(page)).map((title) => title.replaceAll(" ", "-"));
                if (anchor) expect(titles).toContain(anchor);
            }
    });
});

describe("docs/rules.md", () => {
    const page = read("rules.md");
    const [examples = "", exposed = ""] = blocks(page, "rules");

    test.each(examples.split("\n"))("the example is canonical: %s", (line) => {
        const parsed = parseRule(line);
        expect("rule" in parsed && formatRule(parsed.rule)).toBe(line);
    });

    test("the exposure is that of the rules above it", () => {
        const rules = Object.fromEntries(exposed.split("\n").map((line, i) => [`r${i}`, line]));
        expect(JSON.stringify(exposureOf(rules), null, 4)).toBe(blocks(page, "json")[0]);
    });

    test("names every field, every ICMP type and the base", () => {
        const refused = readRuleFields({ nonsense: 1 }, "r");
        const [, fields = ""] = /Fields are (.*)\./.exec("problems" in refused ? refused.problems[0]!.message : "")!;
        for (const field of fields.split(", ")) expect(page).toMatch(new RegExp(`^\\|.*\`${field}\`.*\\|`, "m"));
        for (const protocol of ["icmp", "icmpv6"] as const)
            for (const type of icmpTypeNames(protocol)) expect(page).toContain(`\`${type}\``);
        expect(blocks(page, "text")).toContain(baseLine);
    });
});

describe("the tables", () => {
    test("texts are one line of printable ASCII and end a sentence; fixes say something or nothing", () => {
        for (const [code, { text, fix, why }] of Object.entries(table)) {
            for (const part of [text, why]) expect(`${code} ${part}`).toMatch(/^[\x20-\x7e]+(\.|\})$/);
            expect(`${code} ${fix}`).toMatch(/^[\x20-\x7e]+$/);
        }
    });

    test("every service makes a valid rule, under one name of its own", () => {
        expect(new Set(serviceNames()).size).toBe(services.flatMap(({ name, aliases }) => [name, ...aliases]).length);
        for (const service of serviceNames()) expect(() => exposureOf({ r: { service } })).not.toThrow();
    });
});
