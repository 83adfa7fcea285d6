import { checkPolicy } from "../../../core/model/checkPolicy";
import { exposureOf, policyFrom } from "../analysis/exposureOf";
import { verdict } from "../analysis/probe";

// What the platforms' own texts say of rules, as far as it is the model's. The ids are those of the acceptance list.

const web = (...rules: unknown[]) => policyFrom(Object.fromEntries(rules.map((rule, index) => [`r${index}`, rule])));
const lineOf = (rule: unknown) =>
    checkPolicy({ templates: [{ name: "web", rules: { a: rule } }] }).stored.rules["web/a"];
const problemOf = (rule: unknown) =>
    checkPolicy({ templates: [{ name: "web", rules: { a: rule } }] }).problems.map(({ message }) => message)[0];

test("LW-12: a rule for one protocol accepts nothing of the other two", () => {
    const probes = { tcp: "in tcp X > 80", udp: "in udp X > 80", icmp: "in ping X" };
    const rules = {
        tcp: { protocol: "tcp" },
        udp: { protocol: "udp" },
        icmp: { protocol: ["icmp", "icmpv6"] },
    };
    for (const [name, rule] of Object.entries(rules))
        for (const [other, probe] of Object.entries(probes))
            expect(verdict(web(rule), probe)).toBe(other === name ? "accept" : "drop");
});

test("LW-13, LW-14: any protocol is one rule here, and what no rule names is dropped", () => {
    expect(verdict(web({ protocol: "any", from: ["198.51.100.10", "2001:db8:77::10"] }), "in gre T")).toBe("accept");
    expect(verdict(web({ service: "ssh" }), "in gre X")).toBe("drop");
});

test("LW-15, LW-18, LW-19: one address, a prefix, a range, and host bits", () => {
    const network = web({ service: "ssh", from: "198.51.100.0/24" });
    expect(verdict(network, "in tcp T > 22")).toBe("IPv4 accept, IPv6 drop");
    expect(verdict(network, "in tcp X > 22")).toBe("drop");
    const ssh = (from: string) => lineOf({ service: "ssh", from });
    expect(ssh("198.51.100.10/32")).toBe(ssh("198.51.100.10"));
    expect(ssh("192.0.2.20-192.0.2.23")).toBe("accept tcp from 192.0.2.20/30 to port 22");
    expect(ssh("192.0.2.20-192.0.2.22")).toBe("accept tcp from 192.0.2.20/31, 192.0.2.22 to port 22");
    expect(problemOf({ service: "ssh", from: "192.0.2.7/24" })).toMatch(/^VF002 .*Write "192\.0\.2\.0\/24"/);
});

test("LW-20, LW-21, LW-22: one port, a range with both its ends, and a range of one", () => {
    const at = (ports: string | number, port: number) => verdict(web({ protocol: "tcp", ports }), `in tcp X > ${port}`);
    expect([79, 80, 81].map((port) => at(80, port))).toEqual(["drop", "accept", "drop"]);
    expect([49, 50, 55, 60, 61].map((port) => at("50-60", port))).toEqual([
        "drop",
        "accept",
        "accept",
        "accept",
        "drop",
    ]);
    expect(lineOf({ protocol: "tcp", ports: "80-80" })).toBe(lineOf({ protocol: "tcp", ports: 80 }));
});

test.each(["60-50", 65536, "http;", -1, 0])("LW-23: %p is no port, and the field is named", (ports) => {
    const { problems } = checkPolicy({ templates: [{ name: "web", rules: { a: { protocol: "tcp", ports } } }] });
    expect(problems.map(({ code, property }) => [code, property])).toEqual([
        [expect.stringMatching(/^VF00[34]$/), "templates[0].rules.a.ports"],
    ]);
});

test("LW-24, LS-13, EA-37: ICMP has no ports; a ping from T gets through and one from X does not", () => {
    expect(problemOf({ protocol: "icmp", ports: 8 })).toMatch(/^VF007/);
    const ping = web({ service: "ping", from: ["198.51.100.10", "2001:db8:77::10"] });
    expect(verdict(ping, "in ping T")).toBe("accept");
    expect(verdict(ping, "in ping X")).toBe("drop");
    expect(verdict(web({ service: "ssh" }), "in ping X")).toBe("drop");
});

test("LW-28, EA-33: accepts have no order", () => {
    const rules = ["ssh", "http", "https"].map((service) => ({ service }));
    const of = (order: readonly number[]) =>
        exposureOf(Object.fromEntries(order.map((at, index) => [`r${index}`, rules[at]])));
    const orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for (const order of orders) expect(JSON.stringify(of(order))).toBe(JSON.stringify(of(orders[0]!)));
});

test("LW-28: a drop inside an accept leaves exactly the difference", () => {
    const rules = { wide: "accept tcp from 10.0.0.0/8 to port 22", narrow: "drop tcp from 10.1.0.0/16 to port 22" };
    expect(exposureOf(rules)["ingress tcp 22"]).toBe(
        "10.0.0.0/16, 10.2.0.0/15, 10.4.0.0/14, 10.8.0.0/13, 10.16.0.0/12, 10.32.0.0/11, 10.64.0.0/10, 10.128.0.0/9",
    );
});

test.each([
    ["EA-10", "ftp-data", "tcp", "20"],
    ["EA-11", "ftp", "tcp", "21"],
    ["EA-12", "smtp", "tcp", "25"],
    ["EA-13", "dns", "tcp + udp", "53"],
    ["EA-14", "http", "tcp", "80"],
    ["EA-14", "www", "tcp", "80"],
    ["EA-15", "pop3", "tcp", "110"],
    ["EA-16", "imap", "tcp", "143"],
    ["EA-17", "imap3", "tcp", "220"],
    ["EA-18", "ldap", "tcp", "389"],
    ["EA-19", "https", "tcp", "443"],
    ["EA-19", "http3", "udp", "443"],
    ["EA-20", "submissions", "tcp", "465"],
    ["EA-20", "smtps", "tcp", "465"],
    ["EA-20", "submission", "tcp", "587"],
    ["EA-21", "imaps", "tcp", "993"],
    ["EA-21", "pop3s", "tcp", "995"],
    ["EA-22", "mysql", "tcp", "3306"],
    ["EA-23", "postgresql", "tcp", "5432"],
    ["EA-24", "svn", "tcp", "3690"],
    ["EA-25", "http-alt", "tcp", "8080"],
    ["EA-25", "webcache", "tcp", "8080"],
])("%s: %s is %s %s", (_, service, protocol, port) => {
    expect(lineOf({ service })).toBe(`accept ${protocol} from anywhere to port ${port}`);
});

test("EA-34, EA-39: one more service is one more line, and the default needs no rule at the end", () => {
    const before = { ssh: { service: "ssh" } };
    const after = { ...before, https: { service: "https" } };
    const rulesOf = (rules: object) => checkPolicy({ templates: [{ name: "web", rules: { ...rules } }] }).stored.rules;
    expect(Object.keys(rulesOf(after)).filter((key) => !(key in rulesOf(before)))).toEqual(["web/https"]);
    expect(verdict(policyFrom(after), "in tcp X > 443")).toBe("accept");
    expect(verdict(policyFrom(after), "in tcp X > 3306")).toBe("drop");
});

test("EA-38: ping within a rate", () => {
    expect(exposureOf({ ping: { service: "ping", limit: "5/second burst 10" } })).toMatchObject({
        "ingress icmp echo-request": "anywhere limit 5/second burst 10",
        "ingress icmpv6 echo-request": "anywhere limit 5/second burst 10",
    });
});

test("LS-10, LS-11, LS-12: every port of tcp, one, and a range", () => {
    const every = web({ protocol: "tcp" });
    expect(["in tcp X > 1", "in tcp X > 65535", "in udp X > 53"].map((probe) => verdict(every, probe))).toEqual([
        "accept",
        "accept",
        "drop",
    ]);
    const range = web({ protocol: "tcp", ports: "20-22" });
    expect([19, 20, 21, 22, 23].map((port) => verdict(range, `in tcp X > ${port}`))).toEqual([
        "drop",
        "accept",
        "accept",
        "accept",
        "drop",
    ]);
    expect(lineOf({ protocol: "tcp", ports: [20, 21, 22] })).toBe("accept tcp from anywhere to port 20-22");
    expect(lineOf({ protocol: "tcp", ports: [20, 22] })).toBe("accept tcp from anywhere to port 20, 22");
});

test("NC-31, LS-15, LS-16: source ports narrow the source, destinations of egress open nothing inbound", () => {
    const ntp = web({ protocol: "udp", sourcePorts: 123 });
    expect(verdict(ntp, "in udp X sp 123 > 40000")).toBe("accept");
    expect(verdict(ntp, "in udp X sp 124 > 40000")).toBe("drop");
    const out = policyFrom(
        { a: { direction: "egress", protocol: "tcp", ports: 443, to: "198.51.100.0/24" } },
        {
            defaults: { egress: "drop" },
        },
    );
    expect(verdict(out, "out tcp > T:443")).toBe("IPv4 accept, IPv6 drop");
    expect(verdict(out, "out tcp > X:443")).toBe("drop");
    expect(verdict(out, "in tcp T > 443")).toBe("drop");
});

test("NC-33: a rule for the second address leaves the first one closed", () => {
    const second = web({ service: "https", to: ["192.0.2.20", "2001:db8:5::20"] });
    expect(verdict(second, "in tcp X > S2:443")).toBe("accept");
    expect(verdict(second, "in tcp X > 443")).toBe("drop");
});
