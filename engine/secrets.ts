import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { EngineError } from "./errors";

/** Turns text into ciphertext for the state file and back. */
export interface Crypter {
    /** What the state file has to keep to recognise the passphrase again; holds nothing secret. */
    readonly salt: string;
    readonly encrypt: (plaintext: string) => string;
    readonly decrypt: (ciphertext: string) => string;
}

const known = "vps-firewall engine";

function encryptWith(key: Buffer, plaintext: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const body = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${body.toString("base64")}`;
}

function decryptWith(key: Buffer, ciphertext: string): string {
    const [version, nonce, text] = ciphertext.split(":");
    if (version !== "v1" || nonce === undefined || text === undefined) {
        throw new EngineError("the state file holds a secret in a form this engine does not know");
    }
    const body = Buffer.from(text, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(body.subarray(-16));
    return Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]).toString("utf8");
}

function crypterOf(passphrase: string, salt: Buffer, check?: string): Crypter {
    const key = scryptSync(passphrase, salt, 32);
    return {
        salt: `v1:${salt.toString("base64")}:${check ?? encryptWith(key, known)}`,
        encrypt: (plaintext) => encryptWith(key, plaintext),
        decrypt: (ciphertext) => decryptWith(key, ciphertext),
    };
}

export function newCrypter(passphrase: string): Crypter {
    return crypterOf(passphrase, randomBytes(16));
}

/** The crypter of an existing state file. Throws an EngineError where the passphrase is not the one it was made with. */
export function openCrypter(passphrase: string, saved: string): Crypter {
    const [, salt = "", ...check] = saved.split(":");
    const crypter = crypterOf(passphrase, Buffer.from(salt, "base64"), check.join(":"));
    try {
        if (crypter.decrypt(check.join(":")) === known) {
            return crypter;
        }
    } catch {
        // Authentication failed: said below.
    }
    throw new EngineError("incorrect passphrase: the state file was written with another one");
}
