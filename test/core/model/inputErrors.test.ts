import { checkPolicy, type RawPolicy } from "../../../core/model/checkPolicy";
import type { Diagnostic } from "../../../core/model/diagnostics";

/** What is wrong with one rule `ssh` of a template `web`, as `code property: text`. */
function problemsOf(rule: unknown, sets: RawPolicy["sets"] = { office: { entries: ["192.0.2.1"] } }): string[] {
    return said({ templates: [{ name: "web", rules: { ssh: rule } }], sets });
}

function said(raw: RawPolicy): string[] {
    return checkPolicy(raw).problems.map(({ message, property }: Diagnostic) => {
        expect(property).toBeDefined();
        return `${property}: ${message}`;
    });
}

const at = (field: string) => `templates[0].rules.ssh${field}: `;
const tcp = { protocol: "tcp" };

describe("a field that is given but empty", () => {
    const empties = {
        undefined,
        null: null,
        '""': "",
        '" "': " ",
        "[]": [],
        '[""]': [""],
        "[null]": ["192.0.2.1", null],
    };
    const meanings = {
        from: "anywhere",
        to: "anywhere",
        ports: "every port",
        sourcePorts: "every port",
        protocol: "every protocol",
        service: "no service",
        icmpTypes: "every type",
        fromExcept: "no exception",
        toExcept: "no exception",
        interface: "every interface",
        state: "every state",
        tcpFlags: "any flags",
    };
    for (const [field, meaning] of Object.entries(meanings))
        test.each(Object.entries(empties))(`${field}: %s is an error, never everything`, (_, empty) => {
            expect(problemsOf({ protocol: "tcp", [field]: empty })).toEqual([
                `${at(`.${field}`)}VF010 ${field} is given but empty. Give it a value; to say ${meaning}, leave ${field} out.`,
            ]);
        });

    test("every empty field of a rule is named", () => {
        expect(problemsOf({ ...tcp, from: "", ports: [] })).toHaveLength(2);
    });
});

describe("a rule object", () => {
    const addressFix =
        'Write an address (192.0.2.1, 2001:db8::1), a prefix (192.0.2.0/24) or a range (192.0.2.1-192.0.2.9); in a rule also "set <name>" or "anywhere".';
    const portFix = 'Write a number from 1 to 65535, a range ("8000-8100"), or a list of these.';

    test.each<[string, unknown, string]>([
        ["a bad address", { ...tcp, from: "10.1" }, `${at(".from")}VF001 "10.1" is not an address. ${addressFix}`],
        [
            "a bad address among good ones",
            { ...tcp, to: ["10.0.0.1", "x"] },
            `${at(".to")}VF001 "x" is not an address.`,
        ],
        [
            "host bits",
            { ...tcp, from: ["192.0.2.1/24"] },
            `${at(".from")}VF002 "192.0.2.1/24" has host bits set. Write "192.0.2.0/24" for the network, or "192.0.2.1" for the one address.`,
        ],
        ["a port too high", { ...tcp, ports: 65536 }, `${at(".ports")}VF003 "65536" is not a port. ${portFix}`],
        ["port 0", { ...tcp, ports: [22, 0] }, `${at(".ports")}VF003 "0" is not a port. ${portFix}`],
        ["a range beyond the end", { ...tcp, ports: "1-70000" }, `${at(".ports")}VF003 "1-70000" is not a port.`],
        ["a fraction", { ...tcp, ports: 22.5 }, `${at(".ports")}VF003 "22.5" is not a port.`],
        ["an octal look", { ...tcp, sourcePorts: "022" }, `${at(".sourcePorts")}VF003 "022" is not a port.`],
        ["a gap in a list", { ...tcp, ports: "80,,443" }, `${at(".ports")}VF003 "" is not a port.`],
        ["a name as port", { ...tcp, ports: "ssh" }, `${at(".ports")}VF003 "ssh" is not a port.`],
        [
            "a reversed port range",
            { ...tcp, ports: "8100-8000" },
            `${at(".ports")}VF004 the range "8100-8000" runs backwards. Write "8000-8100".`,
        ],
        [
            "ports of a portless protocol",
            { protocol: "icmp", ports: 22 },
            `${at(".ports")}VF007 ports need protocol tcp or udp, and this rule says "icmp". Say protocol: "tcp" or "udp" (or a service), or leave the ports out.`,
        ],
        ["ports of any protocol", { protocol: ["tcp", "any"], ports: 22 }, `${at(".ports")}VF007`],
        [
            "ports without a protocol",
            { ports: 22 },
            `${at(".ports")}VF007 ports need protocol tcp or udp, and this rule says none.`,
        ],
        [
            "source ports of a service without ports",
            { service: "ping", sourcePorts: 22 },
            `${at(".sourcePorts")}VF007 ports need protocol tcp or udp, and this rule says "icmp".`,
        ],
        [
            "an unknown service with a near name",
            { service: "htpps" },
            `${at(".service")}VF008 unknown service "htpps". Did you mean "https"?`,
        ],
        [
            "an unknown service",
            { service: ["ssh", "payroll"] },
            `${at(".service")}VF008 unknown service "payroll". The names are in docs/services.md; for anything else say protocol and ports.`,
        ],
        [
            "an unknown field with a near name",
            { ...tcp, form: "10.0.0.1" },
            `${at("")}VF009 unknown field "form". Did you mean "from"?`,
        ],
        [
            "an unknown field",
            { ...tcp, destination: "10.0.0.1" },
            `${at("")}VF009 unknown field "destination". Fields are direction, action, protocol, service, from, to, ports, sourcePorts, icmpTypes, fromExcept, toExcept, interface, state, tcpFlags, limit, log, rejectWith, expires, priority, description, enabled.`,
        ],
        [
            "an unknown set with a near name",
            { ...tcp, from: "set ofice" },
            `${at(".from")}VF011 unknown address set "ofice". Did you mean "office"?`,
        ],
        [
            "an unknown set",
            { ...tcp, to: ["set warehouse"] },
            `${at(".to")}VF011 unknown address set "warehouse". Pass the AddressSet itself, or list it under sets of the template.`,
        ],
        [
            "an unknown action",
            { ...tcp, action: "allow" },
            `${at(".action")}VF014 action can't be "allow". It is accept, drop or reject.`,
        ],
        [
            "a mistyped direction",
            { ...tcp, direction: "Egres" },
            `${at(".direction")}VF014 direction can't be "Egres". Did you mean "egress"?`,
        ],
        [
            "a protocol with a number only",
            { protocol: "ESP" },
            `${at(".protocol")}VF014 protocol can't be "ESP". Say "protocol 50".`,
        ],
        [
            "an unknown protocol",
            { protocol: 256 },
            `${at(".protocol")}VF014 protocol can't be 256. It is any, tcp, udp, icmp, icmpv6 or a number ("protocol 47").`,
        ],
        [
            "services of different protocols",
            { service: ["https", "ntp"] },
            `${at(".service")}VF015 the services https and ntp have different ports for different protocols. Write one rule for each.`,
        ],
        [
            "types of a protocol without types",
            { ...tcp, icmpTypes: "echo-request" },
            `${at(".icmpTypes")}VF016 icmpTypes need protocol icmp or icmpv6, and this rule says "tcp". Say protocol: "icmp", "icmpv6" or both.`,
        ],
        [
            "an unknown type",
            { protocol: "icmp", icmpTypes: "echo-requset" },
            `${at(".icmpTypes")}VF017 icmp has no type "echo-requset". Did you mean "echo-request"?`,
        ],
        [
            "a type above 255",
            { protocol: "icmpv6", icmpTypes: 256 },
            `${at(".icmpTypes")}VF017 icmpv6 has no type 256.`,
        ],
        [
            "a priority that is no number",
            { ...tcp, priority: "high" },
            `${at(".priority")}VF018 priority "high" is not a whole number from 0 to 1000000. Leave it out (1000) unless`,
        ],
        ["a blank priority", { ...tcp, priority: " " }, `${at(".priority")}VF018 priority " " is not`],
        ["a negative priority", { ...tcp, priority: -1 }, `${at(".priority")}VF018 priority -1 is not`],
        [
            "a service and its ports",
            { service: "ssh", ports: 2222 },
            `${at(".ports")}VF019 service and ports can't be in one rule. A service brings its protocol and ports: leave ports out, or say protocol and ports without a service.`,
        ],
        [
            "another type of value",
            { ...tcp, from: { cidr: "10.0.0.0/8" } },
            `${at(".from")}VF024 from must be text or a list of texts, not {"cidr":"10.0.0.0/8"}. The fields of a rule are in docs/rules.md.`,
        ],
        [
            "a text where true or false belongs",
            { ...tcp, enabled: "no" },
            `${at(".enabled")}VF024 enabled must be true or false, not "no".`,
        ],
        ["no rule at all", null, `${at("")}VF024 a rule must be an object or a canonical line, not null.`],
        ["a list of rules", [{}], `${at("")}VF024 a rule must be an object or a canonical line, not [{}].`],
        [
            "a rule that says nothing",
            { action: "drop" },
            `${at("")}VF027 the rule says nothing. For a rule that matches every packet, say protocol: "any".`,
        ],
        [
            "a description of two lines",
            { ...tcp, description: "a\nb" },
            `${at(".description")}VF028 the description has control characters or more than 200 characters. Write one line of plain text.`,
        ],
        ["a description that turns text around", { ...tcp, description: "a\u202eb" }, `${at(".description")}VF028`],
        ["a long description", { ...tcp, description: "x".repeat(201) }, `${at(".description")}VF028`],
    ])("with %s", (_, rule, expected) => {
        const [first, ...more] = problemsOf(rule);
        expect(first?.slice(0, expected.length)).toBe(expected);
        expect(more).toEqual([]);
    });

    test("all its problems are reported at once", () => {
        const codes = problemsOf({ protocol: "tcp", from: ["x", "10.0.0.1/8"], ports: [0, "9-1"], action: "allow" });
        expect(codes.map((text) => text.match(/VF\d+/)?.[0])).toEqual(["VF014", "VF003", "VF004", "VF001", "VF002"]);
    });

    test("an unknown set in a line is found too, and the rule is kept out of the stored lines", () => {
        expect(problemsOf("accept tcp from set ofice to port 22")).toEqual([
            `${at(".from")}VF011 unknown address set "ofice". Did you mean "office"?`,
        ]);
    });

    test("the sets that the library makes are no names for users", () => {
        const long = Array.from({ length: 9 }, (_, i) => `10.0.${2 * i}.0`);
        const rules = { a: { ...tcp, from: long }, b: { ...tcp, from: "set web/a" } };
        expect(said({ templates: [{ name: "web", rules }] })).toEqual([
            expect.stringContaining('templates[0].rules.b.from: VF011 unknown address set "web/a".'),
        ]);
    });
});

describe("templates, sets and defaults", () => {
    const rules = { ssh: "accept tcp from anywhere to port 22" };

    test.each<[string, RawPolicy, string]>([
        [
            "an empty template",
            { templates: [{ name: "web", rules: {} }] },
            'templates[0]: VF021 the template "web" has no rules. Give it a rule, or take it out of the templates of the target.',
        ],
        [
            "two templates of one name",
            {
                templates: [
                    { name: "web", rules },
                    { name: "web", rules },
                ],
            },
            'templates[1]: VF022 two templates with the name "web" on one target. Rename one of them.',
        ],
        [
            "a set without entries",
            { templates: [{ name: "web", rules }], sets: { office: ["192.0.2.1"] } },
            'sets.office: VF024 the address set must be an object, not ["192.0.2.1"].',
        ],
        [
            "a bad entry of a set",
            { templates: [{ name: "web", rules }], sets: { office: { entries: ["192.0.2.1", "192.0.2.1/24"] } } },
            'sets.office.entries[1]: VF002 "192.0.2.1/24" has host bits set.',
        ],
        [
            "an empty entry of a set",
            { templates: [{ name: "web", rules }], sets: { office: { entries: [""] } } },
            "sets.office.entries[0]: VF010 the entry is given but empty. Give it a value; to say nothing, leave the entry out.",
        ],
        [
            "an entry that is no text",
            { templates: [{ name: "web", rules }], sets: { office: { entries: [{ ip: 1 }] } } },
            'sets.office.entries[0]: VF001 {"ip":1} is not an address.',
        ],
        [
            "an unknown default action",
            { templates: [{ name: "web", rules }], defaults: { ingress: "reject" } },
            'defaults.ingress: VF014 defaults.ingress can\'t be "reject". It is accept or drop.',
        ],
        [
            "a misspelt direction",
            { templates: [{ name: "web", rules }], defaults: { egres: "drop" } },
            'defaults: VF009 unknown field "egres". Did you mean "egress"?',
        ],
    ])("%s", (_, raw, expected) => {
        const [first, ...more] = said(raw);
        expect(first?.slice(0, expected.length)).toBe(expected);
        expect(more).toEqual([]);
    });
});
