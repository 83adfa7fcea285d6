import { isIP } from "node:net";
import { z } from "zod";
import { parseBoundedJson } from "../../core/model/boundedJson";
import { parseAddressRange } from "../../core/model/parseAddress";
import type { ConnectionSeen, Listener, Tunnel, TunnelTraffic, Way } from "./protocol";
import { programTraffic, readSocket, type Socket } from "./programTraffic";

/** Kinds of devices that are the end of a tunnel through IP. */
const TUNNELS = new Set(
    "amt bareudp erspan geneve gre gretap gtp ip6erspan ip6gre ip6gretap ip6tnl ipip l2tp ovpn ppp sit tun vti vti6 vxlan wireguard xfrm".split(
        " ",
    ),
);
/** The same by the kernel's number of a device's type (include/uapi/linux/if_arp.h), for hosts whose `ip` tells no kinds. */
const TYPES: Readonly<Record<string, string>> = {
    "512": "ppp",
    "768": "ipip",
    "769": "ip6tnl",
    "776": "sit",
    "778": "gre",
    "823": "ip6gre",
};

/** What host/way.sh tells has bounds of its own; a host may lie. */
const MOST_LINES = 5000;

interface Device {
    readonly name: string;
    readonly kind: string;
    readonly data: z.infer<typeof data>;
    /** The words of the lines about it, by their first word. */
    readonly lines: ReadonlyMap<string, readonly string[][]>;
}

const data = z.looseObject({
    remote: z.string().optional(),
    remote6: z.string().optional(),
    local: z.string().optional(),
    local6: z.string().optional(),
    port: z.number().optional(),
    external: z.boolean().optional(),
    encap: z.unknown().optional(),
});
const link = z.tuple([
    z.object({ linkinfo: z.object({ info_kind: z.string().optional(), info_data: data.optional() }).optional() }),
]);

/** Reads what host/way.sh tells of the way back to the client. */
export function readWay(text: string, connection: ConnectionSeen | undefined, listeners: readonly Listener[]): Way {
    if (connection === undefined) return { local: false, tunnels: [] };
    const lines = text.split("\n", MOST_LINES).map((line) => line.trim().split(/\s+/));
    const devices = readDevices(lines);
    const client = connection.clientAddress.replace(/^::ffff:(?=\d+\.)/i, "");
    const [first] = lines.filter(([word]) => word === "route");
    const out = first?.[2];
    const encrypted = ipsecPolicy(lines, client);
    const ipsec = encrypted ? [unknownTunnel("IPsec", "ipsec", "its keys and peers are the kernel's")] : [];
    if (out === undefined || out === "unknown") {
        const [suspect] = devices.filter(({ kind }) => TUNNELS.has(kind));
        const why = "the host does not say by which device it answers";
        return { local: false, tunnels: suspect ? [unknownTunnel(suspect.name, suspect.kind, why)] : ipsec };
    }
    const listening = new Set(listeners.map(({ protocol, port }) => `${protocol} ${port}`));
    const tunnels = devices.flatMap((device) => {
        if (device.name === "lo") return out === "lo" ? [programTunnel(device, listening)] : [];
        return TUNNELS.has(device.kind)
            ? [readTunnel(device, client, innerFamily(device.name, lines, client), listening)]
            : [];
    });
    return { local: out === "lo", ...(out !== "lo" && { device: out }), tunnels: [...tunnels, ...ipsec] };
}

function readDevices(lines: readonly string[][]): Device[] {
    const names = new Set(
        lines.flatMap(([word, name, out]) =>
            word === "device" ? [name ?? ""] : word === "route" && out === "lo" ? ["lo"] : [],
        ),
    );
    return [...names].map((name) => {
        const own = new Map<string, string[][]>();
        for (const [word = "", of, ...rest] of lines) if (of === name) own.set(word, [...(own.get(word) ?? []), rest]);
        const [type = "", word = ""] = own.get("device")?.[0] ?? [];
        const info = parseLink(own.get("link")?.[0]?.join(" ") ?? "");
        const said = info?.info_kind ?? (own.has("tun") ? "tun" : (TYPES[type] ?? word));
        // PPP over Ethernet is no tunnel through IP.
        const kind = said === "ppp" && own.has("pppoe") ? "pppoe" : said;
        return { name, kind, data: info?.info_data ?? {}, lines: own };
    });
}

function parseLink(text: string) {
    try {
        return link.safeParse(parseBoundedJson(text)).data?.[0].linkinfo;
    } catch {
        return undefined;
    }
}

function readTunnel(device: Device, client: string, inner: 4 | 6, listening: ReadonlySet<string>): Tunnel {
    const { name, kind, data, lines: own } = device;
    const end = { tunnel: name, kind };
    const peer = addressOf(data.remote6 ?? data.remote);
    const local = addressOf(data.local6 ?? data.local);
    const from = { ...(peer !== undefined && { peer }), ...(local !== undefined && { own: local }) };
    // With these the other end or the protocol is decided for each packet anew.
    if (data.external || data.encap !== undefined)
        return unknownTunnel(name, kind, "its far end is decided per packet");
    switch (kind) {
        case "vxlan":
        case "geneve": {
            const port = data.port ?? (kind === "geneve" ? 6081 : undefined);
            if (port === undefined) return unknownTunnel(name, kind, "the host does not say its port");
            const known = peer === undefined ? (own.get("peer") ?? []).map(([address]) => addressOf(address)) : [peer];
            const peers = known.length === 0 ? [undefined] : known;
            // Both ends send to this port, each from ports of its choice: what leaves is no reply to what arrives.
            const traffic = peers.flatMap((peer) =>
                (["ingress", "egress"] as const).map((direction): TunnelTraffic => {
                    return { direction, protocol: "udp", port, ...from, ...(peer !== undefined && { peer }) };
                }),
            );
            return { ...end, traffic };
        }
        case "gre":
        case "gretap":
        case "ip6gre":
        case "ip6gretap":
        case "erspan":
        case "ip6erspan":
            return { ...end, traffic: [{ direction: "ingress", protocol: 47, ...from }] };
        case "ipip":
        case "sit":
        case "ip6tnl": {
            const protocol = inner === 4 ? 4 : 41;
            return { ...end, traffic: [{ direction: "ingress", protocol, ...from }] };
        }
        case "wireguard":
            return wireguardTunnel(device, client);
        case "tun":
            return programTunnel(device, listening);
        default:
            return unknownTunnel(name, kind, "which traffic carries it is not known for this kind");
    }
}

/** The family of the packets that go through a device: that of the address whose route leads there. */
function innerFamily(name: string, lines: readonly string[][], client: string): 4 | 6 {
    const address = lines.find(([word, , out]) => word === "route" && out === name)?.[1] ?? client;
    return address.includes(":") && !/^::ffff:\d+\./.test(address) ? 6 : 4;
}

function wireguardTunnel({ name, kind, lines }: Device, client: string): Tunnel {
    const said = lines.get("wg") ?? [];
    const port = Number(said.find(([what]) => what === "listen-port")?.[1]);
    if (!(port > 0)) return unknownTunnel(name, kind, "`wg` is not installed there, so its port is not known");
    // Of several peers the one with the longest prefix around the client gets the answers.
    const carriers = said.flatMap(([what, key, ...prefixes]) =>
        what === "allowed-ips"
            ? prefixes.filter((prefix) => contains(prefix, client)).map((prefix) => ({ key, prefix }))
            : [],
    );
    carriers.sort((a, b) => Number(b.prefix.split("/")[1]) - Number(a.prefix.split("/")[1]));
    const endpoint = said.find(([what, key]) => what === "endpoints" && key === carriers[0]?.key)?.[2];
    const peer = addressOf(endpoint?.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1"));
    const traffic: TunnelTraffic = { direction: "ingress", protocol: "udp", port, ...(peer !== undefined && { peer }) };
    return { tunnel: name, kind, traffic: [traffic] };
}

function programTunnel({ name, lines: own }: Device, listening: ReadonlySet<string>): Tunnel {
    const program = own.get("holder")?.[0]?.[1];
    const kind = name === "lo" ? `the program ${program}` : `tun of ${program}`;
    if (program === undefined)
        return unknownTunnel(name, name === "lo" ? "a program" : "tun", "the program at its end is not known");
    const sockets = (own.get("socket") ?? [])
        .map(readSocket)
        .filter((socket): socket is Socket => socket !== undefined);
    if (sockets.length === 0) return unknownTunnel(name, kind, "the sockets of the program at its end are not known");
    return { tunnel: name, kind, traffic: programTraffic(sockets, listening) };
}

function ipsecPolicy(lines: readonly string[][], client: string): boolean {
    return lines.some((words) => words[0] === "ipsec" && words[1] === "src" && contains(words[2] ?? "", client));
}

function unknownTunnel(tunnel: string, kind: string, unknown: string): Tunnel {
    return { tunnel, kind, unknown };
}

/** Undefined where it is no single machine's. */
function addressOf(text = ""): string | undefined {
    const several = /^(0\.0\.0\.0|::|2(2[4-9]|3\d)\..*|ff..:.*)$/i.test(text);
    return isIP(text) !== 0 && !several ? text : undefined;
}

function contains(prefix: string, address: string): boolean {
    const [outer, inner] = [parseAddressRange(prefix), parseAddressRange(address.replace(/%.*/, ""))];
    if (!("range" in outer) || !("range" in inner) || outer.range.family !== inner.range.family) return false;
    return outer.range.first <= inner.range.first && inner.range.last <= outer.range.last;
}
