import { openDiagrams, TooMuchWork } from "../../../../core/analysis/diagram";
import { exposureBetween } from "../../../../core/analysis/exposure";
import { openInterfaces } from "../../../../core/analysis/interfaces";
import { lastOf, openConditions } from "../../../../core/analysis/packetFields";
import { interfaceNames, interpret, VERDICT } from "../../../../core/dialects/iptables/interpret/interpret";
import { addressesOf } from "../../../../core/dialects/iptables/interpret/numbers";
import { readSave, UnreadableSave } from "../../../../core/dialects/iptables/interpret/readSave";

/** What a save of IPv4 accepts at INPUT, as bounds, and whether all of it was understood. */
function meaningOf(filter: string, others = "") {
    const save = readSave(`${others}*filter\n${filter.trim()}\nCOMMIT\n`);
    const diagrams = openDiagrams(lastOf);
    const interfaces = openInterfaces(interfaceNames(save));
    const { diagram, exact } = interpret(save, 4, "INPUT", {
        diagrams,
        interfaces,
        conditions: openConditions(),
    });
    const accepted = diagrams.map(diagram, (verdict) => (verdict === VERDICT.accept ? 1 : 0));
    return { exact, ...exposureBetween("ingress", { diagrams, interfaces, accepted }) };
}

const CHAINS = ":INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";

test("a returned packet goes on behind the jump, at the end of a built-in chain to its policy", () => {
    expect(
        meaningOf(`${CHAINS}:mine - [0:0]
-A INPUT -j mine
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
-A mine -s 203.0.113.0/24 -j DROP
-A mine -p tcp -m tcp --dport 22:80 -j RETURN
-A mine -j ACCEPT`),
    ).toEqual({
        exact: true,
        // 22 to 79 return, and nothing accepts them behind the jump; IPv6 has tables of its own.
        "ingress any": "anywhere IPv4 except 203.0.113.0/24",
        "ingress tcp 22-79": "nobody",
    });
});

test("goto does not come back to where it was said", () => {
    const gone = (word: string) =>
        meaningOf(`${CHAINS}:mine - [0:0]
-A INPUT ${word} mine
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
-A mine -p udp -m udp --dport 53 -j ACCEPT`);
    expect(gone("-j")).toMatchObject({ "ingress tcp 80": "anywhere IPv4", "ingress udp 53": "anywhere IPv4" });
    expect(gone("-g")).toEqual({ exact: true, "ingress udp 53": "anywhere IPv4" });
});

test("negations, lists, ranges and the words of old rules", () => {
    expect(
        meaningOf(`${CHAINS}
[10:600] -A INPUT ! -s 10.0.0.0/8 -p tcp -m multiport --dports 25,465:587 -j ACCEPT
-A INPUT -p tcp -m state --state NEW -m tcp ! --dport 1:1023 -m comment --comment "all \\"high\\" ports" -j ACCEPT
-A INPUT -m iprange --src-range 192.0.2.3-192.0.2.9 -p udp -m udp --sport 53 -j ACCEPT
-A INPUT -i wg+ -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m tcp --dport 21 -j ACCEPT
-A INPUT -j LOG --log-prefix "dropped: "`),
    ).toMatchObject({
        exact: true,
        "ingress tcp 25": "anywhere IPv4 except 10.0.0.0/8",
        "ingress tcp 465-587": "anywhere IPv4 except 10.0.0.0/8",
        "ingress tcp 1024-65535": "anywhere IPv4",
        "ingress udp": "192.0.2.3, 192.0.2.4/30, 192.0.2.8/31 from port 53",
        "ingress icmp echo-request": "in wg*: anywhere",
        "ingress tcp 21": "anywhere IPv4",
    });
});

test("every table has a say in a drop", () => {
    const mangle = "*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j DROP\nCOMMIT\n";
    const rules = `${CHAINS}-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT`;
    expect(meaningOf(rules)).toMatchObject({ "ingress tcp 22": "anywhere IPv4" });
    expect(meaningOf(rules, mangle)).toEqual({ exact: true, "ingress tcp 80": "anywhere IPv4" });
});

test("what is not understood may match, and an unknown target may do anything with what comes to it", () => {
    expect(
        meaningOf(`${CHAINS}
-A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 60 --name ssh --rsource -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -m set --match-set crowdsec src -j ACCEPT
-A INPUT -p udp -m udp --dport 53 -j NFQUEUE --queue-num 1`),
    ).toEqual({
        exact: false,
        "ingress tcp 22": "at most anywhere IPv4",
        "ingress tcp 443": "at most anywhere IPv4",
        "ingress udp 53": "at most anywhere IPv4",
    });
});

test.each([
    "-m socket -j DROP",
    "-m socket --transparent -j DROP",
    "-m conntrack -j DROP",
    "-m hl -j DROP",
    "-m limit -j DROP",
    "-p sctp -m sctp --dport 22 -j DROP",
    "-p tcp -m udp --dport 22 -j DROP",
    "-p tcp --dport 22 -j DROP",
    "-p 132 -m multiport --dports 22 -j DROP",
    "! -p udp -m tcp --dport 22 -j DROP",
    "-m icmp --icmp-type 8 -j DROP",
    "-p tcp -m tcp --dport 22 23 -j DROP",
    "-p tcp -m tcp --dport -j DROP",
    "-p tcp -m tcp --ctstate NEW -j DROP",
    "-m conntrack --ctorigdstport 22 -j DROP",
    "-m hashlimit --hashlimit-upto 10/sec --hashlimit-mode srcip,dstport --hashlimit-name a -j DROP",
    "-i eth* -j DROP",
    "-p unheard-of -j DROP",
])("%s may match or not", (rule) => {
    const meaning = meaningOf(`${CHAINS.replace("INPUT DROP", "INPUT ACCEPT")}-A INPUT ${rule}`);
    expect(meaning.exact).toBe(false);
    expect(Object.values(meaning).filter((bound) => String(bound).startsWith("at most"))).not.toEqual([]);
    expect(Object.values(meaning)).not.toContain("nobody");
});

test.each([
    ["-p tcp -m tcp -j DROP", "ingress tcp"],
    ["-p icmp -m icmp -j DROP", "ingress icmp"],
    ["-p rdp -j DROP", "ingress protocol 27"],
    ['-p tcp -m comment --comment -j -m tcp --dport 22 -m comment --comment "! -p" -j DROP', "ingress tcp 22"],
    ['-p tcp -m comment --comment "a\n-A INPUT -j ACCEPT\nb" -m tcp --dport 22 -j DROP', "ingress tcp 22"],
])("%j closes %s", (rule, traffic) => {
    const meaning = meaningOf(`${CHAINS.replace("INPUT DROP", "INPUT ACCEPT")}-A INPUT ${rule}`);
    expect(meaning).toMatchObject({ exact: true, [traffic]: expect.stringMatching(/^(nobody|anywhere IPv6)$/) });
});

test("an address of IPv6 may end in one of IPv4", () => {
    expect(addressesOf("::1.2.3.4/128")).toEqual(addressesOf("::102:304"));
    expect(addressesOf("::ffff:192.0.2.0/120")).toEqual(addressesOf("::ffff:c000:200/120"));
    expect(addressesOf("::1.2.3.456")).toBeUndefined();
});

/** What of this traffic a chain accepts in FORWARD of `mangle`, with these conditions. */
function forwarded(rule: string, holding: readonly string[]): object {
    const save = readSave(`*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD ${rule}\nCOMMIT\n`);
    const diagrams = openDiagrams(lastOf);
    const interfaces = openInterfaces(interfaceNames(save));
    const levels = new Map<string, number>();
    const { diagram } = interpret(save, 4, "FORWARD", { diagrams, interfaces, conditions: openConditions(levels) });
    const values = new Map([...levels].map(([name, level]) => [level, holding.includes(name) ? 1 : 0]));
    const accepted = diagrams.map(diagrams.restrict(diagram, values), (verdict) =>
        verdict === VERDICT.accept ? 1 : 0,
    );
    const { "ingress any": any, ...rest } = exposureBetween("ingress", { diagrams, interfaces, accepted });
    return { ...(any !== undefined && { any }), ...rest };
}

test.each<[rule: string, holding: string[], accepted: object]>([
    ["-o br-+ -j DROP", ["-o br-*"], {}],
    ["-o br-+ -j DROP", [], { any: "anywhere IPv4" }],
    ["! -o br-+ -j DROP", ["-o br-*"], { any: "anywhere IPv4" }],
    ["-o + -j DROP", [], {}],
    ["-m conntrack --ctstate DNAT -j DROP", ["ct status dnat"], {}],
    ["-m conntrack ! --ctstate DNAT -j DROP", ["ct status dnat"], { any: "anywhere IPv4" }],
    ["-m conntrack --ctstate NEW,RELATED,INVALID,UNTRACKED,DNAT -j DROP", [], {}],
    [
        "-m conntrack --ctstate INVALID,DNAT -j DROP",
        [],
        { any: "anywhere IPv4", "ingress any state invalid": "nobody" },
    ],
    ["-m conntrack --ctstate INVALID,DNAT -j DROP", ["ct status dnat"], {}],
    ["-m conntrack ! --ctstate INVALID,DNAT -j DROP", ["ct status dnat"], { any: "anywhere IPv4" }],
    ["-m conntrack ! --ctstate INVALID,DNAT -j DROP", [], { "ingress any state invalid": "anywhere IPv4" }],
    ["-m conntrack --ctstate SNAT,DNAT -j DROP", ["ct status snat"], {}],
    ["-i eth0 -j DROP", [], { any: "anywhere IPv4; in eth0: nobody" }],
    ["-d 10.0.0.0/8 -j DROP", [], { any: "anywhere IPv4" }],
    ["-d 10.0.0.0/8 -j DROP", ["-d 10.0.0.0/8"], {}],
    ["-p tcp -m tcp --dport 80 -j DROP", ["--dport 80"], { any: "anywhere IPv4", "ingress tcp": "nobody" }],
    ["-p tcp -m conntrack --ctorigdstport 80:81 -j DROP", [], { any: "anywhere IPv4", "ingress tcp 80-81": "nobody" }],
    ["-m conntrack --ctorigdst 192.0.2.0/24 -j DROP", [], { any: "anywhere to anywhere IPv4 except 192.0.2.0/24" }],
])("%s where %j holds leaves open %j", (rule, holding, accepted) => {
    expect(forwarded(rule, holding)).toEqual(accepted);
});

test("more conditions than can be looked at are too much work, and no overflow of the stack", () => {
    const rules = Array.from({ length: 5000 }, (_, i) => `-A INPUT -m set --match-set s${i} src -j DROP`);
    expect(() => meaningOf(`${CHAINS}${rules.join("\n")}`)).toThrow(TooMuchWork);
});

test.each([
    ["-A INPUT -j ACCEPT", "line 1: it belongs to no table"],
    ["*filter\n-A INPUT -j ACCEPT", "line 2: there is no such chain"],
    ["*filter\n:INPUT DROP [0:0]\n:INPUT DROP [0:0]", "line 3: a chain stands there twice"],
    ["*filter\n:INPUT DROP [0:0]\n-A INPUT foo -j ACCEPT", 'line 3: "foo" belongs to no option'],
    ["*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp ! -j ACCEPT", 'line 3: there is a "!" before its target'],
    ["*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT !", 'line 3: there is a "!" at its end'],
    ["*filter\n:INPUT DROP [0:0]\n-I INPUT 1 -j ACCEPT", 'line 3: "-I" is no rule'],
    ["*filter\nSegmentation fault", 'line 2: "Segmentation" is no rule'],
    ['*filter\n:INPUT DROP [0:0]\n-A INPUT -m comment --comment "ssh -j ACCEPT', "line 3: a quote does not end"],
])("%j is no save", (text, message) => {
    expect(() => readSave(text)).toThrow(UnreadableSave);
    expect(() => readSave(text)).toThrow(message);
});
