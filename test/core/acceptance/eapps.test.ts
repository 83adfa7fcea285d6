import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as components from "../../../components";
import { render } from "../../../core/dialects/nftables";
import { checkPolicy } from "../../../core/model/checkPolicy";
import type { Policy } from "../../../core/model/policy";
import { codes, findingsOf } from "../analysis/findings/findingsOf";
import { policyFrom } from "../analysis/exposureOf";
import { verdict } from "../analysis/probe";
import { openRuleset } from "../dialects/nftables/interpret/ask";
import type { NftPacket } from "../dialects/nftables/interpret/perPacket";
import { ownership } from "../dialects/nftables/policies";

// What the iptables guide of eApps says, beyond what is shown where services, presets and findings are. The ids are those of
// the acceptance list.

const [S, X] = [0xc000020an, 0xcb007109n];
const LOCALHOST = 0x7f000001n;
const three = policyFrom({ ssh: { service: "ssh" }, http: { service: "http" }, smtp: { service: "smtp" } });

/** What the whole ruleset of a host does with a packet that comes in, its base included. */
const onHost = (policy: Policy, packet: Partial<NftPacket>) =>
    openRuleset(render(policy, ownership), "input").verdict({
        ...{ family: 4, protocol: 6, source: X, destination: S, state: "new", interface: "eth0", holds: new Set() },
        ...packet,
    });

test.each([
    ["in tcp X > 22", "accept"],
    ["in tcp X > 80", "accept"],
    ["in tcp X > 25", "accept"],
    ["in tcp X > 443", "drop"],
    ["in tcp X > 3306", "drop"],
    ["in udp X > 22", "drop"],
    ["in gre X", "drop"],
    ["in ping X", "drop"],
])("EA-1, EA-8, EA-28: three services from anywhere: %s: %s, in both families", (packet, expected) => {
    expect(verdict(three, packet)).toBe(expected);
});

test("EA-28: the guide's three rules are three lines", () => {
    const rules = { ssh: { service: "ssh" }, http: { service: "http" }, smtp: { service: "smtp" } };
    expect(checkPolicy({ templates: [{ name: "eapps", rules }] }).stored.rules).toEqual({
        "eapps/ssh": "accept tcp from anywhere to port 22",
        "eapps/http": "accept tcp from anywhere to port 80",
        "eapps/smtp": "accept tcp from anywhere to port 25",
    });
});

describe("EA-6: a drop of T beside an accept of its network", () => {
    const drop = "drop tcp from 198.51.100.10 to port 22";
    const accept = "accept tcp from 198.51.100.0/24 to port 22";
    const fate = (rules: Record<string, unknown>) => {
        const policy = policyFrom(rules);
        return ["T", "N"].map((who) => verdict(policy, `in tcp ${who} > 22`));
    };
    const [ACCEPT, DROP] = ["IPv4 accept, IPv6 drop", "drop"];

    test("wins in either order", () => {
        expect(fate({ a: drop, b: accept })).toEqual([DROP, ACCEPT]);
        expect(fate({ a: accept, b: drop })).toEqual([DROP, ACCEPT]);
    });

    test("unless a priority says otherwise; then it decides nothing, and is reported", () => {
        const first = { a: `${accept} priority 500`, b: drop };
        expect(fate(first)).toEqual([ACCEPT, ACCEPT]);
        expect(codes(findingsOf(first))).toEqual(["VF214 web/b"]);
    });
});

test("EA-7: rules for what comes in touch neither what leaves nor what is forwarded", () => {
    expect(render(three, ownership).match(/hook \w+/g)).toEqual(["hook input"]);
});

describe("EA-31, EA-32: without the guide's rules by source port", () => {
    test.each([
        ["in tcp X sp 25 > 3306", "drop"],
        ["in tcp X sp 53 > 3306", "drop"],
        ["in udp X sp 53 > 161", "drop"],
    ])("%s: %s", (packet, expected) => expect(verdict(three, packet)).toBe(expected));

    test.each([
        ["web", 6, 443],
        ["mail", 6, 25],
        ["names", 17, 53],
        ["time", 17, 123],
    ])("what answers the server's own question passes: %s", (_, protocol, sourcePort) => {
        const packet = { protocol, sourcePort, destinationPort: 40000 };
        expect(onHost(three, { ...packet, state: "established" })).toBe("accept");
        expect(onHost(three, packet)).toBe("drop");
    });
});

describe("EA-35: a source that is missing is never anywhere", () => {
    const problems = (rule: unknown) =>
        checkPolicy({ templates: [{ name: "web", rules: { local: rule } }] }).problems.map(({ code }) => code);

    test.each([
        ["accept any from", "VF013"],
        ["accept any from to port 22", "VF001"],
    ])("%s", (line, code) => expect(problems(line)).toEqual([code]));

    test.each(["", undefined, null, []])("from: %p", (from) => {
        expect(problems({ protocol: "any", from })).toEqual(["VF010"]);
    });

    test("and an address there is read as it is", () => {
        expect(problems("accept any from 127.0.0.1")).toEqual([]);
    });
});

test.each<[string, Partial<NftPacket>, string]>([
    ["127.0.0.1", { source: LOCALHOST, destination: LOCALHOST, interface: "lo" }, "accept"],
    ["::1", { family: 6, source: 1n, destination: 1n, interface: "lo" }, "accept"],
    ["the server's own address", { source: S, interface: "lo" }, "accept"],
    ["a packet from outside that claims to be 127.0.0.1", { source: LOCALHOST }, "drop"],
    ["a packet from outside that claims to be ::1", { family: 6, source: 1n, destination: 1n }, "drop"],
])("EA-36: loopback is the interface, not the address: %s", (_, packet, expected) => {
    expect(onHost(three, { sourcePort: 40000, destinationPort: 3306, ...packet })).toBe(expected);
});

test.each<[string, Partial<NftPacket>, string]>([
    ["fragmentation needed", { protocol: 1, type: 3, code: 4, state: "related" }, "accept"],
    ["packet too big", { family: 6, protocol: 58, type: 2, code: 0, state: "related" }, "accept"],
    ["ping", { protocol: 1, type: 8, code: 0 }, "drop"],
    ["ping over IPv6", { family: 6, protocol: 58, type: 128, code: 0 }, "drop"],
])("EA-38: errors of open connections pass without ping: %s", (_, packet, expected) => {
    expect(onHost(three, packet)).toBe(expected);
});

test("EA-46: rules go by name: without the second of five the other four are what they were", () => {
    const names = ["ssh", "smtp", "http", "https", "imaps"];
    const linesOf = (wanted: readonly string[]) => {
        const rules = Object.fromEntries(wanted.map((service) => [service, { service }]));
        return checkPolicy({ templates: [{ name: "web", rules }] }).stored.rules;
    };
    const { "web/smtp": gone, ...kept } = linesOf(names);
    expect(gone).toBe("accept tcp from anywhere to port 25");
    expect(linesOf(names.filter((name) => name !== "smtp"))).toEqual(kept);
});

test("EA-15, EA-16, EA-49: the optimal situation is told that 110 and 143 are cleartext, its better form nothing of that", () => {
    const said = (preset: "optimal" | "recommended") =>
        codes(findingsOf([{ name: "web", extends: preset }])).filter((code) => !code.startsWith("VF222"));
    expect(said("optimal")).toEqual(["VF226 web/imap", "VF226 web/pop3"]);
    expect(said("recommended")).toEqual([]);
});

test("EA-50: eApps offers nothing to talk to: there is a target for hosts, and none of its own", () => {
    expect(Object.keys(components)).toContain("HostFirewall");
    expect(Object.keys(components).filter((name) => /eapps/i.test(name))).toEqual([]);
    expect(readdirSync(join(__dirname, "..", "..", "..", "targets")).filter((name) => /eapps/i.test(name))).toEqual([]);
});
