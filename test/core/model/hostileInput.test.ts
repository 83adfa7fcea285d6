import fc from "fast-check";
import { exposure } from "../../../core/analysis/exposure";
import { checkPolicy, type RawPolicy } from "../../../core/model/checkPolicy";
import { diagnostic, printable, quote } from "../../../core/model/diagnostics";
import { isName, nameFrom } from "../../../core/model/names";
import { nearest } from "../../../core/model/nearest";
import { parseRule } from "../../../core/model/parseRule";

/** What somebody might write to get at a shell, a packet filter, a terminal or a pull request. */
const HOSTILE = [
    `x" is not an address. Write "0.0.0.0/0`,
    "'; rm -rf / #",
    "a; flush ruleset",
    "$(reboot)",
    "`reboot`",
    "%s%n%00",
    "two\nlines",
    "carriage\rreturn",
    "nul\u0000byte",
    "\u001b[2J\u001b]0;title\u0007",
    "\u009b31mred",
    "right\u202eto left",
    "line\u2028separator",
    "B\u00fcro",
    "\ud83d\udd25",
    "\ud800 alone",
    "<script>alert(1)</script>",
    "[link](https://example.com)",
    "../../etc/passwd",
    "__proto__",
    "{value} {proposal}",
    "$& $1 $`",
    "(not known yet), anywhere",
    "web/ssh",
    "-rf",
    "x".repeat(49),
    "x".repeat(100_000),
    "",
    " ",
];

const titled = HOSTILE.map((text): [string, string] => [quote(text), text]);

const ONE_LINE = /^[\x20-\x7e]+$/;

function expectHarmless(raw: RawPolicy): void {
    const { problems, stored, policy } = checkPolicy(raw);
    for (const { message, property = "" } of problems) {
        expect(message).toMatch(ONE_LINE);
        expect(message.length).toBeLessThan(1000);
        expect(property).toMatch(ONE_LINE);
    }
    // A rule that is kept reads back, and what it means can be said.
    for (const line of Object.values(stored.rules))
        if (line !== "(not known yet)") expect(parseRule(line)).toHaveProperty("rule");
    for (const line of Object.entries(exposure(policy)).flat()) expect(line).toMatch(ONE_LINE);
    if (problems.length === 0) for (const text of Object.entries(stored.rules).flat()) expect(text).toMatch(ONE_LINE);
}

const rule = "accept tcp from anywhere to port 22";
const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE));

describe("hostile names", () => {
    test.each(titled)("%s is no name of a template, a rule or a set, and the proposal is one", (_, text) => {
        const long = Array.from({ length: 9 }, (_, i) => `10.0.${2 * i}.0`);
        const own = (key: string, value: unknown) => Object.fromEntries([[key, value]]);
        const places: Record<string, RawPolicy> = {
            template: { templates: [{ name: text, rules: { ssh: rule, long: { protocol: "any", from: long } } }] },
            rule: { templates: [{ name: "web", rules: own(text, { protocol: "any", from: long }) }] },
            "address set": {
                templates: [{ name: "web", rules: { ssh: { protocol: "any", from: `set ${text}` } } }],
                sets: own(text, { entries: ["192.0.2.1"] }),
            },
        };
        for (const [kind, raw] of Object.entries(places)) {
            const named = checkPolicy(raw).problems.find(({ code }) => code === "VF012");
            expect(named?.message).toContain(`VF012 the ${kind} name ${quote(text)} is not allowed. Names are a-z`);
            const proposal = /for example "(.*)"\.$/.exec(named!.message)?.[1];
            expect(isName(proposal!)).toBe(true);
            expectHarmless(raw);
        }
    });

    test.each([
        ["Web Server (DE)", "web-server-de"],
        ["B\u00fcro Z\u00fcrich", "buro-zurich"],
        ["_internal_", "internal"],
        ["\ud83d\udd25", "name-1"],
    ])("%s is proposed as %s", (text, proposal) => expect(nameFrom(text)).toBe(proposal));

    test("the proposal for any text is an allowed name, and an allowed name that ends plainly its own", () => {
        fc.assert(fc.property(anyText, (text) => expect(isName(nameFrom(text))).toBe(true)));
        fc.assert(
            fc.property(fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,46}[a-z0-9])?$/), (name) => {
                expect(isName(name)).toBe(true);
                expect(nameFrom(name)).toBe(name);
            }),
        );
    });
});

describe("hostile values", () => {
    const fields = ["direction", "action", "protocol", "service", "from", "to", "ports", "icmpTypes", "priority"];

    test.each(titled)("%s anywhere in the input gives one harmless line for each problem", (_, text) => {
        const rules = Object.fromEntries(fields.map((field) => [field, { protocol: "icmp", [field]: text }]));
        const others = {
            line: text,
            inLine: `accept tcp from ${text}`,
            field: { [text]: 1 },
            said: { description: text },
        };
        expectHarmless({
            templates: [{ name: "web", rules: { ...rules, ...others } }],
            sets: { s: { entries: [text] } },
            defaults: { ingress: text },
        });
    });

    test("any text anywhere in the input gives one harmless line for each problem", () => {
        const value = fc.oneof(anyText, fc.array(anyText), fc.integer(), fc.constant(null), fc.constant("192.0.2.1"));
        const ruleInput = fc.oneof(anyText, fc.dictionary(fc.oneof(fc.constantFrom(...fields), anyText), value));
        const policy = fc.record({
            templates: fc.array(
                fc.record({
                    name: fc.oneof(fc.constant("web"), anyText),
                    rules: fc.dictionary(fc.oneof(fc.constant("ssh"), anyText), ruleInput),
                }),
            ),
            sets: fc.dictionary(anyText, fc.record({ entries: value })),
            defaults: fc.dictionary(anyText, anyText),
        });
        fc.assert(fc.property(policy, expectHarmless), { numRuns: 300 });
    });

    test.each(titled)(
        "%s anywhere in what a template is made of gives one harmless line for each problem",
        (_, text) => {
            const own = Object.fromEntries([[text, rule]]);
            const made: Omit<RawPolicy["templates"][number], "name">[] = [
                { extends: text as "minimum", rules: { ssh: rule } },
                { extends: { rules: own }, remove: ["nowhere"] },
                { extends: "minimum", remove: [text] },
                { rules: { ssh: rule }, description: text },
                { rules: { ssh: rule }, requires: { [text]: "drop", egress: text as "drop" } },
                { rules: { ssh: rule }, [text]: 1 },
            ];
            for (const one of made) expectHarmless({ templates: [{ name: "web", ...one }] });
        },
    );

    test("a template that inherits a thousand rules says so in a short message", () => {
        const rules = Object.fromEntries(
            Array.from({ length: 1000 }, (_, i) => [`a-rule-with-a-long-name-${i}`, rule]),
        );
        expectHarmless({ templates: [{ name: "web", extends: { rules }, remove: ["x"] }] });
    });

    test("any JSON at all where a template belongs never throws", () => {
        const field = fc.constantFrom("extends", "rules", "remove", "requires", "description");
        fc.assert(
            fc.property(fc.dictionary(field, fc.jsonValue()), (fields) =>
                expectHarmless({ templates: [{ name: "web", ...fields }] }),
            ),
        );
    });

    test("any JSON at all where a rule or a set belongs never throws", () => {
        fc.assert(
            fc.property(fc.jsonValue(), fc.jsonValue(), (rule, set) =>
                expectHarmless({ templates: [{ name: "web", rules: { rule } }], sets: { set } }),
            ),
        );
    });

    test("a description never gets into a line, a key or an exposure", () => {
        const text = `"quoted"; $(reboot) %s`;
        const raw = { templates: [{ name: "web", rules: { ssh: { service: "ssh", description: text } } }] };
        const { stored, policy, problems } = checkPolicy(raw);
        expect(problems).toEqual([]);
        expect(stored.rules).toEqual({ "web/ssh": rule });
        expect(JSON.stringify([stored, exposure(policy)])).not.toContain("reboot");
    });
});

describe("texts of others in messages", () => {
    test("a quoted text can't end its own quotes", () => {
        fc.assert(
            fc.property(anyText, (text) =>
                expect(quote(text)).toMatch(/^"(?:[^"\\\x00-\x1f\x7f-\uffff]|\\["\\u.])*"$/),
            ),
        );
    });

    test("values are filled in once and as they are", () => {
        const value = "{field} $& $1";
        const { message } = diagnostic("VF014", { field: "action", value, proposal: "{value}" });
        expect(message).toBe(`VF014 action can't be ${value}. {value}`);
    });

    test.each([
        [70000, "70000"],
        [undefined, "undefined"],
        [null, "null"],
        [NaN, "NaN"],
        [{ a: ["b"] }, '{"a":["b"]}'],
        ['say "hi"', '"say \\"hi\\""'],
        ["x".repeat(101), `"${"x".repeat(100)}..."`],
    ])("%j is quoted as %s", (value, text) => expect(quote(value)).toBe(text));

    test("a host's text is cut and made printable", () => {
        expect(printable("a\u001b[31m\n\u00e9", 50)).toBe("a\\u001b[31m\\u000a\\u00e9");
        expect(printable("abcdef", 3)).toBe("abc...");
    });

    test.each([
        ["htpps", "https"],
        ["HTTPS", "https"],
        ["shh", "ssh"],
        ["xyz", undefined],
    ])("of the services, %s is nearest to %s", (word, found) => {
        expect(nearest(word, ["ssh", "http", "https", "imap"])).toBe(found);
    });

    test("a word that is no word is not compared", () => {
        expect(nearest("x".repeat(1_000_000), ["x".repeat(999_999)])).toBeUndefined();
    });
});
