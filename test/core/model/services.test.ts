import fc from "fast-check";
import { isDescription, isName } from "../../../core/model/names";
import { nearest } from "../../../core/model/nearest";
import { parsePort } from "../../../core/model/parsePorts";
import { findService, serviceNames, services } from "../../../core/model/services";
import { checkRule } from "../../../core/model/ruleInput";

const written = (name: string) => {
    const { protocol, ports, icmpTypes = ["-"] } = findService(name)!;
    return `${protocol.join(" ")} ${ports.join(", ") || icmpTypes.join(", ")}`;
};

test("the catalogue is large, and each of its names is of the allowed form and there once", () => {
    expect(services.length).toBeGreaterThanOrEqual(260);
    const names = services.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(names.filter((name) => !isName(name))).toEqual([]);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(serviceNames()).toEqual(names);
});

test("every service is complete: ports exactly where there are ports, a description, a source", () => {
    for (const { name, protocol, ports, icmpTypes, description, source } of services) {
        const hasPorts = protocol.filter((one) => one === "tcp" || one === "udp").length;
        expect([name, hasPorts]).toEqual([name, ports.length ? protocol.length : 0]);
        expect([name, icmpTypes !== undefined]).toEqual([name, protocol.some((one) => String(one).startsWith("icmp"))]);
        const ranges = ports.map((text) => parsePort(text));
        expect([name, ranges.filter((range) => "problem" in range)]).toEqual([name, []]);
        const starts = ranges.map((one) => ("range" in one ? one.range.first : 0));
        expect([name, starts]).toEqual([name, [...starts].sort((a, b) => a - b)]);
        expect([name, isDescription(description) && /^[\x20-\x7e]+[^.]$/.test(description)]).toEqual([name, true]);
        expect(source).toMatch(/^(iana|[\w-]+(\.[\w-]+)+(\/[\w.-]+)*)$/);
    }
});

test("what a description points to is a service", () => {
    const hints = services.flatMap(
        ({ description }) => /see also ([a-z0-9-]+(?: and [a-z0-9-]+)*)/.exec(description) ?? [],
    );
    const named = hints.filter((_, at) => at % 2).flatMap((text) => text.split(" and "));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !findService(name))).toEqual([]);
});

test.each(
    Object.entries({
        // What the platforms' own texts name.
        "ftp-data": "tcp 20",
        ftp: "tcp 21",
        ssh: "tcp 22",
        smtp: "tcp 25",
        dns: "tcp udp 53",
        www: "tcp 80",
        http: "tcp 80",
        pop3: "tcp 110",
        ntp: "udp 123",
        imap: "tcp 143",
        imap3: "tcp 220",
        ldap: "tcp 389",
        https: "tcp 443",
        http3: "udp 443",
        smtps: "tcp 465",
        submission: "tcp 587",
        imaps: "tcp 993",
        pop3s: "tcp 995",
        mysql: "tcp 3306",
        svn: "tcp 3690",
        postgresql: "tcp 5432",
        webcache: "tcp 8080",
        "dhcp-client": "udp 68",
        "dhcp-server": "udp 67",
        ping: "icmp icmpv6 echo-request",
        // What stored rules were written with before, where a program shares its port.
        prometheus: "tcp 9090",
        clickhouse: "tcp 8123, 9000",
        cpanel: "tcp 2082-2083, 2086-2087",
        vnc: "tcp 5900-5909",
        rdp: "tcp udp 3389",
        gre: "47 -",
    }),
)("%s is %s", (name, expected) => expect(written(name)).toBe(expected));

test.each(
    Object.entries({
        htps: "https",
        shh: "ssh",
        SSH: "ssh",
        smpt: "smtp",
        nttp: "ntp",
        myslq: "mysql",
        postgre: "postgres",
        wiregaurd: "wireguard",
        prometeus: "prometheus",
        grafna: "grafana",
        teamspek: "teamspeak",
        minecaft: "minecraft",
        node_exporter: "node-exporter",
        payroll: undefined,
        "a-program-that-nobody-else-runs": undefined,
    }),
)("for %s it proposes %s", (word, expected) => expect(nearest(word, serviceNames())).toBe(expected));

test("a rule with a service means the same as one with its protocol and ports written out", () => {
    const rest = fc.record(
        {
            direction: fc.constantFrom("ingress", "egress"),
            action: fc.constantFrom("accept", "drop", "reject"),
            from: fc.constantFrom("192.0.2.0/24", "set office", "anywhere IPv6"),
            priority: fc.constantFrom(0, 900),
            enabled: fc.boolean(),
        },
        { requiredKeys: [] },
    );
    fc.assert(
        fc.property(rest, fc.constantFrom(...serviceNames()), (fields, name) => {
            const { protocol, ports, icmpTypes } = findService(name)!;
            const numbers = {
                ...(ports.length && { ports: [...ports] }),
                ...(icmpTypes && { icmpTypes: [...icmpTypes] }),
            };
            const spelt = checkRule({ ...fields, protocol: [...protocol], ...numbers }, "r");
            expect(spelt.problems).toEqual([]);
            expect(checkRule({ ...fields, service: name }, "r")).toEqual(spelt);
        }),
        { numRuns: 1000 },
    );
});
