import { implicitRule } from "../../../../core/dialects/netcup/interpret/interpret";
import { prove } from "../../../../core/dialects/netcup/prove";
import { render, rulesOf } from "../../../../core/dialects/netcup/render";
import { type AttachedPolicy, type FirewallRule, READINGS } from "../../../../core/dialects/netcup/rule";
import { attached, DROP, lineOf, notesOf, onPanel, onPanelOf, OPEN, policyOf, proofOf, sent, USUAL } from "./panel";

const [T, N] = ["198.51.100.10, 2001:db8:77::10", "198.51.100.0/24, 2001:db8:77::/64"];

const allow = (
    direction: FirewallRule["direction"],
    protocol: FirewallRule["protocol"],
    more: Partial<FirewallRule> = {},
) => ({ direction, protocol, action: "ACCEPT", ...more }) as const;

/** netcup's own, as recorded. */
const PING: AttachedPolicy = {
    name: "netcup Ping allow",
    copied: true,
    rules: (["INGRESS", "EGRESS"] as const).flatMap((way) => [allow(way, "ICMP"), allow(way, "ICMPv6")]),
};
const MAIL: AttachedPolicy = {
    name: "netcup Mail block",
    copied: true,
    rules: ["25", "465", "587"].map((destinationPorts) => ({
        direction: "EGRESS",
        protocol: "TCP",
        action: "DROP",
        destinationPorts,
    })),
};

function implicitOf(policies: readonly AttachedPolicy[]): string[] {
    return (["ingress", "egress"] as const).map((direction) => {
        const found = new Set(READINGS.map((reading) => implicitRule(policies, direction, reading)));
        return [...found].sort().join(" or ");
    });
}

test("NC-1: a rule of each direction is one INGRESS and one EGRESS rule", () => {
    const policy = policyOf([`accept tcp from ${N} to port 22`, "egress accept tcp to anywhere port 443"], DROP);
    expect(sent(policy).filter((line) => !line.includes(" sp "))).toEqual([
        "INGRESS TCP 198.51.100.0/24,2001:db8:77::/64 > 22 ACCEPT",
        "EGRESS TCP > 443 ACCEPT",
    ]);
});

test("NC-5: the reply to a TCP connection of the server passes with no rule more", () => {
    const policy = policyOf(["accept tcp from anywhere to port 22"]);
    expect(sent(policy)).toEqual(["INGRESS TCP > 22 ACCEPT"]);
    expect(onPanelOf(policy, "out tcp > X:443")).toBe("accept");
    expect(onPanelOf(policy, "in tcp X sp 443 > 40000", "established")).toBe("accept");
    expect(onPanelOf(policy, "in tcp X sp 443 > 40000")).toBe("drop");
});

test("NC-6: while egress drops, an accepted TCP service has a reply rule, and what that lets out is said", () => {
    const policy = policyOf(["accept tcp from anywhere to port 22", "egress accept tcp to anywhere port 443"], DROP);
    const rules = rulesOf(render(policy));
    expect(rules.map(lineOf)).toEqual([
        "INGRESS TCP > 22 ACCEPT",
        "EGRESS TCP > 443 ACCEPT",
        "EGRESS TCP sp 22 ACCEPT",
    ]);
    expect(render(policy).lines[2]).toMatchObject({ why: "reply", key: "web/1" });
    expect(rules[2]!.description).toBe("reply rule of web/1");
    expect(notesOf(policy, "reply rule")).toEqual([
        expect.stringMatching(/^web\/1: a reply rule lets the answers leave.*\(out tcp 192\.0\.2\.10 from port 22 -> /),
    ]);
    expect(onPanelOf(policy, "out tcp sp 22 > X:40000", "established")).toBe("accept");
    expect(proofOf(rules, policy)).toBeUndefined();
    expect(proofOf(rules.slice(0, 2), policy)).toMatch(
        /^out tcp \S+ from port 22 -> .* state established: meant accept, done drop$/,
    );
});

test("NC-7: request and reply of UDP both have a rule; without the second the proof shows the reply", () => {
    const policy = policyOf(["accept udp from anywhere to port 53", "egress accept tcp to anywhere port 443"], DROP);
    const rules = rulesOf(render(policy));
    expect(rules.map(lineOf)).toEqual([
        "INGRESS UDP > 53 ACCEPT",
        "EGRESS TCP > 443 ACCEPT",
        "EGRESS UDP sp 53 ACCEPT",
    ]);
    expect(proofOf(rules, policy)).toBeUndefined();
    expect(proofOf(rules.slice(0, 2), policy)).toMatch(
        /^out udp 192\.0\.2\.10 from port 53 -> .* state established: meant accept, done drop$/,
    );
});

test("NC-8: where egress is open, only the INGRESS rule is sent; the printed pair closes all else that leaves", () => {
    const policy = policyOf(["accept udp from anywhere to port 53"]);
    expect(sent(policy)).toEqual(["INGRESS UDP > 53 ACCEPT"]);
    expect(onPanelOf(policy, "out udp sp 53 > X:40000")).toBe("accept");

    const printed = [
        allow("INGRESS", "UDP", { destinationPorts: "53" }),
        allow("EGRESS", "UDP", { sourcePorts: "53" }),
    ];
    expect(implicitOf([attached(printed)])).toEqual(["DROP_ALL", "DROP_ALL"]);
    expect(onPanel([attached(printed)], "out tcp > X:443")).toBe("drop");
    expect(proofOf(printed, policy)).toMatch(/^out tcp .*: meant accept, done drop$/);
});

test("NC-9: answers to the server's own UDP questions are dropped, unless the servers are named", () => {
    const ssh = ["accept tcp from anywhere to port 22"];
    expect(notesOf(policyOf(ssh), "commonly needed")).toEqual([
        expect.stringMatching(/^answers to DNS .*\(in udp 203\.0\.113\.9 from port 53 -> /),
        expect.stringMatching(/^answers to NTP .*\(in udp 203\.0\.113\.9 from port 123 -> /),
    ]);
    expect(onPanelOf(policyOf(ssh), "in udp X sp 123 > 40000")).toBe("drop");

    const named = policyOf([...ssh, `egress accept udp to ${T} port 123`]);
    expect(sent(named)).toEqual(["INGRESS TCP > 22 ACCEPT", "INGRESS UDP 198.51.100.10,2001:db8:77::10 sp 123 ACCEPT"]);
    expect(notesOf(named, "commonly needed")).toEqual([expect.stringMatching(/^answers to DNS /)]);
    expect(onPanelOf(named, "in udp T sp 123 > 40000")).toBe("accept");
    expect(onPanelOf(named, "out udp > X:123")).toBe("accept");
});

test("NC-10: such a rule is no reply rule only, and from anywhere that is a warning", () => {
    const severities = (policy: ReturnType<typeof policyOf>) =>
        render(policy).notes.flatMap(({ kind, severity }) => (kind === "reply rule" ? [severity] : []));
    const named = policyOf([`egress accept udp to ${T} port 123`]);
    expect(onPanelOf(named, "in udp T sp 123 > 161")).toBe("accept");
    expect(severities(named)).toEqual(["note"]);
    const anybody = policyOf(["egress accept udp to anywhere port 123"]);
    expect(severities(anybody)).toEqual(["warning"]);
    expect(notesOf(anybody, "reply rule")[0]).toContain("(in udp 203.0.113.9 from port 123 -> 192.0.2.10 port 161)");
});

test("NC-10: answers that nothing tells from other packets get no rule, and a warning", () => {
    const policy = policyOf(["egress accept udp to anywhere"]);
    expect(sent(policy).filter((line) => line.includes("ACCEPT"))).toEqual([]);
    expect(notesOf(policy, "replies dropped")).toEqual([expect.stringContaining("web/1: answers to it are dropped")]);
});

test("NC-11: ICMP is untracked and has no types; netcup's own policy lets it through and turns no default", () => {
    const ssh = attached(rulesOf(render(policyOf(["accept tcp from anywhere to port 22"]))));
    expect(onPanel([PING, ssh], "in ping X")).toBe("accept");
    expect(onPanel([ssh], "in ping X")).toBe("drop");
    expect(implicitOf([PING])).toEqual(["ACCEPT_ALL", "ACCEPT_ALL"]);

    const policy = policyOf(["accept icmp destination-unreachable + icmpv6 packet-too-big from anywhere"], DROP);
    expect(sent(policy).filter((line) => line.startsWith("INGRESS"))).toEqual([
        "INGRESS ICMP ACCEPT",
        "INGRESS ICMPv6 ACCEPT",
    ]);
    expect(notesOf(policy, "icmp types")).toEqual([
        expect.stringMatching(/^web\/1: .*destination-unreachable.* ping too$/),
    ]);
    expect(proofOf(rulesOf(render(policy)), policy)).toBeUndefined();

    const ping = policyOf(["accept icmp echo-request from anywhere"], DROP);
    expect(sent(ping)).toEqual(["INGRESS ICMP ACCEPT", "EGRESS ICMP ACCEPT"]);
});

test("NC-16: what a copied policy drops is not surely accepted, and the proof shows it", () => {
    const smtp = attached([allow("EGRESS", "TCP", { destinationPorts: "587" })]);
    expect(onPanel([MAIL, smtp], "out tcp > X:587")).toBe("depends on the reading");
    const policy = policyOf(["egress accept tcp to anywhere port 587"], { ingress: "accept", egress: "drop" });
    const own = attached(rulesOf(render(policy)));
    expect(prove([own], policy)).toBeUndefined();
    expect(prove([MAIL, own], policy)).toMatchObject({
        packet: { direction: "egress", destinationPort: 587 },
        conditions: expect.arrayContaining(["netcup's own policies are asked first"]),
    });
    expect(onPanel([smtp], "out tcp > X:587")).toBe("accept");
    expect(implicitOf([MAIL])).toEqual(["ACCEPT_ALL", "ACCEPT_ALL"]);
});

test("NC-18, NC-42: egress that drops names and time is warned about", () => {
    const browse = policyOf(["accept tcp from anywhere to port 22", "egress accept tcp to anywhere port 443"], DROP);
    expect(notesOf(browse, "commonly needed")).toEqual([
        expect.stringMatching(/^DNS is not allowed out.*\(out udp 192\.0\.2\.10 -> 203\.0\.113\.9 port 53\)$/),
        expect.stringMatching(/^NTP is not allowed out/),
    ]);
    const time = policyOf([`egress accept udp to ${T} port 123`], DROP);
    expect(sent(time)).toEqual([
        "INGRESS UDP 198.51.100.10,2001:db8:77::10 sp 123 ACCEPT",
        "EGRESS UDP > 198.51.100.10,2001:db8:77::10 123 ACCEPT",
    ]);
    expect(notesOf(time, "commonly needed")).toEqual([expect.stringMatching(/^DNS /)]);
    expect(notesOf(policyOf([`egress accept any to ${T}`], DROP), "commonly needed")).toEqual([]);
});

test("NC-22: each direction has a default of its own, which its first rule turns", () => {
    expect(implicitOf([])).toEqual(["ACCEPT_ALL", "ACCEPT_ALL"]);
    const ssh = attached(rulesOf(render(policyOf(["accept tcp from anywhere to port 22"]))));
    expect(implicitOf([ssh])).toEqual(["DROP_ALL", "ACCEPT_ALL"]);
    expect(implicitOf([ssh, attached([allow("EGRESS", "TCP", { destinationPorts: "443" })])])).toEqual([
        "DROP_ALL",
        "DROP_ALL",
    ]);
    expect(implicitOf([attached([])])).toEqual(["ACCEPT_ALL", "ACCEPT_ALL"]);
});

test("NC-23: defaults hold whatever rules that only drop make of them", () => {
    const mail = policyOf(["egress drop tcp to anywhere port 25"], OPEN);
    expect(sent(mail)).toEqual([
        "EGRESS TCP > 25 DROP",
        ...["TCP", "UDP", "ICMP", "ICMPv6"].map((protocol) => `EGRESS ${protocol} ACCEPT`),
    ]);
    expect(onPanelOf(mail, "out tcp > X:25")).toBe("drop");
    expect(onPanelOf(mail, "out udp > X:53")).toBe("accept");
    expect(implicitOf([attached(rulesOf(render(mail)).slice(0, 1))])).toEqual(["ACCEPT_ALL", "ACCEPT_ALL or DROP_ALL"]);

    const nothing = policyOf([]);
    expect(sent(nothing)).toEqual(["TCP", "UDP", "ICMP", "ICMPv6"].map((protocol) => `INGRESS ${protocol} DROP`));
    expect(onPanelOf(nothing, "in tcp X > 22")).toBe("drop");
    expect(proofOf([], nothing)).toMatch(/^in tcp .*: meant drop, done accept$/);
    expect(notesOf(nothing, "other protocols")).toEqual([expect.stringContaining("may pass")]);
});

describe("NC-35 to NC-41: the vendor's examples", () => {
    const SSH = "accept tcp from anywhere to port 22";
    const OUT = [
        "egress accept tcp to anywhere port 80",
        "egress accept tcp to anywhere port 443",
        "egress accept tcp to anywhere port 22",
        "egress accept udp to anywhere port 123",
    ];
    const FIFTH = [
        "INGRESS UDP sp 123 ACCEPT",
        "EGRESS TCP > 80 ACCEPT",
        "EGRESS TCP > 443 ACCEPT",
        "EGRESS TCP > 22 ACCEPT",
        "EGRESS UDP > 123 ACCEPT",
    ];

    test("NC-35, NC-43: example 1, and no EGRESS rule where nobody asks for one", () => {
        const policy = policyOf([SSH]);
        expect(sent(policy)).toEqual(["INGRESS TCP > 22 ACCEPT"]);
        expect(onPanelOf(policy, "in tcp X > 22")).toBe("accept");
        expect(onPanelOf(policy, "in tcp X > 80")).toBe("drop");
        expect(onPanelOf(policy, "out tcp > X:443")).toBe("accept");
        expect(onPanelOf(policy, "in tcp X sp 443 > 40000", "established")).toBe("accept");
        expect(onPanelOf(policy, "out tcp sp 22 > X:40000", "established")).toBe("accept");
    });

    test("NC-36: with rules for what leaves, one reply rule for each service", () => {
        const policy = policyOf(["accept tcp from anywhere to port 80, 443", OUT[1]!], DROP);
        expect(sent(policy).filter((line) => line.startsWith("EGRESS"))).toEqual([
            "EGRESS TCP > 443 ACCEPT",
            "EGRESS TCP sp 80 ACCEPT",
            "EGRESS TCP sp 443 ACCEPT",
        ]);
        expect(render(policy).notes.filter(({ kind }) => kind === "reply rule")).toHaveLength(1);
        const open = policyOf(["accept tcp from anywhere to port 80, 443", OUT[1]!]);
        expect(sent(open).filter((line) => line.startsWith("EGRESS"))).toEqual([]);
        expect(notesOf(open, "nothing sent")).toEqual([expect.stringContaining("web/2: egress accepts by default")]);
    });

    test("NC-37: example 2", () => {
        const policy = policyOf(["accept tcp from anywhere to port 80, 443"]);
        expect(sent(policy)).toEqual(["INGRESS TCP > 80 ACCEPT", "INGRESS TCP > 443 ACCEPT"]);
        for (const port of [80, 443]) expect(onPanelOf(policy, `in tcp X > ${port}`)).toBe("accept");
        for (const port of [8080, 22]) expect(onPanelOf(policy, `in tcp X > ${port}`)).toBe("drop");
    });

    test("NC-38: example 3", () => {
        const policy = policyOf(["accept tcp from 198.51.100.0/24"]);
        expect(sent(policy)).toEqual(["INGRESS TCP 198.51.100.0/24 ACCEPT"]);
        expect(onPanelOf(policy, "in tcp N > 5432")).toBe("IPv4 accept, IPv6 drop");
        expect(onPanelOf(policy, "in udp N > 53")).toBe("drop");
        expect(onPanelOf(policy, "in tcp X > 22")).toBe("drop");
        expect(sent(policyOf(["accept tcp from 198.51.100.0/24"], DROP))[1]).toBe(
            "EGRESS TCP > 198.51.100.0/24 ACCEPT",
        );
    });

    test("NC-39: example 4 is one rule that counts two", () => {
        const policy = policyOf(["accept tcp from 198.51.100.10, 2001:db8::cafe to port 3306"]);
        expect(sent(policy)).toEqual(["INGRESS TCP 198.51.100.10,2001:db8::cafe > 3306 ACCEPT"]);
        expect(render(policy).count).toBe(2);
        expect(onPanelOf(policy, "in tcp T > 3306")).toBe("IPv4 accept, IPv6 drop");
        expect(onPanelOf(policy, "in tcp N > 3306")).toBe("drop");
        expect(proofOf(rulesOf(render(policy)), policy)).toBeUndefined();
    });

    test("NC-40: example 5 comes of browsing, ssh and time, with both defaults drop", () => {
        const policy = policyOf(OUT, DROP);
        expect(sent(policy)).toEqual(FIFTH);
        expect(onPanelOf(policy, "out tcp > X:443")).toBe("accept");
        expect(onPanelOf(policy, "in tcp X sp 443 > 40000", "established")).toBe("accept");
        expect(onPanelOf(policy, "out udp > X:123")).toBe("accept");
        expect(onPanelOf(policy, "in udp X sp 123 > 40000")).toBe("accept");
        expect(onPanelOf(policy, "out tcp > X:8443")).toBe("drop");
        expect(proofOf(rulesOf(render(policy)), policy)).toBeUndefined();
    });

    test("NC-41: example 5 alone closes ssh; with example 1 and its reply rule it passes", () => {
        expect(onPanelOf(policyOf(OUT, DROP), "in tcp T > 22")).toBe("drop");
        const both = policyOf([SSH, ...OUT], DROP);
        expect(sent(both)).toEqual(["INGRESS TCP > 22 ACCEPT", ...FIFTH, "EGRESS TCP sp 22 ACCEPT"]);
        expect(onPanelOf(both, "in tcp T > 22")).toBe("accept");
        expect(onPanelOf(both, "out tcp sp 22 > T:40000", "established")).toBe("accept");
    });
});

test("NC-46: allow-all first opens everything, last all but what others drop in words", () => {
    const policy = policyOf(["accept any from anywhere", "egress accept any to anywhere"], DROP);
    const all = rulesOf(render(policy));
    expect(all).toHaveLength(8);
    const strict = attached([
        allow("INGRESS", "TCP", { destinationPorts: "22" }),
        { direction: "INGRESS", protocol: "TCP", action: "DROP", destinationPorts: "3306" },
    ]);
    expect(onPanel([attached(all), strict], "in tcp X > 3306")).toBe("accept");
    expect(onPanel([strict, attached(all)], "in tcp X > 3306")).toBe("drop");
    expect(onPanel([strict, attached(all)], "in udp X > 53")).toBe("accept");
    expect(notesOf(policy, "other protocols")).toHaveLength(2);
});

test("the outbound row of a template that accepts all is nothing here, and opens nothing", () => {
    const policy = policyOf(["accept tcp from anywhere to port 443", "egress accept any to anywhere"], USUAL);
    expect(sent(policy)).toEqual([lineOf(allow("INGRESS", "TCP", { destinationPorts: "443" }))]);
});
