import { proveReachable } from "../../../core/analysis/lockout";
import { nftables } from "../../../core/dialects/nftables";
import { checkPolicy } from "../../../core/model/checkPolicy";
import { parseAddressRange } from "../../../core/model/parseAddress";
import type { Policy } from "../../../core/model/policy";
import { presets } from "../../../core/model/presets";
import { findService } from "../../../core/model/services";
import { presetNames, type TemplateData } from "../../../core/model/templateData";
import { readTemplate } from "../../../core/model/templateInput";
import { checkLockout } from "../../../provider/lockoutCheck";
import { exposureOf, policyFrom } from "../analysis/exposureOf";
import { verdict } from "../analysis/probe";

/** The policy of a server that has one template, its defaults unsaid. */
const policyOf = (template: TemplateData, defaults = {}) => policyFrom([{ name: "t", ...template }], { defaults });
const extending = (...names: (typeof presetNames)[number][]) => policyOf({ extends: names });
const linesOf = (template: TemplateData, defaults = {}) =>
    checkPolicy({ templates: [{ name: "t", ...template }], defaults }).stored.rules;
const exposed = (template: TemplateData) => exposureOf([{ name: "t", ...template }]);

const minimum = extending("minimum");

/** Whoever deploys comes from T. */
const management = { peers: ["198.51.100.10"].map(range), port: 22, own: range("192.0.2.10") };

function range(text: string) {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
}

/** The code of the error that stops an update of S from T, or undefined. */
function stopped(policy: Policy): string | undefined {
    const target = { host: "192.0.2.10" };
    const wish = { inputs: { target, lockoutCheck: "on" }, policy } as unknown as Parameters<typeof checkLockout>[0];
    const connection = {
        clientAddress: "198.51.100.10",
        clientPort: 40000,
        serverAddress: "192.0.2.10",
        serverPort: 22,
    };
    const probe = { connection, way: { local: false, tunnels: [] } } as unknown as Parameters<typeof checkLockout>[1];
    try {
        checkLockout(wish, probe);
        return undefined;
    } catch (error) {
        return (error as { code: string }).code;
    }
}

describe("every preset", () => {
    test.each(presetNames)("%s is valid, says what it is for, and can't be changed", (name) => {
        const preset: TemplateData = presets[name];
        expect(readTemplate(preset)).toHaveProperty("template");
        expect(checkPolicy({ templates: [{ name, ...preset }], defaults: preset.requires ?? {} }).problems).toEqual([]);
        expect(preset.description).toMatch(/^[A-Z].{20,}\.$/);
        expect(Object.isFrozen(preset) && Object.isFrozen(preset.rules ?? preset.extends)).toBe(true);
        for (const rule of Object.values(preset.rules ?? {})) expect(Object.isFrozen(rule)).toBe(true);
    });

    test("goes together with every other: no two mean another thing by one name", () => {
        const meanings = new Map<string, string>();
        for (const name of presetNames)
            for (const [rule, line] of Object.entries(linesOf({ extends: name }, { egress: "drop" }))) {
                expect([rule, meanings.get(rule) ?? line]).toEqual([rule, line]);
                meanings.set(rule, line);
            }
    });

    test("VG-22 leaves loopback, replies and ICMP errors to the base, and ping is dropped", () => {
        for (const word of ["loopback", "replies", "icmp errors"]) expect(nftables.baseLine).toContain(word);
        for (const name of presetNames) {
            const policy = policyOf({ extends: name }, presets[name].requires);
            expect([name, verdict(policy, "in ping X")]).toEqual([name, "drop"]);
        }
    });

    test("VG-16 is for both families, where 0.0.0.0/0 is half of the internet", () => {
        expect(verdict(minimum, "in tcp X > 443")).toBe("accept");
        const literal = policyOf({ rules: { https: { service: "https", from: "0.0.0.0/0" } } });
        expect(verdict(literal, "in tcp X > 443")).toBe("IPv4 accept, IPv6 drop");
    });
});

describe("minimum", () => {
    test("VG-5 opens the three required ports and nothing else", () => {
        expect(linesOf({ extends: "minimum" })).toEqual({
            "t/ssh": "accept tcp from anywhere to port 22",
            "t/http": "accept tcp from anywhere to port 80",
            "t/https": "accept tcp from anywhere to port 443",
        });
        expect(exposed({ extends: "minimum" })).toEqual({
            "ingress tcp 22": "anywhere",
            "ingress tcp 80": "anywhere",
            "ingress tcp 443": "anywhere",
            "egress any": "anywhere",
        });
    });

    test.each([
        ["VG-2", "in tcp X > 3306", "drop"],
        ["VG-7", "in tcp X > 22", "accept"],
        ["VG-8", "in tcp X > 80", "accept"],
        ["VG-8", "in udp X > 80", "drop"],
        ["VG-9", "in tcp X > 443", "accept"],
        ["VG-9", "in udp X > 443", "drop"],
        ["VG-17", "in tcp X sp 1 > 443", "accept"],
        ["VG-17", "in tcp X sp 40000 > 443", "accept"],
        ["VG-17", "in tcp X sp 65535 > 443", "accept"],
        ["VG-18", "in tcp X > S2:443", "accept"],
        ["VG-20", "out tcp > X:25", "accept"],
        ["VG-20", "out udp > X:123", "accept"],
        ["VG-20", "out ping > X", "accept"],
        ["VG-20", "out gre > X", "accept"],
    ])("%s %s: %s", (_, packet, expected) => expect(verdict(minimum, packet)).toBe(expected));

    test("VG-3 leaves egress to the target: accept where nothing is said, and the user may set drop", () => {
        expect(minimum.defaults).toEqual({ ingress: "drop", egress: "accept" });
        const closed = policyOf({ extends: "minimum" }, { egress: "drop" });
        expect(verdict(closed, "out tcp > X:25")).toBe("drop");
        expect(verdict(closed, "in tcp X > 443")).toBe("accept");
    });

    test("VG-21 says nothing of egress on a host: no egress rule, one line of exposure", () => {
        const egress = minimum.rules.filter(({ rule }) => rule.direction === "egress");
        expect(egress).toEqual([]);
        expect(exposed({ extends: "minimum" })["egress any"]).toBe("anywhere");
    });

    test("VG-19 has rules whose order changes neither exposure nor what a preview shows", () => {
        const rules = Object.entries(presets.minimum.rules!);
        const [reverse, straight] = [rules.reverse(), rules].map((list) => ({ rules: Object.fromEntries(list) }));
        expect(JSON.stringify(linesOf(reverse!))).toBe(JSON.stringify(linesOf(straight!)));
        expect(JSON.stringify(exposed(reverse!))).toBe(JSON.stringify(exposed(straight!)));
    });

    test("VG-23 without its first row stops with the lock-out error", () => {
        const withoutSsh = policyOf({ extends: "minimum", remove: ["ssh"] });
        expect(proveReachable(withoutSsh, management)?.decision).toBe("dropped by the default action");
        expect(stopped(withoutSsh)).toBe("VF101");
        expect(stopped(minimum)).toBeUndefined();
    });
});

describe("what is added to a web server", () => {
    const additions = [
        [
            "VG-10",
            "dns",
            ["in tcp X > 53", "in udp X > 53"],
            { "ingress tcp 53": "anywhere", "ingress udp 53": "anywhere" },
        ],
        ["VG-11", "smtp", ["in tcp X > 25"], { "ingress tcp 25": "anywhere" }],
        ["VG-12", "imap", ["in tcp X > 143"], { "ingress tcp 143": "anywhere" }],
        ["VG-13", "pop3", ["in tcp X > 110"], { "ingress tcp 110": "anywhere" }],
        ["VG-14", "ftp", ["in tcp X > 21"], { "ingress tcp 21": "anywhere" }],
    ] as const;

    test.each(additions)("%s, VG-15 %s alone: one rule line, its own traffic", (_, name, packets, opened) => {
        const policy = extending("minimum", name);
        for (const packet of packets) {
            expect(verdict(minimum, packet)).toBe("drop");
            expect(verdict(policy, packet)).toBe("accept");
        }
        const before = linesOf({ extends: "minimum" });
        const after = linesOf({ extends: ["minimum", name] });
        expect(Object.keys(after).filter((key) => !(key in before))).toEqual([`t/${name}`]);
        expect(exposed({ extends: name })).toEqual({ ...opened, "egress any": "anywhere" });
    });
});

describe("a server of web and mail", () => {
    const six = ["22", "80", "443", "110", "143", "25"].map((port) => `in tcp X > ${port}`);

    test("EA-49 optimal: exactly six ports pass", () => {
        const optimal = extending("optimal");
        for (const packet of six) expect([packet, verdict(optimal, packet)]).toEqual([packet, "accept"]);
        for (const port of [21, 53, 993, 3306]) expect(verdict(optimal, `in tcp X > ${port}`)).toBe("drop");
        expect(Object.keys(exposed({ extends: "optimal" }))).toHaveLength(7);
    });

    test("EA-49 recommended: the same services, mailboxes and sent mail over TLS", () => {
        const recommended = extending("recommended");
        for (const port of [22, 25, 80, 443, 587, 993, 995])
            expect(verdict(recommended, `in tcp X > ${port}`)).toBe("accept");
        for (const port of [21, 53, 110, 143, 3306]) expect(verdict(recommended, `in tcp X > ${port}`)).toBe("drop");
    });
});

describe("outbound", () => {
    const closed = policyOf({ extends: ["minimum", "outbound"] }, { egress: "drop" });

    test.each([
        ["out udp > X:53", "accept"],
        ["out tcp > X:53", "accept"],
        ["out udp > X:123", "accept"],
        ["out tcp > X:80", "accept"],
        ["out tcp > X:443", "accept"],
        ["out tcp > X:25", "drop"],
        ["out tcp > X:22", "drop"],
        ["out ping > X", "drop"],
        ["in tcp X > 443", "accept"],
        ["in udp X > 53", "drop"],
    ])("%s: %s", (packet, expected) => expect(verdict(closed, packet)).toBe(expected));

    test("is refused where everything may leave anyway", () => {
        const { problems } = checkPolicy({ templates: [{ name: "out", ...presets.outbound }] });
        expect(problems.map(({ message, property }) => `${property}: ${message}`)).toEqual([
            'templates[0].requires: VF056 the template "out" requires the default action drop for egress, and the target has accept. Set egress to drop under defaults of the target, or take the template out of it.',
        ]);
    });
});

describe("the texts' own rows", () => {
    test("VG-1 one template filters both directions", () => {
        const rules = {
            in: { service: "ssh" },
            out: { direction: "egress", action: "drop", protocol: "tcp", ports: 25 },
        };
        expect(verdict(policyOf({ rules }), "in tcp X > 22")).toBe("accept");
        expect(verdict(policyOf({ rules }), "out tcp > X:25")).toBe("drop");
    });

    test.each(Object.entries({ ssh: 22, http: 80, https: 443, dns: 53, smtp: 25, imap: 143, pop3: 110, ftp: 21 }))(
        "VG-4 %s is port %d",
        (name, port) => expect(findService(name)?.ports).toEqual([String(port)]),
    );

    test.each(
        Object.entries({
            shs: "ssh",
            htpp: "http",
            htpps: "https",
            dsn: "dns",
            stmp: "smtp",
            iamp: "imap",
            pop: "pop3",
            ftpp: "ftp",
        }),
    )("VG-4 %s is an error that proposes %s", (misspelt, meant) => {
        const { problems } = checkPolicy({ templates: [{ name: "t", rules: { r: { service: misspelt } } }] });
        expect(problems.map(({ message }) => message)).toEqual([
            `VF008 unknown service "${misspelt}". Did you mean "${meant}"?`,
        ]);
    });

    test("VG-6 a rule states all six columns", () => {
        const row = {
            protocol: "tcp",
            from: "198.51.100.0/24",
            sourcePorts: "1024-65535",
            to: "192.0.2.10",
            ports: 22,
            action: "accept",
        };
        expect(linesOf({ rules: { row } })).toEqual({
            "t/row": "accept tcp from 198.51.100.0/24 port 1024-65535 to 192.0.2.10 port 22",
        });
    });

    test('VG-17 "Any" as source port is the same as leaving it out', () => {
        const https = { service: "https" };
        expect(linesOf({ rules: { https: { ...https, sourcePorts: "Any" } } })).toEqual(linesOf({ rules: { https } }));
    });

    test("VG-18 with one address of the server given, the other is dropped", () => {
        const one = policyOf({
            extends: "minimum",
            rules: { https: { service: "https", to: ["192.0.2.10", "2001:db8:5::10"] } },
        });
        expect(verdict(one, "in tcp X > S:443")).toBe("accept");
        expect(verdict(one, "in tcp X > S2:443")).toBe("drop");
    });

    test("EA-26 a template of exactly the sixteen rows stops with the lock-out error", () => {
        const rows =
            "ftp-data ftp smtp dns www pop3 imap imap3 ldap https smtps imaps mysql postgresql svn webcache".split(" ");
        const table = policyOf({ rules: Object.fromEntries(rows.map((service) => [service, { service }])) });
        expect(table.rules).toHaveLength(16);
        expect(stopped(table)).toBe("VF101");
        expect(stopped(policyOf({ rules: { ...presets.minimum.rules, mysql: { service: "mysql" } } }))).toBeUndefined();
    });
});
