import { createHmac } from "node:crypto";
import type { HostKey } from "./hostKeys";
import { parseHostKey } from "./hostKeys";
import { matchesPatterns } from "./patterns";
import { readIfThere } from "./readIfThere";

/** One line of a known_hosts file. */
export interface KnownHost {
    readonly marker: "none" | "revoked" | "cert-authority";
    /** The patterns as written: names with `*`, `?` and `!`, or one hashed name. */
    readonly hosts: string;
    readonly key: HostKey;
    readonly file: string;
    readonly line: number;
}

/** The lines of a known_hosts file; comments and lines that are no entry are left out, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
    return text.split(/\r?\n/).flatMap((content, index) => {
        const words = content.trim().split(/[ \t]+/);
        const first = words[0] ?? "";
        if (first === "" || first.startsWith("#")) return [];
        const marker = first.startsWith("@") ? words.shift()?.slice(1) : "none";
        if (marker !== "none" && marker !== "revoked" && marker !== "cert-authority") return [];
        const [hosts, ...rest] = words;
        const key = parseHostKey(rest.join(" "));
        return hosts === undefined || key === undefined ? [] : [{ marker, hosts, key, file, line: index + 1 }];
    });
}

/** What a host is called in known_hosts: its bare name on port 22, else `[name]:port`. */
export function knownHostName(host: string, port: number): string {
    return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** Whether an entry is about a host, `name` being what `knownHostName` says. */
export function isAbout(entry: KnownHost, name: string): boolean {
    if (!entry.hosts.startsWith("|")) return matchesPatterns(entry.hosts.toLowerCase().split(","), name);
    const [, magic, salt, hash] = entry.hosts.split("|");
    if (magic !== "1" || salt === undefined || hash === undefined) return false;
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

/** The entries about a host in several files; a file that is not there has none. */
export function readKnownHosts(files: readonly string[], name: string): KnownHost[] {
    return files.flatMap((file) => parseKnownHosts(readIfThere(file), file)).filter((entry) => isAbout(entry, name));
}
