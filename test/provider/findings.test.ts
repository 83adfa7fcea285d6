import { checkHost } from "../../provider/checkHost";
import { HostProvider } from "../../provider/hostProvider";

const mysql = { mysql: "accept tcp from anywhere to port 3306" };
const ssh = { ssh: "accept tcp from anywhere to port 22" };

const raw = (rules: Record<string, unknown>, findings?: unknown, host = "192.0.2.10") => ({
    target: { host, user: "root" },
    owner: "acme/web/prod",
    templates: [{ name: "web", rules, ...(findings !== undefined && { findings }) }],
});

const reasons = (findings: unknown) => checkHost(raw(mysql, findings)).failures.map(({ reason }) => reason);

function told(...inputs: Record<string, unknown>[]): string[] {
    const lines: string[] = [];
    const surroundings = () => ({ config: {}, env: {}, home: "/" });
    const provider = new HostProvider({ surroundings, log: (severity, text) => lines.push(`${severity} ${text}`) });
    for (const each of inputs) provider.check(each);
    return lines.filter((line) => / VF2/.test(line));
}

test("warnings and notes are told, once for a template however many hosts have it", () => {
    const hosts = Array.from({ length: 100 }, (_, i) => raw({ ...mysql, ...ssh }, undefined, `192.0.2.${i}`));
    expect(told(...hosts)).toEqual([
        expect.stringMatching(
            /^warning VF220 web\/mysql opens to the world what is usually private: mysql \(tcp 3306\)/,
        ),
        expect.stringMatching(/^info VF222 web\/ssh opens SSH to the world/),
    ]);
});

test("of many of one kind the first ten, and how many more", () => {
    const rules = Object.fromEntries(
        Array.from({ length: 25 }, (_, i) => [`r${i + 10}`, `drop tcp from 198.51.100.7 to port ${1000 + i}`]),
    );
    const lines = told(raw(rules));
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe("info VF219 is found 15 more times");
});

test("a template raises a finding to an error, which stops the check", () => {
    expect(reasons({ VF220: { severity: "error" } })).toEqual([expect.stringMatching(/^VF220 web\/mysql opens/)]);
    expect(told(raw(mysql, { VF220: { severity: "error" } }))).toEqual([]);
});

test("a lower severity needs a reason, which is shown", () => {
    const why = { severity: "off", reason: "replicas elsewhere, TLS and certificates" };
    expect(reasons({ VF220: why })).toEqual([]);
    expect(told(raw(mysql, { VF220: why }))[0]).toMatch(
        /^info VF220 web\/mysql .* \(off here: replicas elsewhere, TLS and certificates\)$/,
    );
    for (const severity of ["off", "note"])
        expect(reasons({ VF220: { severity } })[0]).toMatch(
            /VF052 .*VF220 is a warning, and a lower severity needs a reason/,
        );
    expect(reasons({ VF222: { severity: "warning" } })).toEqual([]);
});

test("settings that say nothing are refused", () => {
    expect(reasons({ VF999: { severity: "off", reason: "x" } })[0]).toContain(
        'VF050 web findings: "VF999" is not the code',
    );
    expect(reasons({ VF020: { severity: "off", reason: "x" } })[0]).toContain("VF050");
    for (const wrong of [
        "off",
        { severity: "none" },
        { severity: "off", reason: "a\nb" },
        { reason: "x" },
        { severity: "off", because: "x" },
    ])
        expect(reasons({ VF220: wrong })[0]).toContain("VF051");
    expect(reasons("off")[0]).toContain("VF051");
});

test("nothing is found in rules that are refused, or under a default that is not known yet", () => {
    expect(checkHost(raw({ ...mysql, bad: "accept nonsense" })).findings).toEqual([]);
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    expect(checkHost({ ...raw(ssh), defaults: { ingress: unknown } }).findings).toEqual([]);
});

test("of a template that holds a secret no address is told", () => {
    const rules = { one: "drop tcp from 198.51.100.7 to port 1000" };
    expect(told(raw(rules))[0]).toContain("198.51.100.7");
    expect(told({ ...raw(rules), rules: "secret" })).toEqual([
        "info VF219 web/one: the template holds a secret, so no more is said (docs/errors.md)",
    ]);
    const error = raw(rules, { VF219: { severity: "error" } });
    const reasons = checkHost({ ...error, rules: "secret" }).failures.map(({ reason }) => reason);
    expect(reasons).toEqual(["VF219 web/one: the template holds a secret, so no more is said (docs/errors.md)"]);
});
