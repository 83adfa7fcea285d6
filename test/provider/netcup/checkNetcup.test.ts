import { checkNetcup } from "../../../provider/netcup/checkNetcup";
import { rulesOf } from "../../../core/dialects/netcup/render";
import { lineOf } from "../../core/dialects/netcup/panel";

const templates = (...all: Record<string, unknown>[]) => all.map((rules, index) => ({ name: `t${index + 1}`, rules }));
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

test("templates become the stored form of any target, and one list of netcup's rules", () => {
    const { stored, failures, rendered } = checkNetcup({
        templates: templates(
            { scanners: "drop tcp from 203.0.113.0/24" },
            { web: { service: ["http", "https"] }, ssh: "accept tcp from set office to port 22" },
        ),
        addressSets: { office: { entries: ["198.51.100.0/24", "2001:db8:77::/48"] } },
    });
    expect(failures).toEqual([]);
    expect(stored).toMatchObject({
        rules: { "t1/scanners": "drop tcp from 203.0.113.0/24", "t2/web": "accept tcp from anywhere to port 80, 443" },
        templates: "t1, t2",
        exposure: {
            "ingress tcp 22": "198.51.100.0/24, 2001:db8:77::/48",
            "ingress tcp 443": "anywhere except 203.0.113.0/24",
            "egress any": "anywhere",
        },
    });
    // What the first template drops stands before what the second accepts: two policies would say it twice.
    expect(rulesOf(rendered!).map(lineOf)).toEqual([
        "INGRESS TCP 203.0.113.0/24 DROP",
        "INGRESS TCP 198.51.100.0/24,2001:db8:77::/48 > 22 ACCEPT",
        "INGRESS TCP > 80 ACCEPT",
        "INGRESS TCP > 443 ACCEPT",
    ]);
});

test("NC-27: what netcup can't say names rule, field and way out", () => {
    const { failures, rendered } = checkNetcup({
        templates: templates({ web: "reject tcp from anywhere to port 113" }),
    });
    expect(failures.map(({ reason }) => reason)).toEqual([
        "VF290 templates: rule t1/web can't be said in netcup's firewall: netcup's firewall accepts or drops and never answers: " +
            "say drop here, and reject on the host. Change its field action, or keep the rule on the host (HostFirewall).",
    ]);
    expect(rendered).toBeUndefined();
});

test("NC-20: rules are counted over all templates before anything is sent: 500 pass, 501 do not", () => {
    const many = (count: number) => ({
        web: {
            protocol: "tcp",
            ports: 443,
            from: Array.from({ length: count }, (_, i) => `10.0.${i >> 7}.${2 * (i & 127)}`),
        },
    });
    expect(checkNetcup({ templates: templates(many(300), { ssh: { ...many(200).web, ports: 22 } }) }).failures).toEqual(
        [],
    );
    const [failure] = checkNetcup({
        templates: templates(many(300), { ssh: { ...many(201).web, ports: 22 } }),
    }).failures;
    expect(failure!.reason).toMatch(/^VF291 .*501 rules, and 500 are the most .*t1 300, t2 201.* Nothing was sent\.$/);
});

test("NC-9: answers to the server's own UDP that will be dropped are a warning, with the packet", () => {
    const { notes, failures } = checkNetcup({ templates: templates({ ssh: "accept tcp from anywhere to port 22" }) });
    expect(failures).toEqual([]);
    const warnings = notes.filter(({ severity }) => severity === "warning").map(({ message }) => message);
    expect(warnings.join("\n")).toMatch(
        /^VF294 on netcup answers to NTP .* \(such as udp 203\.0\.113\.9 from port 123 -> port 40000\)\.$/m,
    );
});

test("what is not known yet passes, and is neither rendered nor proven before it is", () => {
    const { stored, failures, rendered, notes } = checkNetcup({
        templates: templates({ ssh: { service: "ssh", from: [UNKNOWN] } }),
    });
    expect(failures).toEqual([]);
    expect(stored.rules).toEqual({ "t1/ssh": "accept tcp from (not known yet) to port 22" });
    expect([rendered, notes]).toEqual([undefined, []]);
    expect(
        checkNetcup({
            templates: templates({ ssh: "accept tcp from anywhere to port 22" }),
            defaults: { egress: UNKNOWN },
        }).stored.exposure,
    ).toEqual({
        "ingress tcp 22": "anywhere",
        "egress any": "(not known yet)",
    });
});

test("what is wrong in a template is said as for a host, and a finding that is an error refuses", () => {
    const wrong = checkNetcup({ templates: templates({ ssh: { service: "shh" } }) });
    expect(wrong.failures[0]!.reason).toMatch(/^VF\d+ t1\/ssh service: .*"ssh"/);
    expect(wrong.rendered).toBeUndefined();
    const finding = {
        name: "t1",
        rules: { ssh: "accept tcp from anywhere to port 22" },
        findings: { VF222: { severity: "error", reason: "policy of the house" } },
    };
    expect(checkNetcup({ templates: [finding] }).failures[0]!.reason).toMatch(/^VF222 t1\/ssh opens SSH to the world/);
});

test("of a template that holds a secret, findings and notes say no more than that", () => {
    const open = { templates: templates({ ssh: "accept tcp from anywhere to port 22" }) };
    const { findings, notes } = checkNetcup({ ...open, rules: "secret" });
    expect(findings.length + notes.length).toBeGreaterThan(1);
    for (const { message } of [...findings, ...notes]) expect(message).toContain("holds a secret, so no more is said");
    expect(findings.every(({ witness }) => witness === undefined)).toBe(true);
});
