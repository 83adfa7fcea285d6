import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import { openDiagrams } from "../../../../core/analysis/diagram";
import { interfacesOf } from "../../../../core/analysis/interfaces";
import { lastOf } from "../../../../core/analysis/packetFields";
import { evaluateAt } from "../../../../core/analysis/packetValues";
import { CannotExpress } from "../../../../core/dialects/dialect";
import {
    interpretSecurityGroup,
    openSecurityGroup,
    proveSecurityGroup,
    renderSecurityGroup,
    securityGroupChanges,
    type SecurityGroupRule,
} from "../../../../core/dialects/leaseweb";
import { VERDICT } from "../../../../core/dialects/meaning";
import { policy } from "../nftables/build";
import { type Ask, packetOf } from "../packetWords";

// Rules of a Public Cloud security group. Its API is none of a VPS; what a row can say is nearly the same.

const rulesFor = (...lines: string[]) =>
    renderSecurityGroup(policy(Object.fromEntries(lines.map((line, i) => [`web/r${i}`, line])))).rows;

function fate(rules: readonly SecurityGroupRule[], ask: Ask): string {
    const packet = packetOf(ask);
    const diagrams = openDiagrams(lastOf);
    const done = interpretSecurityGroup(rules, packet.direction, diagrams);
    const { verdict } = openSecurityGroup(rules)(packet);
    expect(VERDICT[verdict]).toBe(evaluateAt(diagrams, done, packet, interfacesOf()));
    return verdict;
}

const everyKind = [
    "accept tcp from 198.51.100.10 to port 22",
    "accept udp from anywhere to port 53, 8000-8010",
    "accept any from 203.0.113.0/24",
    "accept icmp echo-request, destination-unreachable/4 from anywhere",
];

test("the items are those that the API's document takes", () => {
    const file = join(__dirname, "authorizeFirewallRules.schema.json");
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(file, "utf8")) as object);
    expect(validate({ rules: rulesFor(...everyKind) })).toBe(true);
    expect(validate({ rules: [{ ...rulesFor(...everyKind)[0], endPort: 65536 }] })).toBe(false);
});

test("ports for TCP and UDP, a type and a code for ICMP, -1 for any of them", () => {
    expect(rulesFor(...everyKind)).toEqual([
        { protocol: "TCP", startPort: 22, endPort: 22, source: "198.51.100.10/32" },
        { protocol: "UDP", startPort: 53, endPort: 53, source: "0.0.0.0/0" },
        { protocol: "UDP", startPort: 8000, endPort: 8010, source: "0.0.0.0/0" },
        { protocol: "TCP", startPort: 0, endPort: 65535, source: "203.0.113.0/24" },
        { protocol: "UDP", startPort: 0, endPort: 65535, source: "203.0.113.0/24" },
        { protocol: "ICMP", icmpType: -1, icmpCode: -1, source: "203.0.113.0/24" },
        { protocol: "ICMP", icmpType: 3, icmpCode: 4, source: "0.0.0.0/0" },
        { protocol: "ICMP", icmpType: 8, icmpCode: -1, source: "0.0.0.0/0" },
    ]);
});

test("types of ICMP pass, others do not, and a drop of one leaves all others", () => {
    expect(fate(rulesFor("accept icmp echo-request from anywhere"), "in ping X")).toBe("accept");
    expect(fate(rulesFor("accept icmp echo-reply from anywhere"), "in ping X")).toBe("drop");
    const rest = rulesFor("drop icmp echo-request from anywhere", "accept icmp from anywhere");
    expect(rest).toHaveLength(255);
    expect(fate(rest, "in ping X")).toBe("drop");
    const coded = policy({
        "web/drop": "drop icmp destination-unreachable/4 from anywhere",
        "web/in": "accept icmp destination-unreachable from anywhere",
    });
    expect(renderSecurityGroup(coded).rows).toHaveLength(255);
    expect(proveSecurityGroup(renderSecurityGroup(coded).rows, coded)).toBeUndefined();
    expect(proveSecurityGroup(rulesFor("accept icmp destination-unreachable from anywhere"), coded)).toMatchObject({
        packet: { icmpType: 3, icmpCode: 4 },
        ...{ meant: "drop", done: "accept" },
    });
});

test("LW-35, LW-36, LW-37: outbound is free and can't be closed, replies come in", () => {
    expect(fate([], "out tcp > X:443")).toBe("accept");
    expect(fate([], "in tcp X > 40000 reply")).toBe("accept");
    expect(fate([], "in tcp X > 40000")).toBe("drop");
    expect(() => rulesFor("egress drop tcp to anywhere port 25")).toThrow(CannotExpress);
});

test("a refusal names the security group", () => {
    expect(() => rulesFor("accept udp from anywhere port 53")).toThrow(
        "rule web/r0: rows of a Leaseweb security group have no field for source ports: leave them out, or enforce this rule on the host (HostFirewall)",
    );
});

test("two rules that say the same are authorised once", () => {
    expect(rulesFor("accept tcp from anywhere to port 80", "accept tcp from anywhere to port 80, 443")).toHaveLength(2);
});

test("authorised first, revoked after; what the API gives back beside the rule stays with it", () => {
    const given = (startPort: number, id: string) => ({
        ...{ protocol: "TCP" as const, startPort, endPort: startPort, icmpType: null, icmpCode: null },
        ...{ source: "0.0.0.0/0", state: "ACTIVE", id },
    });
    const before = [given(22, "a"), given(80, "b")];
    const { add, remove } = securityGroupChanges(before, rulesFor("accept tcp from anywhere to port 80, 443"));
    expect(add).toEqual([{ protocol: "TCP", startPort: 443, endPort: 443, source: "0.0.0.0/0" }]);
    expect(remove.map(({ id }) => id)).toEqual(["a"]);
    expect(fate(before, "in tcp X > 22")).toBe("accept");
});

test("an address without its length, as the API may give it back, is that address alone", () => {
    const [wanted] = rulesFor("accept tcp from 198.51.100.10 to port 22");
    const given = { ...wanted!, source: "198.51.100.10", icmpType: null, icmpCode: null };
    expect(securityGroupChanges([given], [wanted!])).toEqual({ add: [], remove: [] });
    expect(fate([given], "in tcp T > 22")).toBe("accept");
    expect(fate([given], "in tcp 198.51.100.11 > 22")).toBe("drop");
    const six = { ...given, source: "2001:db8:77::10" };
    expect([fate([six], "in6 tcp T > 22"), fate([six], "in6 tcp X > 22")]).toEqual(["accept", "drop"]);
});

test.each<[what: string, rule: Partial<SecurityGroupRule>]>([
    ["no end port", { endPort: null }],
    ["ports of ICMP", { protocol: "ICMP", icmpType: -1, icmpCode: -1 }],
    ["a code without a type", { protocol: "ICMP", startPort: null, endPort: null, icmpType: -1, icmpCode: 0 }],
    ["a type of TCP", { icmpType: 8 }],
    ["ports the wrong way round", { startPort: 81 }],
    ["host bits", { source: "198.51.100.10/24" }],
    ["a first and a last address", { source: "198.51.100.10-198.51.100.11" }],
    ["another protocol", { protocol: "ALL" as "TCP" }],
])("%s is refused by the interpreter", (_, wrong) => {
    const right: SecurityGroupRule = { protocol: "TCP", startPort: 80, endPort: 80, source: "198.51.100.0/24" };
    const read = (rule: SecurityGroupRule) => interpretSecurityGroup([rule], "ingress", openDiagrams(lastOf));
    expect(() => read(right)).not.toThrow();
    expect(() => read({ ...right, ...wrong })).toThrow(expect.objectContaining({ name: "UnreadableRuleset" }) as Error);
});
