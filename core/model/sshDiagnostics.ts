import { entry } from "./diagnosticEntry";

/** VF140 to VF159: the way to a host. */
export const sshDiagnostics = {
    VF140: entry(
        "error",
        "{host} could not be reached: {reason} ({tries} in {seconds} s).",
        "Check address and port, that the server is up, and that nothing on the way drops the connection; raise dialErrorLimit for a server that takes long to start.",
        "Only connecting is tried again, as connection.dialErrorLimit and perDialTimeout say; a server that was just created may take a while.",
    ),
    VF141: entry(
        "error",
        "{host} did not let {user} log in; tried: {tried}{said}.",
        "Check the user name, and that the public half of one of these is in the user's authorized_keys there.",
        "The first place that holds a credential decides: configuration, environment, connection, then IdentityFile and the agent.",
    ),
    VF142: entry(
        "error",
        "there is nothing to log in to {host} with{skipped}.",
        "Set vps-firewall:privateKey (pulumi config set --secret), VPS_FIREWALL_PRIVATE_KEY or connection.privateKey, name an IdentityFile in ~/.ssh/config, or load a key into the SSH agent.",
        "No key is guessed: ~/.ssh/id_* are used only where ~/.ssh/config names them or the agent holds them.",
    ),
    VF143: entry(
        "error",
        "the private key from {source} can't be used: {reason}.",
        "{advice}",
        "The text of the key could not be read; it is never printed.",
    ),
    VF144: entry(
        "error",
        "the host key of {host} is not known; it presented {fingerprint} ({type}){note}.",
        'Compare that with what the provider\'s console shows, then add it with "{scan}", or this line to known_hosts: "{line}"; or set {field}.hostKey to "{key}", or hostKeyChecking: "accept-new".',
        "Whoever answers at an address could be anybody; its key must be known before anything is sent.",
    ),
    VF145: entry(
        "error",
        "THE HOST KEY OF {host} HAS CHANGED: it presented {fingerprint} ({type}), expected was {expected} from {where}. Somebody may be in the middle of this connection, or the server was installed anew.",
        "Nothing was sent to it. Only if you know why it changed: {way}.",
        "A changed key is what an attack looks like; a new key after a re-installation looks the same.",
    ),
    VF146: entry(
        "error",
        "{host} presented a host key that {where} marks as revoked: {fingerprint} ({type}).",
        "Nothing was sent to it. Give the server a new host key.",
        "known_hosts says that this key must never be trusted again.",
    ),
    VF147: entry(
        "error",
        "{where} knows {host} only by a certificate authority (@cert-authority), and host certificates are not supported.",
        'Set {field}.hostKey, or add the key itself to known_hosts with "{scan}".',
        "Host certificates are not checked by this version, and trusting them unchecked would be no check.",
    ),
    VF148: entry(
        "error",
        "{file} line {line}: {keyword} applies to {host} and is not supported{reason}.",
        "It may decide where or how ssh connects, so it is not ignored. Put {keyword} into a Host section that does not match {host}, or set the fields of connection and use a host name that no section matches.",
        "A keyword that decides where or how to connect must be obeyed or refused, never ignored.",
    ),
    VF149: entry(
        "error",
        "more than {most} jump hosts lead to {host}.",
        "Look whether a ProxyJump of ~/.ssh/config leads back to itself; connection.proxy names the one to use.",
        "Each ProxyJump may have another before it, so that a circle would never end.",
    ),
    VF150: entry(
        "error",
        "the SSH session with {host} was lost: {reason}.",
        "Run it again; what the host runs is read first.",
        "The network or the server ended the connection; what the host runs is read before anything else next time.",
    ),
    VF151: entry(
        "error",
        "a command on {host} did not end within {seconds} s and was cut off.",
        "The host may be overloaded; run it again.",
        "Nothing waits for ever: every command has a time-out.",
    ),
    VF152: entry(
        "error",
        "a command on {host} wrote more than {bytes} bytes and was cut off.",
        "Check what the user's login shell prints there.",
        "A host must not be able to fill the memory of the machine that deploys.",
    ),
    VF153: entry(
        "error",
        "{host} answered, but no SSH session could be agreed on: {reason}.",
        "Check that the port is that of an OpenSSH server, and that it is of this decade.",
        "Key exchange failed before anybody logged in.",
    ),
    VF154: entry(
        "error",
        "{field} is not valid: {reason}.",
        "{advice}",
        "A field that is not valid would connect in another way than the one asked for.",
    ),
    VF155: entry(
        "error",
        "the connection to {host} was given up: {reason}.",
        "Run it again.",
        "The operation that needed the connection was over.",
    ),
    VF156: entry(
        "warning",
        'the host key of {host} was not checked (hostKeyChecking: "off"); it presented {fingerprint} ({type}).',
        'Anybody on the way can pose as this server. Set {field}.hostKey to "{key}" once you have compared it with the provider\'s console.',
        "The check was turned off in the program.",
    ),
    VF157: entry(
        "error",
        "{jump} let {user} log in, but does not connect on to {host}: {reason}.",
        "Allow it there (AllowTcpForwarding and PermitOpen of its sshd_config, permitopen of the key), or use another jump host.",
        "A jump host must forward TCP connections; nothing was changed.",
    ),
    VF158: entry(
        "error",
        "{host} asks {user} for more than a password: {prompt}.",
        "Log in with a key, or exempt this user from the second factor there.",
        "Keyboard-interactive login is answered with the password, once; nobody is there to answer anything else.",
    ),
    VF159: entry(
        "error",
        "{host} let {user} log in but runs no command: {reason}.",
        "Look at MaxSessions, PermitTTY and the Match sections of its sshd_config; one session at a time is needed.",
        "It was tried again for some seconds; nothing was changed.",
    ),
} as const;
