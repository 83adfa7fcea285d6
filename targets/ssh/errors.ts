import { printable } from "../../core/model/diagnostics";

/** The diagnostics of the SSH session layer: text and the way out, `{names}` are filled in. */
const texts = {
    VF140: {
        text: "{host} could not be reached: {reason} ({tries} in {seconds} s).",
        fix: "Check address and port, that the server is up, and that nothing on the way drops the connection; raise dialErrorLimit for a server that takes long to start.",
    },
    VF141: {
        text: "{host} did not let {user} log in; tried: {tried}{said}.",
        fix: "Check the user name, and that the public half of one of these is in the user's authorized_keys there.",
    },
    VF142: {
        text: "there is nothing to log in to {host} with{skipped}.",
        fix: "Set vps-firewall:privateKey (pulumi config set --secret), VPS_FIREWALL_PRIVATE_KEY or connection.privateKey, name an IdentityFile in ~/.ssh/config, or load a key into the SSH agent.",
    },
    VF143: {
        text: "the private key from {source} can't be used: {reason}.",
        fix: "{advice}",
    },
    VF144: {
        text: "the host key of {host} is not known; it presented {fingerprint} ({type}){note}.",
        fix: 'Compare that with what the provider\'s console shows, then add it with "{scan}", or this line to known_hosts: "{line}"; or set connection.hostKey to "{key}", or hostKeyChecking: "accept-new".',
    },
    VF145: {
        text: "THE HOST KEY OF {host} HAS CHANGED: it presented {fingerprint} ({type}), expected was {expected} from {where}. Somebody may be in the middle of this connection, or the server was installed anew.",
        fix: "Nothing was sent to it. Only if you know why it changed: {way}.",
    },
    VF146: {
        text: "{host} presented a host key that {where} marks as revoked: {fingerprint} ({type}).",
        fix: "Nothing was sent to it. Give the server a new host key.",
    },
    VF147: {
        text: "{where} knows {host} only by a certificate authority (@cert-authority), and host certificates are not supported.",
        fix: 'Set connection.hostKey, or add the key itself to known_hosts with "{scan}".',
    },
    VF148: {
        text: "{file} line {line}: {keyword} applies to {host} and is not supported{reason}.",
        fix: "It may decide where or how ssh connects, so it is not ignored. Put {keyword} into a Host section that does not match {host}, or set the fields of connection and use a host name that no section matches.",
    },
    VF149: {
        text: "connection.proxy (a jump host) is not supported yet.",
        fix: "Deploy from a machine that reaches {host} directly.",
    },
    VF150: {
        text: "the SSH session with {host} was lost: {reason}.",
        fix: "Run it again; what the host runs is read first.",
    },
    VF151: {
        text: "a command on {host} did not end within {seconds} s and was cut off.",
        fix: "The host may be overloaded; run it again.",
    },
    VF152: {
        text: "a command on {host} wrote more than {bytes} bytes and was cut off.",
        fix: "Check what the user's login shell prints there.",
    },
    VF153: {
        text: "{host} answered, but no SSH session could be agreed on: {reason}.",
        fix: "Check that the port is that of an OpenSSH server, and that it is of this decade.",
    },
    VF154: {
        text: "{field} is not valid: {reason}.",
        fix: "{advice}",
    },
    VF155: {
        text: "the connection to {host} was given up: {reason}.",
        fix: "Run it again.",
    },
    VF156: {
        text: 'the host key of {host} was not checked (hostKeyChecking: "off"); it presented {fingerprint} ({type}).',
        fix: 'Anybody on the way can pose as this server. Set connection.hostKey to "{key}" once you have compared it with the provider\'s console.',
    },
} as const;

export type SshErrorCode = keyof typeof texts;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<Code extends SshErrorCode> = Record<
    Names<(typeof texts)[Code]["text"]> | Names<(typeof texts)[Code]["fix"]>,
    string | number
>;

/** What stops a session, with the code to look it up by. Never holds any part of a secret. */
export class SshError extends Error {
    constructor(
        readonly code: SshErrorCode,
        message: string,
    ) {
        super(message);
        this.name = "SshError";
    }
}

/** The complete text of a diagnostic: printable and on one line, whatever a server or a file put into `values`. */
export function sshMessage<Code extends SshErrorCode>(code: Code, values: Values<Code>): string {
    const { text, fix } = texts[code];
    const fill = (part: string) =>
        part.replace(/\{(\w+)\}/g, (_, name: string) => printable(String((values as Record<string, unknown>)[name])));
    return `${code} ${fill(text)} ${fill(fix)}`.trimEnd();
}

export function sshError<Code extends SshErrorCode>(code: Code, values: Values<Code>): SshError {
    return new SshError(code, sshMessage(code, values));
}
