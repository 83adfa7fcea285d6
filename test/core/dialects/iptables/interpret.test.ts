import { openDiagrams } from "../../../../core/analysis/diagram";
import { exposureBetween } from "../../../../core/analysis/exposure";
import { openInterfaces } from "../../../../core/analysis/interfaces";
import { lastOf, openConditions } from "../../../../core/analysis/packetFields";
import { interfaceNames, interpret, VERDICT } from "../../../../core/dialects/iptables/interpret/interpret";
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
    ["-A INPUT -j ACCEPT", "line 1: it belongs to no table"],
    ["*filter\n-A INPUT -j ACCEPT", "line 2: there is no such chain"],
    ["*filter\n:INPUT DROP [0:0]\n:INPUT DROP [0:0]", "line 3: a chain stands there twice"],
    ["*filter\nSegmentation fault", 'line 2: "Segmentation" is no rule'],
    ['*filter\n:INPUT DROP [0:0]\n-A INPUT -m comment --comment "ssh -j ACCEPT', "line 3: a quote does not end"],
])("%j is no save", (text, message) => {
    expect(() => readSave(text)).toThrow(UnreadableSave);
    expect(() => readSave(text)).toThrow(message);
});
