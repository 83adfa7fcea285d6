import fc from "fast-check";
import { checkPolicy } from "../../../core/model/checkPolicy";
import { formatRule } from "../../../core/model/formatRule";
import { checkRule } from "../../../core/model/ruleInput";
import { type FlatTemplate, presetNames, type TemplateData } from "../../../core/model/templateData";
import { readTemplate } from "../../../core/model/templateInput";
import { name, ruleFields } from "../arbitraries";
import { template } from "../templateArbitrary";

type Data = TemplateData<unknown>;

function flat(input: Data): FlatTemplate {
    const read = readTemplate(input);
    if ("problems" in read) throw new Error(read.problems.map(({ message }) => message).join("\n"));
    return read.template;
}

/** What is wrong with a template, as `property: message`. */
function problemsOf(input: unknown): string[] {
    const read = readTemplate(input);
    return "problems" in read ? read.problems.map(({ property = "", message }) => `${property}: ${message}`) : [];
}

const ssh = { service: "ssh" };
const http = { service: "http" };

describe("extends", () => {
    test("takes the rules of presets and templates, the later one's first, its own before all", () => {
        const office = { rules: { ssh: "from the office", vpn: "office's" } };
        const later = { rules: { vpn: "later's", http: "later's" } };
        expect(flat({ extends: ["minimum", office, later], rules: { http: "own" } }).rules).toEqual({
            ssh: "from the office",
            vpn: "later's",
            http: "own",
            https: { service: "https" },
        });
    });

    test("takes one or a list, and templates that extend others", () => {
        const inner = { extends: "dns" as const, rules: { ssh } };
        expect(flat({ extends: inner })).toEqual(flat({ extends: [{ extends: [inner] }] }));
    });

    test("replaces a rule whole: nothing of the inherited one stays", () => {
        const base = { rules: { ssh: { ...ssh, from: "10.0.0.0/8" } } };
        expect(flat({ extends: base, rules: { ssh } }).rules).toEqual({ ssh });
    });

    test("does not pass the description on", () => {
        expect(flat({ extends: { description: "the other's", rules: { ssh } } })).not.toHaveProperty("description");
    });

    test("passes on what is required; later and own words win", () => {
        const [ingress, egress] = [{ requires: { ingress: "drop" } }, { requires: { egress: "drop" } }] as const;
        expect(flat({ extends: [ingress, egress] }).requires).toEqual({ ingress: "drop", egress: "drop" });
        expect(flat({ extends: egress, requires: { egress: "accept" } }).requires).toEqual({ egress: "accept" });
    });
});

describe("a mistake in a template", () => {
    const circle: { extends?: unknown; rules: object } = { rules: { ssh } };
    circle.extends = circle;

    test.each<[string, unknown, string]>([
        [
            "a misspelt preset",
            { extends: "minimun" },
            'extends[0]: VF057 unknown preset "minimun". Did you mean "minimum"?',
        ],
        [
            "an unknown preset",
            { extends: ["minimum", "everything"] },
            `extends[1]: VF057 unknown preset "everything". Presets are ${presetNames.join(", ")}.`,
        ],
        [
            "a misspelt name in remove",
            { extends: "minimum", remove: ["htp"] },
            'remove: VF055 the template removes the rule "htp", which it does not inherit. Did you mean "http"?',
        ],
        [
            "a name in remove that is nowhere",
            { extends: "minimum", remove: ["telnet"] },
            'remove: VF055 the template removes the rule "telnet", which it does not inherit. It inherits ssh, http, https.',
        ],
        [
            "remove without extends",
            { rules: { ssh }, remove: ["http"] },
            'remove: VF055 the template removes the rule "http", which it does not inherit. It inherits nothing: say extends.',
        ],
        [
            "a rule removed and given",
            { extends: "minimum", rules: { ssh }, remove: ["ssh"] },
            'remove: VF059 the template removes the rule "ssh" and has it too. Take it out of remove: a rule of its own replaces the inherited one.',
        ],
        [
            "a mistake in what is extended",
            { extends: [{ rules: { ssh }, remove: ["x"] }], remove: ["y"] },
            'extends[0].remove: VF055 the template removes the rule "x"',
        ],
        [
            "a circle",
            circle,
            `${Array.from({ length: 17 }, () => "extends[0]").join(".")}: VF058 extends is nested more than 16`,
        ],
        [
            "an unknown field",
            { rules: { ssh }, extend: "minimum" },
            ': VF009 unknown field "extend". Did you mean "extends"?',
        ],
        ["rules as a list", { rules: [ssh] }, "rules: VF024 rules must be an object of rules by name, not "],
        [
            "remove as text",
            { extends: "minimum", remove: "ssh" },
            'remove: VF024 remove must be a list of names, not "ssh".',
        ],
        [
            "a number to extend",
            { extends: 3 },
            "extends: VF024 extends must be the name of a preset, a template or a list",
        ],
        ["a template that is none", "minimum", ': VF024 a template must be an object, not "minimum".'],
        ["a description of two lines", { rules: { ssh }, description: "a\nb" }, "description: VF028"],
        [
            "an unknown default action",
            { rules: { ssh }, requires: { egress: "reject" } },
            'requires: VF014 requires.egress can\'t be "reject". It is accept or drop.',
        ],
        [
            "an unknown direction",
            { rules: { ssh }, requires: { egres: "drop" } },
            'requires: VF009 unknown field "egres". Did you mean "egress"?',
        ],
    ])("%s", (_, input, expected) => {
        const problems = problemsOf(input);
        expect(problems).toHaveLength(1);
        expect(problems[0]).toContain(expected);
    });

    test.each(["extends", "rules", "remove", "requires"])("%s that is there but forgotten is an error", (field) => {
        for (const empty of [undefined, null, ""])
            expect(problemsOf({ rules: { ssh }, [field]: empty })[0]).toContain(`VF010 ${field} is given but empty.`);
        for (const direction of ["ingress", "egress"])
            expect(problemsOf({ rules: { ssh }, requires: { [direction]: undefined } })[0]).toContain("VF014");
    });

    test("in a rule that is inherited is told of the template that has it", () => {
        const { problems } = checkPolicy({
            templates: [{ name: "web", extends: { rules: { ssh: { service: "shs" } } }, rules: { http } }],
        });
        expect(problems.map(({ property }) => property)).toEqual(["templates[0].rules.ssh.service"]);
    });

    test("an empty template is one even if it inherits", () => {
        const { problems } = checkPolicy({ templates: [{ name: "web", extends: "dns", remove: ["dns"] }] });
        expect(problems.map(({ code }) => code)).toEqual(["VF021"]);
    });

    test("a rule with the name of JavaScript's own is refused like any other", () => {
        const rules = JSON.parse('{ "__proto__": "accept tcp from anywhere to port 22" }') as Record<string, unknown>;
        const { problems } = checkPolicy({ templates: [{ name: "web", extends: { rules } }] });
        expect(problems.map(({ code }) => code)).toEqual(["VF012"]);
        expect(problemsOf({ rules: {}, remove: ["constructor"] })[0]).toContain("VF055");
    });
});

describe("a requirement", () => {
    const template = {
        name: "out",
        rules: { ntp: { direction: "egress", service: "ntp" } },
        requires: { egress: "drop" },
    };
    const codes = (defaults: Record<string, unknown>) =>
        checkPolicy({ templates: [template as never], defaults }).problems.map(({ code }) => code);

    test("is met or refused by the default action of the target, said or not", () => {
        expect(codes({ egress: "drop" })).toEqual([]);
        expect(codes({ egress: "accept" })).toEqual(["VF056"]);
        expect(codes({})).toEqual(["VF056"]);
    });

    test("waits for a default action that is not known yet", () => {
        expect(codes({ egress: "(not known yet)" })).toEqual([]);
    });
});

/** The template flat, each rule as its canonical line. */
function normal(input: Data): Data {
    const { rules, ...rest } = flat(input);
    const lines = Object.entries(rules).map(([key, said]) => {
        const { rule, problems } = checkRule(said, key);
        expect(problems).toEqual([]);
        return [key, formatRule(rule!)] as const;
    });
    return { ...rest, rules: Object.fromEntries(lines) };
}

/** A policy of many unaligned ranges takes a while. */
const FEWER = { numRuns: 40 };

const sets = { office: { entries: ["198.51.100.0/24"] }, vpn: { entries: [] } };
const policyOf = (input: Data) => {
    const { requires } = flat(input);
    return checkPolicy({ templates: [{ name: "web", ...input }], sets, defaults: requires ?? {} });
};

describe("any template", () => {
    test("normal(normal(x)) = normal(x), and both mean the same", () => {
        fc.assert(
            fc.property(template, (input) => {
                const once = normal(input);
                expect(normal(once)).toEqual(once);
                expect(policyOf(once)).toEqual(policyOf(input));
            }),
            FEWER,
        );
    });

    test("goes through JSON, as it is and in normal form, and means the same", () => {
        const throughJson = (input: Data) => JSON.parse(JSON.stringify(input)) as Data;
        fc.assert(
            fc.property(template, (input) => {
                expect(policyOf(throughJson(input))).toEqual(policyOf(input));
                expect(throughJson(normal(input))).toEqual(normal(input));
            }),
            FEWER,
        );
    });

    test("goes through text: a rule is the rule of its line", () => {
        fc.assert(
            fc.property(ruleFields, (fields) => {
                const { rule } = checkRule(fields, "r");
                expect(checkRule(formatRule(rule!), "r")).toEqual({ rule, problems: [] });
            }),
        );
    });

    test("has its own rules, then the last parent's, then those before", () => {
        fc.assert(
            fc.property(fc.array(template, { minLength: 1, maxLength: 3 }), template, (parents, own) => {
                const { rules = {} } = own;
                const { extends: _, ...rest } = own;
                const merged = Object.assign({}, ...parents.map((parent) => flat(parent).rules), rules) as object;
                expect(flat({ ...rest, extends: parents }).rules).toEqual(merged);
            }),
        );
    });

    test("extends side by side as it does one after the other", () => {
        fc.assert(
            fc.property(template, template, template, (a, b, c) => {
                const together = flat({ extends: [a, b, c] });
                expect(flat({ extends: [{ extends: [a, b] }, c] })).toEqual(together);
                expect(flat({ extends: [a, { extends: [b, c] }] })).toEqual(together);
                expect(flat({ extends: [a, a] })).toEqual(flat({ extends: a }));
            }),
        );
    });

    test("without rules is the one that it extends, and removing is taking out these rules only", () => {
        fc.assert(
            fc.property(template, fc.func(fc.boolean()), (input, isRemoved) => {
                const { rules, requires } = flat(input);
                const remove = Object.keys(rules).filter((key) => isRemoved(key));
                const left = Object.fromEntries(Object.entries(rules).filter(([key]) => !remove.includes(key)));
                expect(flat({ extends: input, ...(remove.length && { remove }) })).toEqual({ rules: left, requires });
            }),
        );
    });

    test("removes no rule that it does not inherit", () => {
        fc.assert(
            fc.property(template, name, (input, other) => {
                fc.pre(!Object.hasOwn(flat(input).rules, other));
                expect(problemsOf({ extends: input, remove: [other] })[0]).toContain("VF055");
            }),
        );
    });
});
