import { exposure } from "../../../../core/analysis/exposure";
import { iptables } from "../../../../core/dialects/iptables";
import { formatRule } from "../../../../core/model/formatRule";
import type { Policy } from "../../../../core/model/policy";
import { policy, web } from "../nftables/build";
import { before, behind, changed, type Edit, edited, saveOf, without } from "./save";

/** What is read of a host where somebody has changed the listing by hand. */
function after(family: 4 | 6 | "both", edit: Edit, wanted: Policy = web) {
    const listing = edited(saveOf(wanted), family, edit);
    const reading = iptables.read(listing, wanted);
    return {
        ...reading,
        lines: Object.fromEntries([...reading.rules].map(([key, rule]) => [key, formatRule(rule)])),
        foreign: Object.fromEntries(reading.unmanaged.map(({ key, line }) => [key, line])),
        effective: reading.effective.map(({ key }) => key),
        difference: iptables.difference(listing, wanted),
    };
}

const IN = "-A VPSFW-IN";
/** Before all rules of templates: the quic rule is the first of both families. */
const inserted = (rule: string) => before('"web/quic"', `${IN} ${rule}`);

test("a port opened by hand in both families reads as one rule of the model", () => {
    const { foreign, effective, understood, rules, difference } = after(
        "both",
        inserted("-p tcp -m tcp --dport 3306 -j ACCEPT"),
    );
    expect(foreign).toEqual({ "(unmanaged) tcp 3306": "accept tcp from anywhere to port 3306" });
    expect(effective).toEqual([
        "web/scanners",
        "web/metrics",
        "(unmanaged) tcp 3306",
        "web/quic",
        "web/ssh",
        "web/web",
    ]);
    expect([...rules.keys()]).toEqual(web.rules.map(({ key }) => key));
    expect(understood).toBe(true);
    expect(difference).toBe("(unmanaged) tcp 3306: accept tcp from anywhere to port 3306");
});

test.each<[string, string]>([
    ["-p tcp -m tcp --dport 3306 -j ACCEPT", "accept tcp from anywhere IPv4 to port 3306"],
    ["-p tcp -m tcp --dport 3306 -j RETURN", "accept tcp from anywhere IPv4 to port 3306"],
    [
        "-s 192.0.2.1/32 -p tcp -m multiport --dports 80,8080:8090 -j ACCEPT",
        "accept tcp from 192.0.2.1 to port 80, 8080-8090",
    ],
    ["-d 192.0.2.0/255.255.255.0 -p 47 -j DROP", "drop protocol 47 from anywhere to 192.0.2.0/24"],
    ["-p gre -j DROP", "drop protocol 47 from anywhere IPv4"],
    ["-p icmp -m icmp --icmp-type 8 -j DROP", "drop icmp echo-request from anywhere"],
    ["-p icmp -m icmp --icmp-type any -j DROP", "drop icmp from anywhere"],
    ["! -s 10.0.0.0/8 -j DROP", "drop any from anywhere IPv4 except 10.0.0.0/8"],
    ["-s 10.0.0.0/8 ! -d 10.0.0.1/32 -j DROP", "drop any from 10.0.0.0/8 to anywhere IPv4 except 10.0.0.1"],
    [
        "-i eth0 -p tcp -m state --state NEW -m tcp --dport 22 -j REJECT",
        "reject tcp from anywhere IPv4 to port 22 in eth0 state new",
    ],
    ["-i wg+ -j ACCEPT", "accept any from anywhere IPv4 in wg*"],
    ["-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP", "drop tcp from anywhere IPv4 flags syn"],
    ["-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP", "drop tcp from anywhere IPv4 flags not-syn"],
    [
        "-p tcp -m tcp --sport 0:1023 -j REJECT --reject-with tcp-reset",
        "reject tcp from anywhere IPv4 port 1-1023 with tcp-reset",
    ],
    [
        "-m iprange --src-range 192.0.2.3-192.0.2.4 -j REJECT --reject-with icmp-admin-prohibited",
        "reject any from 192.0.2.3, 192.0.2.4 with admin-prohibited",
    ],
    ["-j ACCEPT", "accept any from anywhere IPv4"],
    [
        '-p tcp -m comment --comment "it\'s -j DROP" -m tcp --dport 22 -j ACCEPT',
        "accept tcp from anywhere IPv4 to port 22",
    ],
])("%s reads as %s", (text, line) => {
    const { unmanaged, understood } = after(4, inserted(text));
    expect(unmanaged.map((item) => item.line)).toEqual([line]);
    expect(formatRule(unmanaged[0]!.rule!)).toBe(line);
    expect(understood).toBe(true);
});

test.each([
    "-p tcp -m tcp ! --dport 22 -j DROP",
    "-p tcp -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-o eth0 -p tcp -j ACCEPT",
    "-i lo -p tcp -j DROP",
    "-p tcp -m tcp --tcp-flags SYN,ACK ACK -j ACCEPT",
    "-p tcp -m tcp --dport 80 -m limit --limit 10/sec -j ACCEPT",
    "-p tcp -m tcp --dport 80 -m socket -j ACCEPT",
    "-m set --match-set crowdsec src -j DROP",
    "-p sctp -m sctp --dport 80 -j ACCEPT",
    "-s 10.0.0.0/255.0.255.0 -j ACCEPT",
    "-f -j DROP",
    "-p ipv6-icmp -j ACCEPT",
    "-j NFQUEUE --queue-num 1",
    "-j f2b-sshd",
])("%s can't be said in the model and is shown in the program's words", (text) => {
    const { unmanaged, understood, exposure: bounds } = after(4, inserted(text));
    expect(unmanaged).toEqual([expect.objectContaining({ line: `${text} (IPv4)`, place: "VPSFW-IN", position: 9 })]);
    expect(unmanaged[0]!.key).toMatch(/^\(unmanaged\) \S.* \(IPv4\)$/);
    expect(understood).toBe(false);
    expect(bounds).toEqual(expect.any(Object));
});

test("what is not understood in both families is one item", () => {
    const { foreign } = after("both", inserted("-m set --match-set crowdsec src -j DROP"));
    expect(foreign).toEqual({
        "(unmanaged) -m set --match-set crowdsec src -j DROP": "-m set --match-set crowdsec src -j DROP",
    });
});

test("a rule that only counts, logs or marks decides nothing", () => {
    for (const rule of [
        "-p tcp -m tcp --dport 22",
        '-j LOG --log-prefix "in: " --log-level 7',
        "-j LOG",
        "-j MARK --set-xmark 0x1/0xffffffff",
        "-j TRACE",
    ]) {
        const { understood, unmanaged, effective } = after(4, inserted(rule));
        expect(unmanaged.map(({ line }) => line)).toEqual([`${rule} (IPv4)`]);
        expect(understood).toBe(true);
        expect(effective).toEqual(web.rules.map(({ key }) => key));
    }
});

test("a rule behind the default has no effect, and is still seen", () => {
    const { foreign, effective, understood } = after(
        "both",
        behind("default:drop", `${IN} -p tcp -m tcp --dport 3306 -j ACCEPT`, `${IN} -j f2b-sshd`),
    );
    expect(foreign).toEqual({
        "(unmanaged) tcp 3306": "accept tcp from anywhere to port 3306 (no effect: it stands behind the default)",
        "(unmanaged) -j f2b-sshd": "-j f2b-sshd (no effect: it stands behind the default)",
    });
    expect(effective).toEqual(web.rules.map(({ key }) => key));
    expect(understood).toBe(true);
});

test("two of the same have keys of their own", () => {
    const rule = `${IN} -p tcp -m tcp --dport 3306 -j ACCEPT`;
    expect(Object.keys(after("both", before('"web/quic"', rule, rule)).foreign)).toEqual([
        "(unmanaged) tcp 3306",
        "(unmanaged) tcp 3306 (2)",
    ]);
});

test("a rule of ours changed by hand reads as what it now says", () => {
    const { lines, foreign, difference } = after(
        4,
        changed('"web/metrics"', (line) => line.replace("/8", "/7")),
    );
    expect(lines["web/metrics"]).toBe("accept tcp from 10.0.0.0/7 to port 9100");
    expect(foreign).toEqual({});
    expect(difference).toBe(
        'web/metrics is "accept tcp from 10.0.0.0/7 to port 9100", not "accept tcp from 10.0.0.0/8 to port 9100"',
    );
});

test("a rule that one family has lost is a rule of the other", () => {
    const { lines, foreign, difference, understood } = after(4, without('"web/web"'));
    expect(lines["web/web"]).toBe("accept tcp from anywhere IPv6 to port 80, 443");
    expect(foreign).toEqual({});
    expect(understood).toBe(true);
    expect(difference).toContain('web/web is "accept tcp from anywhere IPv6 to port 80, 443", not');
});

test("lines that are no rule together are shown one by one", () => {
    const wanted = policy({ "web/a": "accept tcp from 10.0.0.0/8, 192.0.2.1 to 192.0.2.9, 192.0.2.11 port 22" });
    const { lines, foreign, effective, understood } = after(4, without('"web/a"'), wanted);
    expect(lines).toEqual({});
    expect(Object.values(foreign)).toEqual([
        "accept tcp from 10.0.0.0/8 to 192.0.2.11 port 22",
        "accept tcp from 192.0.2.1 to 192.0.2.9 port 22",
        "accept tcp from 192.0.2.1 to 192.0.2.11 port 22",
    ]);
    expect(effective).toEqual(Object.keys(foreign));
    expect(understood).toBe(true);
});

test("a rule of ours that accepts past the rules of others is not the rule", () => {
    const { lines, foreign, difference } = after(
        "both",
        changed('"web/web"', (line) => line.replace("RETURN", "ACCEPT")),
    );
    expect(lines).not.toHaveProperty("web/web");
    expect(foreign).toEqual({ "(unmanaged) tcp 80, 443": "accept tcp from anywhere to port 80, 443" });
    expect(difference).toBe("(unmanaged) tcp 80, 443: accept tcp from anywhere to port 80, 443");
});

test("a rule that is removed, doubled or moved", () => {
    expect(after("both", without('"web/quic"')).difference).toBe("web/quic is missing");
    const copy = `${IN} -p udp -m udp --dport 443 -m comment --comment "web/quic" -j RETURN`;
    expect(after("both", behind('"web/quic"', copy)).difference).toContain("(unmanaged) udp 443");
    const moved = after("both", (lines) => behind('"web/web"', copy)(without('"web/quic"')(lines)));
    expect([...moved.rules.keys()].at(-1)).toBe("web/quic");
    expect(moved.foreign).toEqual({});
    expect(moved.difference).toBe("web/ssh stands where web/quic must stand");
    expect(moved.understood).toBe(true);
});

test("rules in another order in one family are said, and the exposure is of what stands there", () => {
    const wanted = policy({
        "web/a": "drop tcp from anywhere to port 22",
        "web/b": "accept tcp from anywhere to port 22",
    });
    const {
        base,
        difference,
        understood,
        exposure: bounds,
    } = after(
        6,
        (lines) => {
            const [first, second] = ['"web/a"', '"web/b"'].map((text) =>
                lines.findIndex((line) => line.includes(text)),
            );
            return lines.with(first!, lines[second!]!).with(second!, lines[first!]!);
        },
        wanted,
    );
    expect(base).toContain("changed by hand: ingress rules stand in another order in IPv6 than in IPv4");
    expect(difference).toBe(base);
    expect(understood).toBe(false);
    expect(bounds).toEqual({ "ingress tcp 22": "anywhere IPv6", "egress any": "anywhere" });
});

test("a rule of ours in both directions is said, though one of them is as it should be", () => {
    const wanted = policy({ "web/out": "egress drop tcp to anywhere port 25" });
    const stray = `${IN} -p tcp -m tcp --dport 25 -m comment --comment "web/out" -j DROP`;
    expect(after("both", before("default:drop", stray), wanted).difference).toContain(
        "web/out stands in both directions",
    );
});

test("another priority or last day in the comment is another rule", () => {
    const wanted = policy({ "web/a": "accept tcp from anywhere to port 22 priority 900 expires 2027-01-31" });
    const { lines, difference } = after(
        "both",
        changed('"web/a', (line) => line.replace("900 e2027", "901 e2028")),
        wanted,
    );
    expect(lines["web/a"]).toBe("accept tcp from anywhere to port 22 priority 901 expires 2028-01-31");
    expect(difference).toContain("web/a is ");
    // Only one of the families says so: then they are not one rule.
    expect(
        after(
            4,
            changed('"web/a', (line) => line.replace("900", "901")),
            wanted,
        ).difference,
    ).toContain("(unmanaged)");
});

describe("the mark", () => {
    const mark = "vpsfw1 o=";

    test("is none where a family has lost it or has another", () => {
        for (const [family, said] of [
            [4, " in IPv4"],
            [6, " in IPv6"],
            ["both", ""],
        ] as const) {
            const reading = after(family, without(mark));
            expect(reading.mark).toBeUndefined();
            expect(reading.base).toBe(`${iptables.baseLine}; changed by hand: the mark is missing or altered${said}`);
        }
        const other = after(
            6,
            changed(mark, (line) => line.replace("a=f", "a=e")),
        );
        expect(other.mark).toBeUndefined();
        expect(other.base).toContain("changed by hand: the marks of our chains differ");
    });

    test("is seen behind what somebody has put before it", () => {
        const reading = after("both", before(mark, `${IN} -p tcp -m tcp --dport 22 -j DROP`));
        expect(reading.mark).toBeDefined();
        expect(reading.effective[0]).toBe("(unmanaged) tcp 22");
    });

    test("of another policy is a difference", () => {
        expect(
            after(
                "both",
                changed(mark, (line) => line.replace(/d=../, "d=00")),
            ).difference,
        ).toBe("the mark names another policy");
    });

    test("on a rule that does something is none", () => {
        const reading = after(
            "both",
            changed(mark, (line) => `${line} -j DROP`),
        );
        expect(reading.mark).toBeUndefined();
        expect(reading.foreign).toEqual({ "(unmanaged) any": "drop any from anywhere" });
    });
});

describe("the base", () => {
    test.each([
        ["both", '"base:replies"', "ingress replies is missing or altered"],
        [4, '"base:loopback"', "ingress loopback is missing or altered in IPv4"],
        [4, "--icmp-type 11", "ingress icmp-errors is missing or altered in IPv4"],
        [6, "--icmpv6-type 135", "ingress neighbour-discovery is missing or altered in IPv6"],
        [6, '"base:dhcp-client"', "ingress dhcp-client is missing or altered in IPv6"],
        ["both", "default:drop", "ingress default is missing"],
    ] as const)("%s: without %s", (family, text, change) => {
        const { base, baseIntact, difference, understood } = after(family, without(text));
        expect(base).toBe(`${iptables.baseLine}; changed by hand: ${change}`);
        expect({ baseIntact, difference, understood }).toEqual({
            baseIntact: false,
            difference: base,
            understood: true,
        });
    });

    test("a rule of it that is altered is one of others", () => {
        const { base, foreign, understood } = after(
            4,
            changed('"base:replies"', (line) => line.replace("ESTABLISHED", "RELATED,ESTABLISHED")),
        );
        expect(base).toContain("changed by hand: ingress replies is missing or altered in IPv4");
        expect(Object.values(foreign)).toEqual([
            '-m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment "base:replies" -j RETURN (IPv4)',
        ]);
        expect(understood).toBe(false);
    });

    test("behind the rules of templates it is not where it must be", () => {
        const moved = (lines: string[]) => {
            const line = lines.find((each) => each.includes('"base:replies"'))!;
            return behind('"web/web"', line)(without('"base:replies"')(lines));
        };
        expect(after("both", moved).base).toContain("ingress replies is missing or altered");
    });

    test("a default that one family has lost opens it", () => {
        const { base, defaults, understood, exposure: bounds } = after(6, without("default:drop"));
        expect(base).toContain("ingress default is missing in IPv6, the ingress defaults of IPv4 and IPv6 differ");
        expect(defaults.ingress).toBe("accept");
        expect(understood).toBe(false);
        expect(bounds!["ingress any"]).toBe("anywhere IPv6");
    });

    test("a family without our chain is open", () => {
        const {
            base,
            understood,
            exposure: bounds,
            mark,
        } = after(6, (lines) => lines.filter((line) => !line.includes("VPSFW-IN")));
        expect(base).toContain("changed by hand: chain VPSFW-IN is missing in IPv6");
        expect(understood).toBe(false);
        expect(mark).toBeUndefined();
        expect(bounds!["ingress any"]).toBe("anywhere IPv6");
        expect(bounds!["ingress tcp 22"]).toBe("198.51.100.0/24; anywhere IPv6");
    });

    test("egress that only one family filters", () => {
        const wanted = policy({ "web/a": "egress drop tcp to anywhere port 25" });
        const {
            base,
            understood,
            exposure: bounds,
        } = after(4, (lines) => lines.filter((line) => !line.includes("VPSFW-OUT")), wanted);
        expect(base).toContain("chain VPSFW-OUT is missing in IPv4");
        expect(understood).toBe(false);
        expect(bounds).toEqual({ "egress any": "anywhere", "egress tcp 25": "anywhere IPv4" });
    });
});

test("another exposure than that of the policy is only said where it must be", () => {
    expect(after(4, (lines) => lines).exposure).toBeUndefined();
    const { "ingress tcp 443": https, ...others } = exposure(web);
    expect(after("both", inserted("-p tcp -m tcp --dport 3306 -m owner --uid-owner 0 -j ACCEPT")).exposure).toEqual({
        ...exposure(web),
        "ingress tcp 3306": "at most anywhere except 203.0.113.0/24",
    });
    // So does a module that says all by its name, and a port of a protocol that has none in the model.
    expect(after("both", inserted("-p tcp -m tcp --dport 3306 -m socket -j ACCEPT")).exposure).toEqual({
        ...exposure(web),
        "ingress tcp 3306": "at most anywhere except 203.0.113.0/24",
    });
    expect(after("both", inserted("-p sctp -m sctp --dport 80 -j ACCEPT")).exposure).toEqual({
        ...exposure(web),
        "ingress protocol 132": "at most anywhere except 203.0.113.0/24",
    });
    // A drop by it takes nothing for sure away, and lets nothing in.
    expect(after("both", inserted("-p tcp -m tcp --dport 443 -m owner --uid-owner 0 -j DROP")).exposure).toEqual({
        ...others,
        "ingress tcp 443": `at most ${https}`,
    });
});
