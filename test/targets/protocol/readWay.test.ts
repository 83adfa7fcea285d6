import type { ConnectionSeen, Listener } from "../../../targets/ssh/protocol";
import { readSockets } from "../../../targets/ssh/readListeners";
import { readWay } from "../../../targets/ssh/readWay";

const session: ConnectionSeen = {
    clientAddress: "10.9.0.2",
    clientPort: 40000,
    serverAddress: "10.9.0.1",
    serverPort: 22,
};
const sshd: Listener = { protocol: "tcp", address: "0.0.0.0", port: 22, process: "sshd" };
const way = (lines: readonly string[], seen: ConnectionSeen | undefined = session) =>
    readWay(lines.join("\n"), seen, [sshd]);

/** A device as `ip -j -d link` prints it, cut to what counts. */
const link = (name: string, kind: string, data: object) =>
    `link ${name} ${JSON.stringify([{ ifname: name, mtu: 1450, linkinfo: { info_kind: kind, info_data: data } }])}`;
const eth0 = ["device eth0 1", 'link eth0 [{"ifname":"eth0","link_type":"ether"}]'];

test("a plain device is no tunnel, nor is a session that did not come through SSH", () => {
    expect(way(["route 10.9.0.2 eth0", ...eth0])).toEqual({ local: false, device: "eth0", tunnels: [] });
    const bridge = ["device br0 1 bridge", link("br0", "bridge", {}), link("vlan5", "vlan", { id: 5 })];
    expect(way(["route 10.9.0.2 br0", ...bridge, ...eth0]).tunnels).toEqual([]);
    expect(readWay("", undefined, [])).toEqual({ local: false, tunnels: [] });
});

test("VXLAN: both ends send to its port, so both directions are its traffic", () => {
    const data = { id: 7, remote: "192.0.2.200", local: "192.0.2.10", port: 4789 };
    const ends = { protocol: "udp", port: 4789, peer: "192.0.2.200", own: "192.0.2.10" };
    const traffic = [
        { direction: "ingress", ...ends },
        { direction: "egress", ...ends },
    ];
    const lines = ["device vx0 1 vxlan", link("vx0", "vxlan", data), "route 192.0.2.200 eth0", ...eth0];
    const tunnel = { tunnel: "vx0", kind: "vxlan", traffic };
    expect(way(["route 10.9.0.2 vx0", ...lines])).toEqual({ local: false, device: "vx0", tunnels: [tunnel] });
    // Below a bridge too.
    expect(way(["route 10.9.0.2 br0", "device br0 1 bridge", ...lines]).tunnels).toEqual([tunnel]);
});

test("VXLAN without a fixed peer: those of its forwarding table, else anybody", () => {
    const lines = ["route 10.9.0.2 vx0", "device vx0 1 vxlan", link("vx0", "vxlan", { id: 7, port: 8472 })];
    const [tunnel] = way([...lines, "peer vx0 192.0.2.7", "peer vx0 192.0.2.8"]).tunnels;
    expect(tunnel).toMatchObject({
        traffic: [{ peer: "192.0.2.7" }, { peer: "192.0.2.7" }, { peer: "192.0.2.8" }, {}],
    });
    expect(way([...lines, "peer vx0 239.1.1.1"]).tunnels).toEqual(way(lines).tunnels);
    expect(way(lines).tunnels[0]).toEqual({
        tunnel: "vx0",
        kind: "vxlan",
        traffic: [
            { direction: "ingress", protocol: "udp", port: 8472 },
            { direction: "egress", protocol: "udp", port: 8472 },
        ],
    });
});

test.each([
    ["gre", 47],
    ["gretap", 47],
    ["ip6gre", 47],
    ["ipip", 4],
    ["sit", 4],
    ["ip6tnl", 4],
])("%s is carried by protocol %i", (kind, protocol) => {
    const data = { remote: "192.0.2.200", local: "192.0.2.10" };
    const lines = ["route 10.9.0.2 t0", "device t0 778", link("t0", kind, data)];
    const traffic = [{ direction: "ingress", protocol, peer: "192.0.2.200", own: "192.0.2.10" }];
    expect(way(lines).tunnels).toEqual([{ tunnel: "t0", kind, traffic }]);
});

test("IPv6 through sit is protocol 41", () => {
    const seen = { ...session, clientAddress: "fd00::2", serverAddress: "fd00::1" };
    const lines = [
        "route fd00::2 sit1",
        "device sit1 776",
        link("sit1", "sit", { remote: "192.0.2.200", local: "any" }),
    ];
    expect(way(lines, seen).tunnels).toEqual([
        { tunnel: "sit1", kind: "sit", traffic: [{ direction: "ingress", protocol: 41, peer: "192.0.2.200" }] },
    ]);
});

test("WireGuard: its port, from the peer whose prefix is the longest around the client", () => {
    const lines = [
        "route 10.9.0.2 wg0",
        "device wg0 65534 wireguard",
        link("wg0", "wireguard", {}),
        "wg wg0 listen-port 51820",
        "wg wg0 endpoints AAA= 192.0.2.7:51820",
        "wg wg0 endpoints BBB= [2001:db8::8]:40000",
        "wg wg0 endpoints CCC= (none)",
        "wg wg0 allowed-ips AAA= 0.0.0.0/0 ::/0",
        "wg wg0 allowed-ips BBB= 10.9.0.0/24 fd00::/64",
        "wg wg0 allowed-ips CCC= 10.9.0.9/32",
    ];
    const traffic = { direction: "ingress", protocol: "udp", port: 51820 };
    const of = (clientAddress: string) => way(lines, { ...session, clientAddress }).tunnels;
    expect(of("10.9.0.2")).toEqual([
        { tunnel: "wg0", kind: "wireguard", traffic: [{ ...traffic, peer: "2001:db8::8" }] },
    ]);
    expect(of("10.10.0.2")[0]).toMatchObject({ traffic: [{ peer: "192.0.2.7" }] });
    // It has not been heard of yet.
    expect(of("10.9.0.9")[0]).toEqual({ tunnel: "wg0", kind: "wireguard", traffic: [traffic] });
    expect(way(lines.slice(0, 3)).tunnels[0]?.unknown).toMatch(/`wg` is not installed/);
});

test("tunnels in tunnels are all told", () => {
    const lines = [
        "route 10.9.0.2 vx0",
        "device vx0 1 vxlan",
        link("vx0", "vxlan", { remote: "fd00::9", port: 4789 }),
        "route fd00::9 ipip6",
        "device ipip6 769",
        link("ipip6", "ip6tnl", { remote: "2001:db8::7", local: "2001:db8::a" }),
        "route 2001:db8::7 eth0",
        ...eth0,
    ];
    expect(way(lines).tunnels.map(({ kind }) => kind)).toEqual(["vxlan", "ip6tnl"]);
    expect(way(lines).tunnels[1]).toMatchObject({ traffic: [{ protocol: 41, peer: "2001:db8::7" }] });
});

describe("a program that holds a tun device", () => {
    const tun = ["route 10.9.0.2 tun0", "device tun0 65534", "tun tun0", link("tun0", "tun", { type: "tun" })];
    const traffic = (...lines: string[]) => way([...tun, ...lines]).tunnels[0];

    test("that serves: its port, from the peers that are connected, else from anybody", () => {
        const holder = "holder tun0 700 sshd";
        const connected = 'socket tun0 tcp ESTAB 0 0 192.0.2.10:22 192.0.2.200:40000 users:(("sshd",pid=700,fd=4))';
        expect(traffic(holder, connected)).toEqual({
            tunnel: "tun0",
            kind: "tun of sshd",
            traffic: [{ direction: "ingress", protocol: "tcp", port: 22, peer: "192.0.2.200", own: "192.0.2.10" }],
        });
        const openvpn = ["holder tun0 701 openvpn", "socket tun0 udp UNCONN 0 0 0.0.0.0:1194 0.0.0.0:* users:((...))"];
        expect(traffic(...openvpn)).toMatchObject({
            traffic: [{ direction: "ingress", protocol: "udp", port: 1194 }],
        });
    });

    test("that dials out needs to be let out; what stays on the host does not count", () => {
        const lines = [
            "holder tun0 700 openvpn",
            "socket tun0 udp ESTAB 0 0 192.0.2.10:40123 198.51.100.7:1194 users:((...))",
            "socket tun0 tcp LISTEN 0 1 127.0.0.1:7505 0.0.0.0:* users:((...))",
            "socket tun0 tcp ESTAB 0 0 [::1]:40124 [::1]:53 users:((...))",
        ];
        const out = { direction: "egress", protocol: "udp", port: 1194, peer: "198.51.100.7", own: "192.0.2.10" };
        expect(traffic(...lines)).toEqual({ tunnel: "tun0", kind: "tun of openvpn", traffic: [out] });
    });

    test("that is not found, or hides its sockets, is not known", () => {
        expect(traffic()?.unknown).toMatch(/program at its end/);
        expect(traffic("holder tun0 700 vpnd")?.unknown).toMatch(/sockets/);
    });
});

test("a program on the host that opened the session for somebody else", () => {
    const seen = { ...session, clientAddress: "127.0.0.1", serverAddress: "127.0.0.1" };
    const lines = [
        "route 127.0.0.1 lo",
        "holder lo 900 cloudflared",
        "socket lo udp ESTAB 0 0 192.0.2.10:50000 198.51.100.9:7844 users:((...))",
        "socket lo tcp ESTAB 0 0 127.0.0.1:40000 127.0.0.1:22 users:((...))",
    ];
    const out = { direction: "egress", protocol: "udp", port: 7844, peer: "198.51.100.9", own: "192.0.2.10" };
    expect(way(lines, seen)).toEqual({
        local: true,
        tunnels: [{ tunnel: "lo", kind: "the program cloudflared", traffic: [out] }],
    });
});

describe("what can't be known says so", () => {
    test("a session from the host itself whose program is not found", () => {
        const seen = { ...session, clientAddress: "127.0.0.1", serverAddress: "127.0.0.1" };
        expect(way(["route 127.0.0.1 lo"], seen).tunnels[0]?.unknown).toMatch(/program at its end is not known/);
    });

    test("no route: only where there is a tunnel at all", () => {
        expect(way(["route 10.9.0.2 unknown", "device lo 772", ...eth0]).tunnels).toEqual([]);
        const [tunnel] = way([
            "route 10.9.0.2 unknown",
            "device lo 772",
            ...eth0,
            "device wg0 65534 wireguard",
        ]).tunnels;
        expect(tunnel).toMatchObject({ tunnel: "wg0", kind: "wireguard", unknown: expect.stringMatching(/by which/) });
    });

    test("IPsec, kinds without a rule of ours, and hosts whose ip tells no details", () => {
        const policy = "ipsec src 10.9.0.0/24 dst 10.9.0.1/32 dir in priority 100 tmpl src 192.0.2.7 dst 192.0.2.10";
        const route = ["route 10.9.0.2 eth0", ...eth0];
        expect(way([...route, policy]).tunnels[0]?.unknown).toBeDefined();
        expect(way([...route, policy.replace("10.9.0.0/24", "10.8.0.0/24")]).tunnels).toEqual([]);
        const ppp = ["route 10.9.0.2 ppp0", "device ppp0 512", link("ppp0", "ppp", {})];
        expect(way(ppp).tunnels[0]?.unknown).toBeDefined();
        expect(way([...ppp, "pppoe ppp0"]).tunnels).toEqual([]);
        for (const kind of ["xfrm", "vti", "l2tp"])
            expect(way(["route 10.9.0.2 x0", "device x0 1", link("x0", kind, {})]).tunnels[0]?.unknown).toBeDefined();
        for (const device of ["x0 1 vxlan", "x0 1 geneve", "x0 776"])
            expect(way(["route 10.9.0.2 x0", `device ${device}`]).tunnels).toHaveLength(1);
        expect(way(["route 10.9.0.2 x0", "device x0 1 vxlan"]).tunnels[0]?.unknown).toMatch(/port/);
        const flexible = link("x0", "vxlan", { external: true, port: 4789 });
        expect(way(["route 10.9.0.2 x0", "device x0 1 vxlan", flexible]).tunnels[0]?.unknown).toMatch(/per packet/);
    });
});

test("listeners are read from the kernel's own tables", () => {
    const text = [
        "tcp 0A 00000000:0016",
        "tcp6 0A 00000000000000000000000000000000:0050",
        "tcp6 0A B80D0120000000000000000001000000:01BB",
        "udp 07 3500007F:0035",
        "tcp 07 00000000:1F90",
    ].join("\n");
    expect(readSockets(text)).toEqual([
        { protocol: "tcp", address: "0.0.0.0", port: 22, process: undefined },
        { protocol: "tcp", address: "*", port: 80, process: undefined },
        { protocol: "tcp", address: "2001:db8::1", port: 443, process: undefined },
        { protocol: "udp", address: "127.0.0.53", port: 53, process: undefined },
    ]);
});
