import { createHash } from "node:crypto";

/** A public host key: its type, for example `ssh-ed25519`, and the base64 of its blob. */
export interface HostKey {
    readonly type: string;
    readonly base64: string;
}

/** Reads `ssh-ed25519 AAAA... comment`; undefined where that is not a public key. */
export function parseHostKey(line: string): HostKey | undefined {
    const [type, text] = line.trim().split(/\s+/);
    if (type === undefined || text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
    const key = hostKeyOf(Buffer.from(text, "base64"));
    return key?.type === type ? key : undefined;
}

/** The key in a blob as the server sends it; undefined where the blob doesn't begin with the name of a type. */
export function hostKeyOf(blob: Buffer): HostKey | undefined {
    if (blob.length < 4) return undefined;
    const length = blob.readUInt32BE(0);
    if (length === 0 || length > 64 || blob.length <= 4 + length) return undefined;
    const type = blob.toString("latin1", 4, 4 + length);
    return /^[a-z0-9@.-]+$/.test(type) ? { type, base64: blob.toString("base64") } : undefined;
}

export function formatHostKey({ type, base64 }: HostKey): string {
    return `${type} ${base64}`;
}

export function sameHostKey(a: HostKey, b: HostKey): boolean {
    return a.type === b.type && a.base64 === b.base64;
}

/** `SHA256:...` as `ssh-keygen -l` prints it. */
export function fingerprint({ base64 }: HostKey): string {
    const digest = createHash("sha256").update(Buffer.from(base64, "base64")).digest("base64");
    return `SHA256:${digest.replace(/=+$/, "")}`;
}

/** Types in the order we prefer them, each with the signature algorithms to ask for; SHA-1 is not among them. */
const algorithms = {
    "ssh-ed25519": ["ssh-ed25519"],
    "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
    "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
    "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
    "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
} as const;

export type HostKeyAlgorithm = (typeof algorithms)[keyof typeof algorithms][number];

/**
 * What to ask the server for: the types we know a key of first, as OpenSSH does, so that a server with several keys
 * presents one that can be compared. The others follow, so that a server that lost the known one is named as changed.
 */
export function hostKeyAlgorithms(known: readonly HostKey[]): HostKeyAlgorithm[] {
    const isKnown = (type: string) => known.some((key) => key.type === type);
    const types = Object.keys(algorithms) as (keyof typeof algorithms)[];
    const ordered = [...types.filter(isKnown), ...types.filter((type) => !isKnown(type))];
    return ordered.flatMap((type): readonly HostKeyAlgorithm[] => algorithms[type]);
}

/**
 * Of several known keys of one host, the line to hand to `@pulumi/command` as `hostKey`. That plugin asks the server
 * for exactly the algorithm named like the key's type. For `ssh-rsa` that name means a SHA-1 signature, which
 * OpenSSH since 8.8 refuses, so an RSA key is the last resort; any other type that the server has works.
 *
 * @returns undefined where none of the lines is a key that can be used.
 */
export function preferredHostKey(lines: readonly string[]): string | undefined {
    const keys = lines.map(parseHostKey).filter((key) => key !== undefined);
    for (const type of Object.keys(algorithms)) {
        const key = keys.find((candidate) => candidate.type === type);
        if (key) return formatHostKey(key);
    }
    return undefined;
}
