/** What is sent of a rule; ports that are any are left out or null. */
export interface SimulatedRule {
    direction: "INGRESS" | "EGRESS";
    protocol: "TCP" | "UDP" | "ICMP" | "ICMPv6";
    action: "ACCEPT" | "DROP";
    description?: string | null;
    sources?: string[] | null;
    sourcePorts?: string | null;
    destinations?: string[] | null;
    destinationPorts?: string | null;
}

export interface SimulatedPolicy {
    id: number;
    name: string;
    description: string | null;
    rules: SimulatedRule[];
}

export interface SimulatedFirewall {
    copied: SimulatedPolicy[];
    user: number[];
    active: boolean;
    /** What the server runs, as text; it differs from `heldBy` after a task that failed. */
    applied: string;
}

export interface SimulatedNic {
    mac: string;
    ipv4: string[];
    /** Prefixes of 64 bits, without their length. */
    ipv6: string[];
    vlan: boolean;
    /** Missing where it was never configured. */
    firewall?: SimulatedFirewall;
}

export interface SimulatedServer {
    id: number;
    name: string;
    hostname: string | null;
    nickname: string | null;
    /** Whether its node says which interfaces are VLANs. */
    live: boolean;
    nics: SimulatedNic[];
}

export interface SimulatedTask {
    uuid: string;
    name: string;
    /** How often it is still looked at, or stands in the way of another change, before it ends. */
    looks: number;
    state: "PENDING" | "RUNNING" | "FINISHED" | "ERROR" | "CANCELED" | "ROLLBACK";
    end: "FINISHED" | "ERROR" | "CANCELED" | "ROLLBACK";
    /** Where the reason of a failure stands. */
    reasonIn: "message" | "responseError";
    finish: () => void;
    rollBack: () => void;
}

/** All that the panel holds. A test may read and change it at any time, as a second writer would. */
export interface PanelState {
    userId: number;
    servers: SimulatedServer[];
    policies: SimulatedPolicy[];
    tasks: SimulatedTask[];
    nextId: number;
}

/** netcup's own policies as they were recorded, with ids of their own for each server. */
export function defaultPolicies(state: PanelState): SimulatedPolicy[] {
    const mail = ["25", "465", "587"].map((destinationPorts): SimulatedRule => {
        return { direction: "EGRESS", protocol: "TCP", action: "DROP", destinationPorts };
    });
    const ping = (["INGRESS", "EGRESS"] as const).flatMap((direction) =>
        (["ICMP", "ICMPv6"] as const).map((protocol): SimulatedRule => ({ direction, protocol, action: "ACCEPT" })),
    );
    return [
        { id: state.nextId++, name: "netcup Mail block", description: null, rules: mail },
        { id: state.nextId++, name: "netcup Ping allow", description: null, rules: ping },
    ];
}

/** Two servers with a public interface each, the first with a VLAN too, and a third whose firewall was never configured. */
export function newState(): PanelState {
    const state: PanelState = { userId: 4711, servers: [], policies: [], tasks: [], nextId: 1000 };
    const nic = (last: number, configured = true): SimulatedNic => {
        const own: SimulatedNic = {
            mac: `5a:f1:00:00:00:0${last}`,
            ipv4: [`192.0.2.1${last}`],
            ipv6: [`2001:db8:0:${last}::`],
            vlan: false,
        };
        if (configured) {
            own.firewall = { copied: defaultPolicies(state), user: [], active: true, applied: "" };
            own.firewall.applied = heldBy(state, own.firewall);
        }
        return own;
    };
    const vlan: SimulatedNic = { mac: "5a:f1:00:00:00:0f", ipv4: [], ipv6: [], vlan: true };
    const server = (id: number, nickname: string | null, nics: SimulatedNic[]): SimulatedServer => {
        return { id, name: `v2202400000000${id}`, hostname: `host${id}.example.com`, nickname, live: true, nics };
    };
    state.servers.push(server(1, "web", [nic(1), vlan]), server(2, "db", [nic(2)]), server(3, null, [nic(3, false)]));
    return state;
}

/** What the panel holds for an interface, as text to compare. */
export function heldBy({ policies }: PanelState, { copied, user, active }: SimulatedFirewall): string {
    const own = user.map((id) => policies.find((policy) => policy.id === id) ?? id);
    return JSON.stringify({ active, copied, own });
}
