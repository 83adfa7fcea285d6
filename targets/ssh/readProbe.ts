import type { Confirmed, ConnectionSeen, Filter, Mark, OtherFirewall, OtherListings, Pending, Probe } from "./protocol";
import { type Answer, LostAnswer, toldBy, valueOf } from "./protocolAnswer";
import { readListeners, readSockets } from "./readListeners";
import { readStored } from "./stored";
import { readPublished } from "./readPublished";
import { readWay } from "./readWay";

const LONGEST_FAILURE = 4000;
/** Seconds; a window is at most 600, and the load before it takes its time. */
const LONGEST_PENDING = 86_400;

/**
 * What the probe step answered. A host may lie: each value has the form that the script gives it, or there is no probe.
 *
 * @throws LostAnswer
 */
export function readProbe(answer: Answer): Probe {
    const [table = "absent", ...mark] = words(answer, "live");
    const connection = readConnection(words(answer, "connection"));
    const listeners = [
        ...readListeners(answer.sections.get("listeners") ?? ""),
        ...readSockets(answer.sections.get("sockets") ?? ""),
    ];
    return {
        filter: readFilter(words(answer, "filter"), answer.values.has("ipset")),
        mixedVariants: answer.values.has("mixed"),
        machineId: checked(answer, "machine", /^[0-9a-f]{1,64}$/),
        bootId: checked(answer, "boot", /^[0-9a-f-]{1,64}$/),
        connection,
        way: readWay(answer.sections.get("way") ?? "", connection, listeners),
        table: table === "marked" || table === "unmarked" ? table : "absent",
        mark: readMark(mark),
        listing: answer.sections.get("listing") ?? "",
        listingText: answer.sections.get("text") ?? "",
        fingerprint: checked(answer, "print", /^(absent|[0-9a-f]{64})$/),
        confirmed: readConfirmed(answer),
        pending: readPending(words(answer, "pending")),
        failure: answer.sections.get("failure")?.slice(0, LONGEST_FAILURE),
        ...readBoot(words(answer, "boot-state")),
        bootFailure: answer.sections.get("boot-failure")?.slice(0, LONGEST_FAILURE),
        systemd: answer.values.has("systemd"),
        otherTables: answer.values.get("table") ?? [],
        managers: toldBy(answer, "manager"),
        firewalls: (answer.values.get("firewall") ?? []).flatMap(readFirewall),
        others: readOthers(answer),
        leftOff: toldBy(answer, "left-off"),
        listeners,
        memoryAvailable: readMemory(valueOf(answer, "memory")),
        containers: answer.values.has("containers"),
        published: readPublished(answer.sections.get("published") ?? ""),
        conntrackActive: answer.values.has("conntrack"),
        repairs: toldBy(answer, "repair"),
    };
}

function readFilter([name = "", version = "", variant]: string[], ipset: boolean): Filter {
    must("filter", name, /^(nft|iptables)$/);
    must("filter", version, /^[\w.+~-]{1,40}$/);
    return {
        backend: name === "nft" ? "nftables" : "iptables",
        version,
        ipset,
        ...(variant && { variant: must("filter", variant, /^(nft|legacy)$/) as Filter["variant"] }),
    };
}

/** `ufw active enabled /etc/ufw` */
function readFirewall(line: string): OtherFirewall[] {
    const form = /^([\w-]{1,30}) (active|inactive) (enabled|disabled)((?: \/[\w./-]{1,100})*)$/;
    const [, name, active, boot, files = ""] = form.exec(line) ?? [];
    if (name === undefined) return [];
    return [{ name, active: active === "active", atBoot: boot === "enabled", files: files.split(" ").slice(1) }];
}

function readOthers({ sections, values }: Answer): OtherListings | undefined {
    if (!values.has("others")) return undefined;
    const iptables = (["nft", "legacy"] as const).flatMap((variant) =>
        ([4, 6] as const).map((family) => ({
            variant,
            family,
            text: sections.get(`others-${variant}-${family}`) ?? "",
        })),
    );
    return { nft: sections.get("others-nft") ?? "", nftSets: sections.get("others-sets") ?? "", iptables };
}

function readMemory(text = ""): number | undefined {
    return /^\d{1,12}$/.test(text) ? Number(text) * 1024 : undefined;
}

function readBoot([state, way]: string[]): Pick<Probe, "boot" | "bootWay"> {
    return { boot: state === "enabled" || state === "disabled" ? state : "none", bootWay: way };
}

function words(answer: Answer, key: string): string[] {
    return (valueOf(answer, key) ?? "").split(" ").filter((word) => word !== "");
}

function checked(answer: Answer, key: string, form: RegExp): string {
    return must(key, valueOf(answer, key) ?? "", form);
}

function must(what: string, value: string, form: RegExp): string {
    if (!form.test(value)) throw new LostAnswer(`${what} is not what the script says: "${value.slice(0, 100)}"`);
    return value;
}

const ADDRESS = /^[0-9a-fA-F:.]{2,45}(%[\w.-]{1,15})?$/;
const APPLY_ID = /^[0-9a-f]{16}$/;

function readConnection([clientAddress, clientPort, serverAddress, serverPort]: string[]): ConnectionSeen | undefined {
    if (clientAddress === undefined || serverAddress === undefined) return undefined;
    return {
        clientAddress: must("connection", clientAddress, ADDRESS),
        clientPort: readPort(clientPort),
        serverAddress: must("connection", serverAddress, ADDRESS),
        serverPort: readPort(serverPort),
    };
}

function readPort(text = ""): number {
    const port = Number(must("connection", text, /^\d{1,5}$/));
    if (port < 1 || port > 65535) throw new LostAnswer(`connection has port ${port}`);
    return port;
}

/** A mark that somebody altered is none. */
function readMark([owner = "", resource = "", applyId = "", digest = ""]: string[]): Mark | undefined {
    const hex = [owner, applyId, digest].every((text) => /^[0-9a-f]{16}$/.test(text));
    return hex && /^[0-9a-f-]{36}$/.test(resource) ? { owner, resource, applyId, digest } : undefined;
}

/** Where confirmed.json was damaged by hand, or could not be replaced, the ruleset counts, as a first generation. */
function readConfirmed(answer: Answer): Confirmed | undefined {
    if (!answer.values.has("confirmed")) return undefined;
    const applyId = checked(answer, "confirmed", APPLY_ID);
    const text = answer.sections.get("manifest") ?? "";
    const stored = readStored(text, applyId);
    return stored ? { ...stored, text } : { applyId, generation: 1, manifest: undefined };
}

function readPending([applyId, secondsLeft = ""]: string[]): Pending | undefined {
    if (applyId === undefined) return undefined;
    const seconds = Number(must("pending", secondsLeft, /^\d{1,9}$/));
    if (seconds > LONGEST_PENDING) throw new LostAnswer(`an apply is pending for ${seconds} s`);
    return { applyId: must("pending", applyId, APPLY_ID), secondsLeft: seconds };
}
