import type { Confirmed, ConnectionSeen, Listener, Mark, Pending, Probe } from "./protocol";
import { valueOf, type Answer } from "./protocolAnswer";

/** What the probe step answered. */
export function readProbe(answer: Answer): Probe {
    const [table = "absent", ...mark] = words(answer, "live");
    return {
        nftVersion: valueOf(answer, "nft") ?? "",
        machineId: valueOf(answer, "machine") ?? "",
        bootId: valueOf(answer, "boot") ?? "",
        connection: readConnection(words(answer, "connection")),
        table: table === "marked" || table === "unmarked" ? table : "absent",
        mark: readMark(mark),
        listing: answer.sections.get("listing") ?? "",
        listingText: answer.sections.get("text") ?? "",
        fingerprint: valueOf(answer, "print") ?? "",
        confirmed: readConfirmed(answer),
        pending: readPending(words(answer, "pending")),
        failure: answer.sections.get("failure"),
        boot: readBoot(valueOf(answer, "boot-state")),
        systemd: answer.values.has("systemd"),
        otherTables: answer.values.get("table") ?? [],
        managers: answer.values.get("manager") ?? [],
        listeners: readListeners(answer.sections.get("listeners") ?? ""),
        conntrackActive: answer.values.has("conntrack"),
        repairs: answer.values.get("repair") ?? [],
    };
}

function readBoot(state: string | undefined): Probe["boot"] {
    return state === "enabled" || state === "disabled" ? state : "none";
}

function words(answer: Answer, key: string): string[] {
    return (valueOf(answer, key) ?? "").split(" ").filter((word) => word !== "");
}

function readConnection([clientAddress, clientPort, serverAddress, serverPort]: string[]): ConnectionSeen | undefined {
    if (clientAddress === undefined || serverAddress === undefined) return undefined;
    return { clientAddress, clientPort: Number(clientPort), serverAddress, serverPort: Number(serverPort) };
}

function readMark([owner, resource, applyId, digest]: string[]): Mark | undefined {
    if (owner === undefined || resource === undefined || applyId === undefined || digest === undefined)
        return undefined;
    return { owner, resource, applyId, digest };
}

/** confirmed.json as applyRuleset writes it; one that was damaged by hand counts as a first generation. */
function readConfirmed(answer: Answer): Confirmed | undefined {
    const applyId = valueOf(answer, "confirmed");
    if (applyId === undefined) return undefined;
    try {
        const stored: unknown = JSON.parse(answer.sections.get("manifest") ?? "");
        if (typeof stored === "object" && stored !== null && "generation" in stored && "manifest" in stored) {
            return { applyId, generation: Number(stored.generation), manifest: stored.manifest };
        }
    } catch {
        // Falls through: the ruleset counts, what was kept with it is lost.
    }
    return { applyId, generation: 1, manifest: undefined };
}

function readPending([applyId, secondsLeft]: string[]): Pending | undefined {
    return applyId === undefined ? undefined : { applyId, secondsLeft: Number(secondsLeft) };
}

/** Lines of `ss -H -l -t -u -n -p`: netid, state, two queues, local address:port, peer, users:(("name",...)). */
export function readListeners(text: string): Listener[] {
    return text.split("\n").flatMap((line): Listener[] => {
        const [protocol, , , , local = "", , users = ""] = line.trim().split(/\s+/);
        if (protocol !== "tcp" && protocol !== "udp") return [];
        const colon = local.lastIndexOf(":");
        const port = Number(local.slice(colon + 1));
        if (!Number.isInteger(port) || port < 1) return [];
        const address = local.slice(0, colon).replace(/^\[(.*)\]/, "$1");
        return [{ protocol, address, port, process: /\("([^"]*)"/.exec(users)?.[1] }];
    });
}
