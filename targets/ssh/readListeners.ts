import { SocketAddress } from "node:net";

import { splitEnd } from "./programTraffic";
import type { Listener } from "./protocol";

/** A host has some hundreds of them. */
const MOST_LISTENERS = 10_000;
const LONGEST_WORD = 80;

/** Lines of `ss -H -l -t -u -n -p`: netid, state, two queues, local address:port, peer, users:(("name",...)). */
export function readListeners(text: string): Listener[] {
    return text.split("\n", MOST_LISTENERS).flatMap((line): Listener[] => {
        const [protocol, , , , local = "", , users = ""] = line.trim().split(/\s+/);
        if (protocol !== "tcp" && protocol !== "udp") return [];
        const [address, port] = splitEnd(local);
        if (!Number.isInteger(port) || port < 1 || port > 65535) return [];
        const process = /\("([^"]*)"/.exec(users)?.[1]?.slice(0, LONGEST_WORD);
        return [{ protocol, address: address.slice(0, LONGEST_WORD), port, process }];
    });
}

/** Lines of the kernel's own tables of sockets: `tcp6 0A 00000000000000000000000001000000:0016`. */
export function readSockets(text: string): Listener[] {
    return text.split("\n", MOST_LISTENERS).flatMap((line): Listener[] => {
        const [, word = "", state, address = "", port = ""] =
            /^(tcp|udp)6? (0A|07) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(line) ?? [];
        const protocol = word === "tcp" ? "tcp" : "udp";
        if (word === "" || (protocol === "tcp") !== (state === "0A")) return [];
        return [{ protocol, address: kernelAddress(address), port: parseInt(port, 16), process: undefined }];
    });
}

/** Words of 32 bits in hexadecimal, in the byte order of the host: that of every machine this is likely to meet. */
function kernelAddress(hex: string): string {
    const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
    const address = bytes.map((byte) => parseInt(byte, 16));
    if (address.every((byte) => byte === 0)) return address.length === 4 ? "0.0.0.0" : "*";
    return new SocketAddress({
        address:
            address.length === 4
                ? address.join(".")
                : bytes.map((byte, i) => (i > 0 && i % 2 === 0 ? `:${byte}` : byte)).join(""),
        family: address.length === 4 ? "ipv4" : "ipv6",
    }).address;
}
