import { type AddressRange } from "../core/model/addresses";
import { formatRule } from "../core/model/formatRule";
import { normalAddresses, normalPorts } from "../core/model/normalRule";
import { DEFAULT_PRIORITY, type Direction, type Peer, type Protocol, type Rule } from "../core/model/rule";
import type { Probe, Target, TunnelTraffic } from "../targets/ssh";
import type { HostInputs } from "./hostInputs";
import { hostRange } from "./lockoutCheck";
import { placeOf } from "./pinnedKeys";

/** Does the connection reach the host in another way than before: another address or port, or through other hosts? */
export function isOtherWay(before: Target, after: Target): boolean {
    return placeOf(before) !== placeOf(after);
}

/** What is wanted, and before all of it what the session that `probe` saw needs: the way to log in stays open beside. */
export function withFormerWay(inputs: HostInputs, { connection, way }: Pick<Probe, "connection" | "way">): HostInputs {
    if (!connection) return inputs;
    const ssh: TunnelTraffic = {
        direction: "ingress",
        protocol: "tcp",
        peer: connection.clientAddress,
        own: connection.serverAddress,
        port: connection.serverPort,
    };
    const carriers = way.tunnels.flatMap((tunnel) => tunnel.traffic ?? []);
    const templates = inputs.templates?.split(", ") ?? templatesOf(inputs.rules);
    const name = freeName("former-way", templates);
    const lines = [
        [`${name}/ssh`, lineOf(ssh)],
        ...carriers.map((traffic, i) => [`${name}/tunnel-${i + 1}`, lineOf(traffic)]),
    ];
    return {
        ...inputs,
        rules: { ...inputs.rules, ...Object.fromEntries(lines) },
        templates: [name, ...templates].join(", "),
    };
}

function templatesOf(rules: HostInputs["rules"]): string[] {
    return [...new Set(Object.keys(rules).map((key) => key.slice(0, key.indexOf("/"))))];
}

function freeName(name: string, taken: readonly string[]): string {
    for (let i = 2, free = name; ; i++) {
        if (!taken.includes(free)) return free;
        free = `${name}-${i}`;
    }
}

function lineOf({ direction, protocol, port, peer, own }: TunnelTraffic): string {
    const far = peerOf(peer);
    const near = peerOf(own);
    const [from, to] = direction === "ingress" ? [far, near] : [near, far];
    const ports =
        port === undefined ? {} : { ports: normalPorts({ ranges: [{ first: port, last: port }], unknown: false }) };
    return formatRule(acceptRule(direction, protocol, from, { ...to, ...ports }));
}

function acceptRule(direction: Direction, protocol: Protocol, from: Peer, to: Peer): Rule {
    return {
        direction,
        action: "accept",
        matches: [{ protocol }],
        from,
        to,
        priority: DEFAULT_PRIORITY,
        enabled: true,
    };
}

function peerOf(address: string | undefined): Peer {
    const range: AddressRange | undefined = address === undefined ? undefined : hostRange(address);
    if (!range) return { addresses: { kind: "anywhere" } };
    return { addresses: normalAddresses({ ranges: [range], sets: [], unknown: false }) };
}
