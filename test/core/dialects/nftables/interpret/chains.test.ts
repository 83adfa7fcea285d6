import { openRuleset, packet } from "./ask";
import { perPacket } from "./perPacket";

const verdicts = (text: string, words: readonly string[], hook: "input" | "output" = "input") => {
    const { ruleset, verdict } = openRuleset(text, hook);
    const found = words.map((each) => verdict(packet(each)));
    expect(words.map((each) => perPacket(ruleset, hook)(packet(each)))).toEqual(found);
    return Object.fromEntries(words.map((each, i) => [each, found[i]]));
};

/** Like what ufw writes: chains that jump to others and come back. */
const ufw = `
table ip filter {
    chain ufw-before-input {
        iifname "lo" counter packets 12 bytes 840 accept
        ct state related,established counter packets 0 bytes 0 accept
        ct state invalid counter packets 0 bytes 0 jump ufw-logging-deny
        ct state invalid drop
        ip protocol icmp icmp type echo-request accept
        meta l4proto udp udp sport 67 udp dport 68 accept
        jump ufw-not-local
        ip daddr 224.0.0.251 udp dport 5353 accept
        jump ufw-user-input
    }
    chain ufw-not-local {
        fib daddr type local return
        fib daddr type multicast return
        fib daddr type broadcast return
        limit rate 3/minute burst 10 packets jump ufw-logging-deny
        drop
    }
    chain ufw-logging-deny {
        ct state invalid limit rate 3/minute burst 10 packets return
        limit rate 3/minute burst 10 packets log prefix "[UFW BLOCK] "
    }
    chain ufw-user-input {
        tcp dport 22 ip saddr 198.51.100.0/24 accept
        tcp dport { 80, 443 } accept
        tcp dport 25 goto ufw-reject
        tcp dport 26 jump ufw-reject
    }
    chain ufw-reject {
        ip saddr 203.0.113.0/24 return
        reject with icmp port-unreachable
    }
    chain input {
        type filter hook input priority filter; policy drop;
        jump ufw-before-input
        tcp dport 26 accept
    }
}`;

test("chains that come back, by jump to the next rule and by goto to the caller of the caller", () => {
    const local = "if fib daddr type local";
    expect(
        verdicts(ufw, [
            "on lo tcp 127.0.0.1 > 127.0.0.1",
            "established tcp 192.0.2.1 > 192.0.2.10",
            `invalid tcp 192.0.2.1 > 192.0.2.10 port 80 ${local}`,
            "icmp 8 192.0.2.1 > 192.0.2.10",
            "udp 192.0.2.1 port 67 > 192.0.2.10 port 68",
            `tcp 192.0.2.1 > 192.0.2.10 port 80 ${local}`,
            "tcp 192.0.2.1 > 192.0.2.10 port 80",
            `tcp 198.51.100.1 > 192.0.2.10 port 22 ${local}`,
            `tcp 192.0.2.1 > 192.0.2.10 port 22 ${local}`,
            `udp 192.0.2.1 > 224.0.0.251 port 5353 if fib daddr type multicast`,
            `tcp 192.0.2.1 > 192.0.2.10 port 25 ${local}`,
            `tcp 203.0.113.1 > 192.0.2.10 port 25 ${local}`,
            `tcp 203.0.113.1 > 192.0.2.10 port 26 ${local}`,
            "tcp 2001:db8::1 > 2001:db8::2",
        ]),
    ).toEqual({
        "on lo tcp 127.0.0.1 > 127.0.0.1": "accept",
        "established tcp 192.0.2.1 > 192.0.2.10": "accept",
        [`invalid tcp 192.0.2.1 > 192.0.2.10 port 80 ${local}`]: "drop",
        "icmp 8 192.0.2.1 > 192.0.2.10": "accept",
        "udp 192.0.2.1 port 67 > 192.0.2.10 port 68": "accept",
        [`tcp 192.0.2.1 > 192.0.2.10 port 80 ${local}`]: "accept",
        "tcp 192.0.2.1 > 192.0.2.10 port 80": "drop",
        [`tcp 198.51.100.1 > 192.0.2.10 port 22 ${local}`]: "accept",
        [`tcp 192.0.2.1 > 192.0.2.10 port 22 ${local}`]: "drop",
        "udp 192.0.2.1 > 224.0.0.251 port 5353 if fib daddr type multicast": "accept",
        [`tcp 192.0.2.1 > 192.0.2.10 port 25 ${local}`]: "port-unreachable",
        [`tcp 203.0.113.1 > 192.0.2.10 port 25 ${local}`]: "drop",
        [`tcp 203.0.113.1 > 192.0.2.10 port 26 ${local}`]: "accept",
        // The table is for IPv4.
        "tcp 2001:db8::1 > 2001:db8::2": "accept",
    });
});

test("several base chains: an accept is the word of one, a drop that of all", () => {
    const text = `
        table inet late { chain i { type filter hook input priority 10; policy accept;
                tcp dport 22 drop
                tcp dport 80 reject
            }
        }
        table inet early { chain i { type filter hook input priority filter - 5; policy accept;
                tcp dport 22 accept
                tcp dport 80 drop
            }
            chain o { type filter hook output priority 0; policy drop; }
        }
        table ip6 six { chain i { type filter hook input priority mangle + 1; policy drop;
                tcp dport 22 accept
            }
        }
        table inet asleep { flags dormant
            chain i { type filter hook input priority 0; policy drop; }
        }
        table inet elsewhere { chain f { type filter hook forward priority 0; policy drop; }
            chain unhooked { drop
            }
        }
        table bridge b { chain i { type filter hook input priority 0; policy drop; } }`;
    expect(
        verdicts(text, [
            "tcp 192.0.2.1 > 192.0.2.2 port 22",
            "tcp 192.0.2.1 > 192.0.2.2 port 80",
            "tcp 192.0.2.1 > 192.0.2.2 port 81",
            "tcp 2001:db8::1 > 2001:db8::2 port 81",
        ]),
    ).toEqual({
        "tcp 192.0.2.1 > 192.0.2.2 port 22": "drop",
        "tcp 192.0.2.1 > 192.0.2.2 port 80": "drop",
        "tcp 192.0.2.1 > 192.0.2.2 port 81": "accept",
        "tcp 2001:db8::1 > 2001:db8::2 port 81": "drop",
    });
    expect(verdicts(text, ["tcp 192.0.2.1 > 192.0.2.2"], "output")).toEqual({ "tcp 192.0.2.1 > 192.0.2.2": "drop" });
});

test("seen from the server, the ends of what leaves are the other way round", () => {
    const text = `table inet t { chain o { type filter hook output priority 0; policy drop;
        ip saddr 192.0.2.10 ip daddr 9.9.9.9 oifname "eth0" udp dport 53 accept
        }
    }`;
    const [fits, reversed, elsewhere] = [
        "on eth0 udp 192.0.2.10 > 9.9.9.9 port 53",
        "on eth0 udp 9.9.9.9 > 192.0.2.10 port 53",
        "on eth1 udp 192.0.2.10 > 9.9.9.9 port 53",
    ];
    expect(verdicts(text, [fits, reversed, elsewhere], "output")).toEqual({
        [fits]: "accept",
        [reversed]: "drop",
        [elsewhere]: "drop",
    });
});

test("no chain at all lets everything through", () => {
    expect(openRuleset("").verdict(packet("tcp 192.0.2.1 > 192.0.2.2"))).toBe("accept");
});

test("translation of addresses is said to be none of this", () => {
    const nat = "table ip nat { chain o { type nat hook output priority -100; dnat to 10.0.0.1 } }";
    expect(openRuleset(nat, "output").exact).toBe(false);
    expect(openRuleset(nat, "input").exact).toBe(true);
});
