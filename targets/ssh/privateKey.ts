import type { ParsedKey } from "ssh2";
import { utils } from "ssh2";

/** A private key that can sign, or why it can't be used, in our own words: the parser's own may quote the key. */
export type PrivateKey =
    { readonly key: ParsedKey } | { readonly reason: string; readonly advice: string; readonly encrypted?: boolean };

/** Reads the text of a private key in OpenSSH, PEM (PKCS#1, SEC 1) or PuTTY form. */
export function parsePrivateKey(text: string, password: string | undefined): PrivateKey {
    // Variables of CI systems often arrive with other line ends or without the last one.
    const tidy = `${text.replace(/\r\n?/g, "\n").trim()}\n`;
    const parsed: unknown = utils.parseKey(tidy, password === "" ? undefined : password);
    const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
    if (first instanceof Error) return whyNot(first.message, tidy, password);
    const key = first as ParsedKey;
    if (!key.isPrivateKey())
        return { reason: "it is a public key", advice: "Pass the private key, the file without .pub." };
    return { key };
}

function whyNot(message: string, text: string, password: string | undefined): PrivateKey {
    const given = password !== undefined && password !== "";
    if (/no passphrase given/i.test(message))
        return {
            reason: "it is encrypted and there is no password for it",
            advice: "Set vps-firewall:privateKeyPassword (pulumi config set --secret), VPS_FIREWALL_PRIVATE_KEY_PASSWORD or connection.privateKeyPassword, or load the key into the SSH agent.",
            encrypted: true,
        };
    if (/sk-(ssh|ecdsa)/.test(message))
        return {
            reason: "it is a key of a hardware token (FIDO), which is not supported",
            advice: "Use another key for deployments.",
        };
    if (/Unsupported (OpenSSH )?(private )?key type/i.test(message))
        return { reason: "its type is not supported", advice: "Use an Ed25519, ECDSA or RSA key." };
    if (given && /integrity check failed|bad decrypt|BAD_DECRYPT|wrong/i.test(message))
        return { reason: "the password does not open it", advice: "Check privateKeyPassword.", encrypted: true };
    if (!text.includes("-----BEGIN") && !text.startsWith("PuTTY") && text.length < 300 && /^[~./\\]|^[A-Z]:/.test(text))
        return { reason: "it looks like a path", advice: "Pass the text of the file, not its name." };
    if (/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text))
        return {
            reason: "it is in PKCS#8 form",
            advice: "Convert it: ssh-keygen -p -f <file> writes the OpenSSH form.",
        };
    return {
        reason: "it is not a complete private key in OpenSSH or PEM form",
        advice: "Pass the whole file, from -----BEGIN to -----END, line ends included.",
    };
}
