import { IN4, IN6 } from "./ask";

const field = (protocol: string, name: string) => ({ payload: { protocol, field: name } });
const flags = field("tcp", "flags");

/** A rule in the words of several versions of nft, and as JSON; packets that it accepts, and that it does not. */
export const constructs: [rules: (string | object[])[], accepted: string[], others: string[]][] = [
    [
        ["tcp dport 22 accept"],
        [`tcp ${IN4} port 22`, `tcp ${IN6} port 22`],
        [`tcp ${IN4} port 23`, `udp ${IN4} port 22`, `icmp 8 ${IN4}`],
    ],
    [["tcp dport != 22 accept"], [`tcp ${IN4} port 23`], [`tcp ${IN4} port 22`, `udp ${IN4} port 23`]],
    [
        ["tcp dport { 22, 80-90 } accept", "tcp dport {22,80-90} counter accept"],
        [`tcp ${IN4} port 85`],
        [`tcp ${IN4} port 91`],
    ],
    [["tcp dport != { 22, 80-90 } accept"], [`tcp ${IN4} port 91`], [`tcp ${IN4} port 85`, `udp ${IN4} port 91`]],
    [
        ["tcp dport 1024-65535 accept", "tcp dport >= 1024 accept", "tcp dport > 1023 accept"],
        [`tcp ${IN4} port 1024`],
        [`tcp ${IN4} port 1023`],
    ],
    [
        ["tcp dport < 1024 accept", "tcp dport <= 1023 accept", "tcp dport 0-1023 accept", "tcp dport 1-1023 accept"],
        [`tcp ${IN4} port 1023`, `tcp ${IN4} port 1`],
        [`tcp ${IN4} port 1024`],
    ],
    [["tcp dport ssh accept"], [`tcp ${IN4} port 22`], [`tcp ${IN4} port 23`]],
    [
        ["th dport 53 accept", "@th,16,16 53 accept"],
        [`tcp ${IN4} port 53`, `udp ${IN4} port 53`],
        [`udp ${IN4} port 54`],
    ],
    [
        [
            "meta l4proto { tcp, udp } th sport 53 th dport 1024 accept",
            "meta l4proto { 6, 17 } @th,0,32 0x350400 accept",
            "meta l4proto { tcp, udp } th sport . th dport { 53 . 1024 } accept",
        ],
        [`tcp 192.0.2.1 port 53 > 192.0.2.2 port 1024`, `udp 192.0.2.1 port 53 > 192.0.2.2 port 1024`],
        [`udp 192.0.2.1 port 53 > 192.0.2.2 port 1025`, `udp 192.0.2.1 port 52 > 192.0.2.2 port 1024`],
    ],
    [
        ["meta l4proto . th dport { tcp . 53, udp . 54 } accept"],
        [`tcp ${IN4} port 53`, `udp ${IN4} port 54`],
        [`tcp ${IN4} port 54`, `udp ${IN4} port 53`],
    ],
    [
        ["meta l4proto 47 accept", "meta l4proto gre accept", "ip protocol 47 accept", "ip protocol gre accept"],
        [`protocol 47 ${IN4}`],
        [`protocol 48 ${IN4}`],
    ],
    [["meta l4proto != { tcp, udp } accept"], [`protocol 47 ${IN6}`, `icmp 8 ${IN4}`], [`tcp ${IN4}`, `udp ${IN6}`]],
    [
        [
            "ip6 nexthdr icmpv6 accept",
            "ip6 nexthdr 58 accept",
            "meta nfproto ipv6 meta l4proto 58 accept",
            "meta nfproto ipv6 meta l4proto ipv6-icmp accept",
        ],
        [`icmpv6 1 ${IN6}`],
        [`protocol 58 ${IN4}`, `tcp ${IN6}`],
    ],
    [
        ["meta nfproto ipv4 accept", "meta protocol ip accept", "ip saddr 0.0.0.0/0 accept"],
        [`tcp ${IN4}`],
        [`tcp ${IN6}`],
    ],
    [
        [
            "ip saddr 192.0.2.0/24 accept",
            "ip saddr 192.0.2.0-192.0.2.255 accept",
            "ip saddr & 255.255.255.0 == 192.0.2.0 accept",
            "ip saddr { 192.0.2.0/25, 192.0.2.128-192.0.2.255 } accept",
        ],
        [`tcp 192.0.2.255 > 10.0.0.1`],
        [`tcp 192.0.3.0 > 192.0.2.1`, `tcp ${IN6}`],
    ],
    [
        ["ip saddr != 192.0.2.0/24 accept", "ip saddr != { 192.0.2.0/24 } accept"],
        [`tcp 192.0.3.0 > 192.0.2.1`],
        [`tcp 192.0.2.255 > 10.0.0.1`, `tcp ${IN6}`],
    ],
    [
        [
            "ip6 saddr 2001:db8::/64 accept",
            "ip6 saddr { 2001:db8::-2001:db8::ffff:ffff:ffff:ffff } accept",
            "ip6 saddr & ffff:ffff:ffff:ffff:: == 2001:db8:: accept",
        ],
        [`tcp ${IN6}`],
        [`tcp 2001:db8:0:1::1 > 2001:db8::1`, `tcp ${IN4}`],
    ],
    [
        ["ip daddr 192.0.2.10 ip saddr 192.0.2.1 accept", "ip saddr . ip daddr { 192.0.2.1 . 192.0.2.10 } accept"],
        [`tcp ${IN4}`],
        [`tcp 192.0.2.10 > 192.0.2.1`],
    ],
    [
        ["ip saddr . tcp dport { 192.0.2.0/24 . 22, 10.0.0.1 . 80-90 } accept"],
        [`tcp ${IN4} port 22`, "tcp 10.0.0.1 > 10.0.0.2 port 90"],
        [`tcp ${IN4} port 80`, "tcp 10.0.0.1 > 10.0.0.2 port 22", `udp ${IN4} port 22`],
    ],
    [
        ["ip saddr . tcp dport != { 192.0.2.0/24 . 22 } accept"],
        [`tcp ${IN4} port 80`],
        [`tcp ${IN4} port 22`, `tcp ${IN6} port 80`, `udp ${IN4} port 80`],
    ],
    [
        [
            "icmp type 3 icmp code 4 accept",
            "icmp type destination-unreachable icmp code frag-needed accept",
            "icmp type . icmp code { 3 . 4 } accept",
            [
                {
                    match: {
                        op: "==",
                        left: { concat: [field("icmp", "type"), field("icmp", "code")] },
                        right: { set: [{ concat: ["destination-unreachable", "frag-needed"] }] },
                    },
                },
                { accept: null },
            ],
        ],
        [`icmp 3/4 ${IN4}`],
        [`icmp 3/3 ${IN4}`, `icmp 4/4 ${IN4}`, `icmpv6 3/4 ${IN6}`],
    ],
    [
        [
            "icmp type 0-8 accept",
            "icmp type { echo-reply-echo-request } accept",
            [
                { match: { op: "==", left: field("icmp", "type"), right: { range: ["echo-reply", "echo-request"] } } },
                { accept: null },
            ],
        ],
        [`icmp 0 ${IN4}`, `icmp 5 ${IN4}`],
        [`icmp 9 ${IN4}`],
    ],
    [["icmp type != echo-request accept"], [`icmp 0 ${IN4}`], [`icmp 8 ${IN4}`, `icmpv6 1 ${IN6}`, `tcp ${IN4}`]],
    [
        [
            "icmpv6 type { echo-request, 1 } icmpv6 code no-route accept",
            "icmpv6 type { 128, destination-unreachable } icmpv6 code 0 accept",
        ],
        [`icmpv6 128 ${IN6}`, `icmpv6 1/0 ${IN6}`],
        [`icmpv6 1/1 ${IN6}`, `icmp 8 ${IN4}`],
    ],
    [["icmpv6 type 133 ip6 hoplimit 255 accept"], [`icmpv6 133 ${IN6} if ip6 hoplimit 255`], [`icmpv6 133 ${IN6}`]],
    [["ip6 hoplimit != 255 accept"], [`icmpv6 133 ${IN6}`], [`icmpv6 133 ${IN6} if ip6 hoplimit 255`, `icmp 8 ${IN4}`]],
    [
        [
            "ct state established,related accept",
            "ct state { established, related } accept",
            "ct state != { new, invalid, untracked } accept",
            "ct state vmap { established : accept, related : accept, invalid : drop }",
            [
                { match: { op: "in", left: { ct: { key: "state" } }, right: ["established", "related"] } },
                { accept: null },
            ],
            [
                { match: { op: "in", left: { ct: { key: "state" } }, right: { "|": ["established", "related"] } } },
                { accept: null },
            ],
        ],
        [`established tcp ${IN4}`, `related udp ${IN4}`],
        [`tcp ${IN4}`, `invalid tcp ${IN4}`, `untracked tcp ${IN4}`],
    ],
    [
        [
            "ct state invalid accept",
            "ct state 0x1 accept",
            [{ match: { op: "in", left: { ct: { key: "state" } }, right: "invalid" } }, { accept: null }],
        ],
        [`invalid tcp ${IN4}`],
        [`tcp ${IN4}`],
    ],
    [
        ["ct state ! established accept", "ct state != established accept"],
        [`tcp ${IN4}`, `invalid tcp ${IN4}`],
        [`established tcp ${IN4}`],
    ],
    // No packet has two states.
    [["ct state != established | related accept"], [`tcp ${IN4}`, `established tcp ${IN4}`], []],
    [
        [
            "tcp flags & (fin|syn|rst|ack) == syn accept",
            "tcp flags & (fin | syn | rst | ack) == syn accept",
            "tcp flags syn / fin,syn,rst,ack accept",
            "tcp flags & (fin|syn|rst|ack) syn accept",
            "tcp flags & 0x17 == 0x2 accept",
            [
                { match: { op: "==", left: { "&": [flags, ["fin", "syn", "rst", "ack"]] }, right: "syn" } },
                { accept: null },
            ],
            [
                {
                    match: {
                        op: "==",
                        left: { "&": [flags, { "|": [{ "|": [{ "|": ["fin", "syn"] }, "rst"] }, "ack"] }] },
                        right: "syn",
                    },
                },
                { accept: null },
            ],
        ],
        [`tcp ${IN4}`, `flags 194 tcp ${IN4}`],
        [`flags 18 tcp ${IN4}`, `flags 0 tcp ${IN4}`, `udp ${IN4}`],
    ],
    [
        [
            "tcp flags & (fin|syn|rst|ack) != syn accept",
            "tcp flags != syn / fin,syn,rst,ack accept",
            [
                { match: { op: "!=", left: { "&": [flags, ["fin", "syn", "rst", "ack"]] }, right: "syn" } },
                { accept: null },
            ],
        ],
        [`flags 18 tcp ${IN4}`, `flags 0 tcp ${IN4}`],
        [`tcp ${IN4}`, `flags 194 tcp ${IN4}`, `udp ${IN4}`],
    ],
    [
        [
            "tcp flags & (fin|syn|rst|psh|ack|urg) == 0 accept",
            "tcp flags ! fin,syn,rst,psh,ack,urg accept",
            "tcp flags & (fin | syn | rst | psh | ack | urg) == 0x0 accept",
            [{ match: { op: "!", left: flags, right: ["fin", "syn", "rst", "psh", "ack", "urg"] } }, { accept: null }],
        ],
        [`flags 0 tcp ${IN4}`, `flags 128 tcp ${IN4}`],
        [`tcp ${IN4}`, `udp ${IN4}`],
    ],
    [
        [
            "tcp flags & (fin|syn|rst|psh|ack|urg) == (fin|psh|urg) accept",
            "tcp flags fin,psh,urg / fin,syn,rst,psh,ack,urg accept",
            "tcp flags & (fin | syn | rst | psh | ack | urg) == fin | psh | urg accept",
            [
                {
                    match: {
                        op: "==",
                        left: { "&": [flags, ["fin", "syn", "rst", "psh", "ack", "urg"]] },
                        right: ["fin", "psh", "urg"],
                    },
                },
                { accept: null },
            ],
            [
                { match: { op: "==", left: { "&": [flags, 63] }, right: { "|": [{ "|": ["fin", "psh"] }, "urg"] } } },
                { accept: null },
            ],
        ],
        [`flags 41 tcp ${IN4}`],
        [`flags 43 tcp ${IN4}`, `flags 1 tcp ${IN4}`],
    ],
    [
        ["tcp flags syn accept", "tcp flags & syn == syn accept", "tcp flags & syn != 0 accept"],
        [`tcp ${IN4}`, `flags 18 tcp ${IN4}`],
        [`flags 16 tcp ${IN4}`],
    ],
    [["tcp flags == syn accept", "tcp flags { syn, fin } accept"], [`tcp ${IN4}`], [`flags 18 tcp ${IN4}`]],
    [["tcp flags syn,ack accept"], [`tcp ${IN4}`, `flags 16 tcp ${IN4}`], [`flags 1 tcp ${IN4}`]],
    [
        [
            'iifname "eth0" accept',
            "meta iifname eth0 accept",
            "iif eth0 accept",
            [{ match: { op: "==", left: { meta: { key: "iifname" } }, right: "eth0" } }, { accept: null }],
        ],
        [`on eth0 tcp ${IN4}`],
        [`on eth1 tcp ${IN4}`, `tcp ${IN4}`],
    ],
    [['iifname "wg*" accept'], [`on wg0 tcp ${IN4}`, `on wg tcp ${IN4}`], [`on w tcp ${IN4}`, `on eth0 tcp ${IN4}`]],
    [['iifname { "a", "b*" } accept'], [`on a tcp ${IN4}`, `on bb tcp ${IN4}`], [`on aa tcp ${IN4}`]],
    [['iifname != { a, "b*" } accept'], [`on aa tcp ${IN4}`, `tcp ${IN4}`], [`on a tcp ${IN4}`, `on bb tcp ${IN4}`]],
    [['iif "lo" accept'], [`on lo tcp ${IN4}`], [`tcp ${IN4}`]],
    // There is no way out at the input hook.
    [['oifname != "eth0" accept'], [`on eth0 tcp ${IN4}`], []],
    [['oifname "eth0" accept'], [], [`on eth0 tcp ${IN4}`]],
    [
        ['iifname . tcp dport { "eth0" . 22 } accept'],
        [`on eth0 tcp ${IN4} port 22`],
        [`on eth0 tcp ${IN4} port 23`, `on eth1 tcp ${IN4} port 22`],
    ],
    [
        [
            "limit rate 10/second burst 20 packets accept",
            [{ limit: { rate: 10, burst: 20, per: "second" } }, { accept: null }],
        ],
        [`tcp ${IN4} if limit 10/second burst 20`],
        [`tcp ${IN4}`],
    ],
    [
        [
            "limit rate 10/second accept",
            "limit rate 10/second burst 5 packets accept",
            [{ limit: { rate: 10, per: "second" } }, { accept: null }],
        ],
        [`tcp ${IN4} if limit 10/second burst 5`],
        [`tcp ${IN4}`],
    ],
    [
        [
            "limit rate over 7/minute burst 3 packets accept",
            [{ limit: { rate: 7, burst: 3, per: "minute", inv: true } }, { accept: null }],
        ],
        [`tcp ${IN4}`],
        [`tcp ${IN4} if limit 7/minute burst 3`],
    ],
    [
        [
            "limit rate 10 mbytes/second burst 5 mbytes accept",
            [
                { limit: { rate: 10, burst: 5, per: "second", rate_unit: "mbytes", burst_unit: "mbytes" } },
                { accept: null },
            ],
        ],
        [`tcp ${IN4} if limit 10 mbytes/second burst 5 mbytes`],
        [`tcp ${IN4}`],
    ],
    [
        [
            'log prefix "web/ssh: " level info counter packets 5 bytes 7 accept comment "x } y"',
            [{ log: { prefix: "web/ssh: " } }, { counter: { packets: 5, bytes: 7 } }, { accept: null }],
        ],
        [`tcp ${IN4}`],
        [],
    ],
    [['limit rate 1/minute log prefix "a"\n accept'], [`tcp ${IN4}`], []],
    [["accept", "continue\n accept", "reject with tcp reset\n accept # no TCP"], [`udp ${IN4}`], []],
    [
        [
            "meta mark 5 accept",
            "mark 0x00000005 accept",
            [{ match: { op: "==", left: { meta: { key: "mark" } }, right: 5 } }, { accept: null }],
        ],
        [`tcp ${IN4} if meta mark 5`],
        [`tcp ${IN4}`],
    ],
    [
        [
            "meta mark & 0xff == 0x5 accept",
            "mark and 255 == 5 accept",
            [{ match: { op: "==", left: { "&": [{ meta: { key: "mark" } }, 255] }, right: 5 } }, { accept: null }],
        ],
        [`tcp ${IN4} if meta mark & 255 5`],
        [`tcp ${IN4}`],
    ],
    [
        [
            "fib daddr type local accept",
            [
                { match: { op: "==", left: { fib: { result: "type", flags: ["daddr"] } }, right: "local" } },
                { accept: null },
            ],
        ],
        [`tcp ${IN4} if fib daddr type local`],
        [`tcp ${IN4}`],
    ],
    [
        ["ct count over 10 accept", [{ "ct count": { val: 10, inv: true } }, { accept: null }]],
        [`tcp ${IN4}`],
        [`tcp ${IN4} if ct count 10`],
    ],
    [
        ["tcp option maxseg size 500 accept"],
        [`tcp ${IN4} if tcp option maxseg size 500`],
        [`tcp ${IN4}`, `udp ${IN4} if tcp option maxseg size 500`],
    ],
    [
        [
            "tcp dport vmap { 22 : accept, 80-90 : drop, * : continue }\n udp dport 5 accept",
            "tcp dport vmap {22:accept, 80-90: drop}\n udp dport 5 accept",
        ],
        [`tcp ${IN4} port 22`, `udp ${IN4} port 5`],
        [`tcp ${IN4} port 85`, `udp ${IN4} port 22`],
    ],
    [
        [
            "ip saddr vmap { 192.0.2.0/24 : drop, * : accept }",
            [
                {
                    vmap: {
                        key: field("ip", "saddr"),
                        data: {
                            set: [
                                [{ prefix: { addr: "192.0.2.0", len: 24 } }, { drop: null }],
                                ["*", { accept: null }],
                            ],
                        },
                    },
                },
            ],
        ],
        [`tcp 10.0.0.1 > 10.0.0.2`],
        [`tcp ${IN4}`, `tcp ${IN6}`],
    ],
    [["ip saddr . tcp dport vmap { 192.0.2.1 . 22 : accept }"], [`tcp ${IN4} port 22`], [`tcp ${IN4} port 23`]],
];
