import type { Backend } from "../../core/dialects/dialect";

/**
 * The words of the apply protocol on a Linux host: what a probe reads, what an apply is given, how it ends.
 * The files and states on the host are described in host/common.sh, the steps in applyRuleset.ts.
 */

/** A connection to one host, as far as the protocol needs it. */
export interface ProtocolSession {
    /** Whether `run` can answer sudo's question for a password. Default false. */
    readonly hasSudoPassword?: boolean;
    /** Runs one command of the host's login shell with `stdin` as its input; rejects when the connection is lost. */
    run(command: string, stdin: string, limits: RunLimits): Promise<RunResult>;
    close(): void;
}

export interface RunLimits {
    /** Milliseconds, beside what input and output take on a slow link: the session knows how much of it has moved. */
    readonly timeoutMs: number;
    /** Bytes of output, both streams together. */
    readonly maxOutput: number;
    /** Keeps `stdin` back until the command is ready for it. Default: it is sent at once. */
    readonly handOver?: HandOver | undefined;
}

/** What a command says before it reads its input. */
export interface HandOver {
    /** The line on standard output after which `stdin` is sent. */
    readonly ready: string;
    /** What sudo writes to standard error where it wants a password. */
    readonly sudoPrompt: string;
}

export interface RunResult {
    /** `null` or `undefined` when a signal ended the command. */
    readonly code: number | null | undefined;
    readonly stdout: string;
    readonly stderr: string;
    /** With `handOver`: whether the command was ready and got its input. */
    readonly handedOver?: boolean;
    /** With `handOver`: how often sudo asked. */
    readonly sudoAsked?: number;
}

/** Opens a new TCP connection each time; gives up when the signal aborts. */
export type Connect = (signal: AbortSignal) => Promise<ProtocolSession>;

/** The mark in the live table: whose it is and which apply put it there. */
export interface Mark {
    /** Hash of org, project and stack: 16 hex digits. */
    readonly owner: string;
    /** The resource's uuid. */
    readonly resource: string;
    /** 16 hex digits, random per apply. */
    readonly applyId: string;
    /** Digest of the policy: 16 hex digits. */
    readonly digest: string;
}

/** What the last confirmed apply left on the host. */
export interface Confirmed {
    readonly applyId: string;
    /** How many applies were confirmed on this host, this one included. */
    readonly generation: number;
    /** `Plan.manifest` of that apply. */
    readonly manifest: unknown;
    /** The file that says all this, where it was read whole. */
    readonly text?: string;
}

/** An apply that is neither confirmed nor taken back yet. */
export interface Pending {
    readonly applyId: string;
    /** Seconds until the host takes it back by itself; 0 when it is trying to. */
    readonly secondsLeft: number;
}

export interface Listener {
    readonly protocol: "tcp" | "udp";
    /** As `ss` prints it: `0.0.0.0`, `*`, `::1`, `127.0.0.53%lo`. */
    readonly address: string;
    readonly port: number;
    /** Name of the listening program; undefined where the host does not say. */
    readonly process: string | undefined;
}

/** A port that a container has on the host's own addresses. */
export interface Published {
    readonly family: 4 | 6;
    readonly protocol: "tcp" | "udp";
    /** The one that is asked for from outside. */
    readonly port: number;
    /** The container's: `172.17.0.2:80`. */
    readonly to: string;
    /** The host's address, where it is only on one. */
    readonly own?: string;
}

/** The four fields of SSH_CONNECTION, as the host sees this connection. */
export interface ConnectionSeen {
    readonly clientAddress: string;
    readonly clientPort: number;
    readonly serverAddress: string;
    readonly serverPort: number;
}

/** New traffic that must pass for a tunnel to work again once the state of its connections is gone. */
export interface TunnelTraffic {
    readonly direction: "ingress" | "egress";
    /** A number for a protocol without ports: 47 (GRE), 4 (IPv4 in IP), 41 (IPv6 in IP). */
    readonly protocol: "tcp" | "udp" | number;
    /** Destination port: the host's (ingress) or the peer's (egress). */
    readonly port?: number;
    /** The other end; undefined where the host does not know it beforehand. */
    readonly peer?: string;
    /** The host's own address, where it is fixed. */
    readonly own?: string;
}

/** A tunnel that ends on the host and carries this session: what carries it in turn, or why that is not known. */
export type Tunnel = {
    /** Its device: `wg0`; `lo` where a program on the host opened the session for somebody else. */
    readonly tunnel: string;
    /** `vxlan`, `wireguard`, `tun of openvpn`, ... */
    readonly kind: string;
} & (
    | { readonly traffic: readonly TunnelTraffic[]; readonly unknown?: never }
    | { readonly traffic?: never; readonly unknown: string }
);

/** How the host's answers to this session leave. */
export interface Way {
    /** To the host itself: a program there opened the session. */
    readonly local: boolean;
    /** The device by which the host answers; absent where it does not say. */
    readonly device?: string;
    /** Usually empty. */
    readonly tunnels: readonly Tunnel[];
}

/** The packet filter that holds our ruleset on a host. */
export interface Filter {
    readonly backend: Backend;
    /** Of nft or iptables, for example `1.0.6`. */
    readonly version: string;
    /** Of iptables: the one that holds rules already, else the one that the host calls by default. */
    readonly variant?: "nft" | "legacy" | undefined;
    /** The program that holds address sets for iptables is there, and so is the kernel's part of it. */
    readonly ipset: boolean;
}

/** `ufw`, `firewalld`, `netfilter-persistent`, `iptables` and `ip6tables` (Red Hat's services), `nftables` (its service). */
export interface OtherFirewall {
    readonly name: string;
    /** What it loads is there. */
    readonly active: boolean;
    /** The next boot loads it. */
    readonly atBoot: boolean;
    /** What it loads: files, or a folder. */
    readonly files: readonly string[];
}

/** Texts as the programs list them, ours among them; empty where there are none, or too much to be sent. */
export interface OtherListings {
    /** JSON of `nft -j -t list ruleset`: without the elements of sets. */
    readonly nft: string;
    /** Lines of JSON, each of `nft -j list set` for a set of ports, protocols or interfaces. */
    readonly nftSets: string;
    /** What the save program of each variant and family prints. */
    readonly iptables: readonly { readonly variant: "nft" | "legacy"; readonly family: 4 | 6; readonly text: string }[];
}

/** What one look at a host found. */
export interface Probe {
    readonly filter: Filter;
    /** Both variants of iptables hold rules: two packet filters, each of which drops what it likes. */
    readonly mixedVariants: boolean;
    /** The host's machine-id, or the random id we gave it where it has none. */
    readonly machineId: string;
    /** Changes with every boot. */
    readonly bootId: string;
    /** Undefined when the host was not reached through SSH. */
    readonly connection: ConnectionSeen | undefined;
    readonly way: Way;
    /** Our table, or our chains. `unmarked`: they have our name and not our mark. */
    readonly table: "absent" | "marked" | "unmarked";
    readonly mark: Mark | undefined;
    /**
     * JSON of `nft -j -s list table inet vps_firewall`, or what iptables-save and ip6tables-save print of the table filter, each
     * behind a header line; empty when there is nothing of ours.
     */
    readonly listing: string;
    /** Text of `nft -s -a list table inet vps_firewall`; empty when there is no table, or it was not asked for. */
    readonly listingText: string;
    /**
     * Compared again under the lock before anything changes. Elements of sets are not in it: listing them all once more
     * costs seconds and hundreds of megabytes where they are many, and a change replaces every set whole, whenever
     * somebody wrote into it.
     */
    readonly fingerprint: string;
    readonly confirmed: Confirmed | undefined;
    readonly pending: Pending | undefined;
    /** Why an earlier revert could not put anything back and removed our table (VF112); kept until the next confirmed apply. */
    readonly failure: string | undefined;
    /** Whether the confirmed ruleset is loaded at boot; `none`: the host has no way that we know. */
    readonly boot: "none" | "disabled" | "enabled";
    /** By what: `systemd`, `openrc`, `runit`, `ifupdown`, `rc-local`; undefined where `boot` is `none`. */
    readonly bootWay: string | undefined;
    /** Why the confirmed ruleset could not be loaded at this boot (VF113); undefined once it is loaded again. */
    readonly bootFailure: string | undefined;
    readonly systemd: boolean;
    /** Other nft tables, for example `ip filter`. */
    readonly otherTables: readonly string[];
    /** Other programs that filter packets and are active, without those of `firewalls`. */
    readonly managers: readonly string[];
    /** Other programs that load a whole packet filter. */
    readonly firewalls: readonly OtherFirewall[];
    /** What others hold in the packet filters; undefined where it was not asked for. */
    readonly others: OtherListings | undefined;
    /** What an apply that was taken back, or a delete, could not switch on again: said once. */
    readonly leftOff: readonly string[];
    readonly listeners: readonly Listener[];
    /** Bytes that programs can still have without swapping; undefined where the host does not say. */
    readonly memoryAvailable: number | undefined;
    /** Is there an engine for containers, such as Docker or Podman? */
    readonly containers: boolean;
    readonly published: readonly Published[];
    /** Whether the kernel tracks connections already. */
    readonly conntrackActive: boolean;
    /** What this probe put right, in words; usually empty. */
    readonly repairs: readonly string[];
}

/** What is to be applied. */
export interface Plan {
    /** The whole ruleset file, to be loaded now; carries the mark with the apply id. */
    readonly forward: string;
    /** The whole ruleset file for the next boot; usually the same. Carries the mark too. */
    readonly boot: string;
    /**
     * Plain JSON data, kept on the host beside the confirmed ruleset. No secrets. Each value in it is a line: with a `delta`, only
     * those that differ are sent.
     */
    readonly manifest: unknown;
    /**
     * The whole ruleset file to go back to, where that is more than the last confirmed one: with the rules that others
     * wrote into our table. Carries the mark of the confirmed one. Default: the confirmed one.
     */
    readonly back?: string | undefined;
    /** The same by what differs from the last confirmed one, where that is less. The whole is sent where it does not fit. */
    readonly delta?: PlanDelta | undefined;
}

/** What only changes elements of large sets (core/dialects `RulesetDelta`). */
export interface PlanDelta {
    readonly forward: string;
    readonly back: string;
    /** Of the confirmed ruleset file, which must be that with the digest `from` (SHA-256), to make that of the next boot. */
    readonly edits: string;
    readonly from: string;
}

export type ApplyOutcome =
    | { readonly kind: "unchanged"; readonly probe: Probe }
    | {
          readonly kind: "confirmed";
          /** Before the apply. */
          readonly probe: Probe;
          /** The listing as it was confirmed. */
          readonly listing: string;
          readonly generation: number;
          readonly applyId: string;
      }
    | {
          /** The host runs again what it ran before (VF110). */
          readonly kind: "reverted";
          readonly reason: string;
          /** After the revert: what the host runs. */
          readonly probe: Probe;
      }
    | {
          /** The host cannot be reached any more (VF111); it goes back by itself. */
          readonly kind: "unknown";
          readonly reason: string;
          readonly before: Probe;
      };

export type RemoveOutcome =
    | { readonly kind: "removed"; readonly probe: Probe }
    /** Nothing of ours was there. */
    | { readonly kind: "absent"; readonly probe: Probe }
    /** The table belongs to another resource, or to nobody: left alone. */
    | { readonly kind: "foreign"; readonly probe: Probe };

export type Phase = "checking" | "applying" | "confirming" | "removing";

/** Where an apply stands; awaited between the steps. */
export type Stage = "probed" | "loaded" | "connected" | "confirmed";

export interface ProtocolOptions {
    /** The host's name in messages. */
    readonly host: string;
    readonly connect: Connect;
    /** One line for the user. */
    readonly progress?: (phase: Phase, text: string) => void;
    /** Default: nftables, or iptables where there is no nft or iptables holds our ruleset already. */
    readonly backend?: Backend | undefined;
    /** Also read the text listing (with handles). Default false. */
    readonly withText?: boolean;
    /**
     * Makes a listing whole that left out the elements of large sets, by what an apply with this manifest has put there;
     * undefined where the host does not hold these: then it is listed whole. Default: it always is.
     */
    readonly complete?: (listing: string, backend: Backend, manifest: unknown) => string | undefined;
    /** Also read what others hold in the packet filters. Default false. */
    readonly withOthers?: boolean;
    /** The waits of the protocol; only tests change them. */
    readonly timing?: Partial<Timing>;
}

export interface ApplyOptions extends ProtocolOptions {
    /**
     * Decides from the probe what to apply. Throws to refuse before anything changes (lock-out, another owner).
     * Called again when the host changed between probe and apply.
     */
    readonly plan: (probe: Probe, applyId: string) => Plan | "unchanged" | Promise<Plan | "unchanged">;
    /** Compares what was loaded with what was meant; a text is a problem, the host then goes back at once. */
    readonly verify: (probe: Probe, listing: string) => string | undefined;
    /** Opens the connection that confirms, where that is to come another way than the rest. Default: `connect`. */
    readonly confirmBy?: Connect;
    /** Seconds the host waits for the confirmation, 5 to 600. Default 60. */
    readonly confirmSeconds?: number;
    /** Switches off the other firewalls once ours is loaded (host/takeover.sh). Default false. */
    readonly takeover?: boolean;
    /** Which of them were switched off, and of which the rules could not be. */
    readonly onTakeover?: (taken: readonly string[], kept: readonly string[]) => void;
    readonly onStage?: (stage: Stage, applyId: string) => void | Promise<void>;
}

export interface RemoveOptions extends ProtocolOptions {
    /** Only a table that carries this resource's uuid is removed. */
    readonly resource: string;
}

/** Seconds. */
export interface Timing {
    /** How long one nft call may take on the host. Default 60. */
    readonly load: number;
    /** How long another operation on the host is waited for. Default 30. */
    readonly lock: number;
    /** Between two tries of a revert that does not load. Default 5. */
    readonly retry: number;
    /** After which a revert that does not load removes our table. Default 60. */
    readonly giveUp: number;
    /** How long connections are only tracked before the first ruleset is enforced. Default 3. */
    readonly track: number;
    /** How long one try to open a connection for the confirmation may take. Default 15. */
    readonly dial: number;
    /** How long the host is looked for after it took a change back. Default 60. */
    readonly reach: number;
}
