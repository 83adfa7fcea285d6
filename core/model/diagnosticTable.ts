/**
 * Every diagnostic of the library: its code, severity, text and fix; `docs/errors.md` is made from it.
 * VF0xx input, VF1xx safety and hosts, VF2xx analysis, VF3xx panels. A code is never used again for something else.
 */
interface Entry {
    readonly severity: "error" | "warning" | "note";
    /** What is wrong; `{names}` are filled in. */
    readonly text: string;
    /** The way out. */
    readonly fix: string;
    /** For the reference page: why the library insists. */
    readonly why: string;
}

function entry<const Text extends string, const Fix extends string>(
    severity: Entry["severity"],
    text: Text,
    fix: Fix,
    why: string,
) {
    return { severity, text, fix, why } as const;
}

export const table = {
    VF001: entry(
        "error",
        "{value} is not an address.",
        'Write an address (192.0.2.1, 2001:db8::1), a prefix (192.0.2.0/24) or a range (192.0.2.1-192.0.2.9); in a rule also "set <name>" or "anywhere".',
        "Only complete, unambiguous addresses are taken: no host names, no 010.0.0.1, no 10.1, no zone (%eth0), no IPv4 inside IPv6.",
    ),
    VF002: entry(
        "error",
        "{value} has host bits set.",
        "Write {prefix} for the network, or {address} for the one address.",
        "A prefix with host bits is a slip in one of two directions, and the library does not guess which one.",
    ),
    VF003: entry(
        "error",
        "{value} is not a port.",
        'Write a number from 1 to 65535, a range ("8000-8100"), or a list of these.',
        "Ports are 16 bit; port 0 is never used on the wire.",
    ),
    VF004: entry(
        "error",
        "the range {value} runs backwards.",
        "Write {proposal}.",
        "A reversed range would match nothing, in some packet filters silently.",
    ),
    VF005: entry(
        "error",
        "the range {value} mixes IPv4 and IPv6.",
        "Write one range for each family.",
        "A range lies within one family.",
    ),
    VF007: entry(
        "error",
        "ports need protocol tcp or udp, and this rule says {protocol}.",
        'Say protocol: "tcp" or "udp" (or a service), or leave the ports out.',
        "Other protocols have no ports; a packet filter would ignore them or refuse the whole ruleset.",
    ),
    VF008: entry(
        "error",
        "unknown service {value}.",
        "{proposal}",
        "A service is a name of the catalogue (docs/services.md); for anything else say protocol and ports.",
    ),
    VF009: entry("error", "unknown field {value}.", "{proposal}", "A misspelt field would silently widen a rule."),
    VF010: entry(
        "error",
        "{field} is given but empty.",
        "Give it a value; to say {meaning}, leave {field} out.",
        "A forgotten configuration value must not open a port to the world: absent means anywhere, empty is a mistake.",
    ),
    VF011: entry(
        "error",
        "unknown address set {value}.",
        "{proposal}",
        "A rule refers to an AddressSet by object, or by name if the template lists it under sets.",
    ),
    VF012: entry(
        "error",
        "the {kind} name {value} is not allowed.",
        "Names are a-z, 0-9, dot, underscore and hyphen, start with a letter or digit and have at most 48 characters; for example {proposal}.",
        "Names appear in state, previews and comments on hosts; one plain form keeps them readable and harmless everywhere.",
    ),
    VF013: entry(
        "error",
        "the rule {value} can't be read: expected {expected} at {found}.",
        'The form is "accept tcp from anywhere to port 22" (docs/rules.md).',
        "A rule may be written as its canonical line, the same that previews print.",
    ),
    VF014: entry(
        "error",
        "{field} can't be {value}.",
        "{proposal}",
        "Only the words of docs/rules.md have a meaning; a guess would be a firewall nobody asked for.",
    ),
    VF015: entry(
        "error",
        "the services {services} have different ports for different protocols.",
        "Write one rule for each.",
        "One rule has one list of ports for all its protocols; merging these would open ports that no service asked for.",
    ),
    VF016: entry(
        "error",
        "icmpTypes need protocol icmp or icmpv6, and this rule says {protocol}.",
        'Say protocol: "icmp", "icmpv6" or both.',
        "Only these two protocols have message types.",
    ),
    VF017: entry(
        "error",
        "{protocol} has no type {value}.",
        "{proposal}",
        "Types are names (echo-request) or numbers from 0 to 255.",
    ),
    VF018: entry(
        "error",
        "priority {value} is not a whole number from 0 to 1000000.",
        "Leave it out (1000) unless an accept must cut a hole into a drop; then give the accept a lower one.",
        "Priority is a number so that rules have the same order in every language and in data files.",
    ),
    VF019: entry(
        "error",
        "service and {field} can't be in one rule.",
        "A service brings its protocol and ports: leave {field} out, or say protocol and ports without a service.",
        "Two answers to the same question in one rule.",
    ),
    VF020: entry(
        "error",
        "{value} in a rule is not supported by this version.",
        "Leave it out.",
        "The canonical line has words that only later versions act on; ignoring one would change what the rule means.",
    ),
    VF021: entry(
        "error",
        "the template {value} has no rules.",
        "Give it a rule, or take it out of the templates of the target.",
        "An empty template closes everything by the default action; that is nearly always a value that got lost.",
    ),
    VF022: entry(
        "error",
        "two {kind} with the name {value} on one target.",
        "Rename one of them.",
        "Rules and sets are stored and shown by name.",
    ),
    VF023: entry(
        "error",
        "{other} manages the firewall of {host} too.",
        "Give one HostFirewall all its templates.",
        "One host has one ruleset, and two resources would overwrite each other.",
    ),
    VF024: entry("error", "{field} must be {expected}, not {value}.", "{fix}", "The input has another type."),
    VF025: entry(
        "error",
        "no host key is known for {host}, and {option} runs commands through @pulumi/command, which checks no host key unless it is given one.",
        "Pin it: connection.hostKey = the line that `ssh-keyscan {host}` prints, without the host name, compared with the key that the hoster shows; or add the host to known_hosts.",
        "A command that installs packages as root must not be sent to whoever answers.",
    ),
    VF026: entry(
        "error",
        "confirmSeconds {value} is not a whole number from 5 to 600.",
        "60 is the default.",
        "Shorter than 5 s no new connection can be made reliably; 0 would be no protection at all.",
    ),
    VF027: entry(
        "error",
        "the rule says nothing.",
        'For a rule that matches every packet, say protocol: "any".',
        "An empty rule would accept every packet; that must be written down.",
    ),
    VF028: entry(
        "error",
        "the description has control characters or more than 200 characters.",
        "Write one line of plain text.",
        "Descriptions are printed on terminals and in pull requests.",
    ),
    VF029: entry(
        "error",
        "a value that was not known at preview is still not known.",
        "Check what {where} is made from.",
        "A ruleset is applied only when every address in it is known.",
    ),

    VF101: entry(
        "error",
        "this change would lock you out of {host}: a new SSH connection from {source} to port {port} is {decision}.",
        'Add the address to a rule that accepts ssh, or deploy through a jump host whose address is in one, or set lockoutCheck: "off" if you have a console.',
        "The check uses the address that the host itself sees. It runs before anything changes. An accept whose addresses are not known is no proof.",
    ),
    VF103: entry(
        "error",
        "after this change {source} of managementSources could not open SSH to {host}, port {port}: {decision}.",
        'Add it to a rule that accepts ssh, take it out of managementSources, or set lockoutCheck: "off".',
        "managementSources open nothing; they are only proved.",
    ),
    VF104: entry(
        "error",
        "the firewall of {host} belongs to {owner}.",
        "Destroy it there, or set adopt: {adopt} to take it over once.",
        "One host, one stack: two stacks that manage one host would undo each other's changes for ever.",
    ),
    VF105: entry(
        "error",
        "{first} and {second} are the same machine (machine-id {machine}).",
        "Give one HostFirewall all its templates.",
        "Two addresses of one host are still one packet filter.",
    ),
    VF106: entry(
        "warning",
        "lockoutCheck is off for {host}.",
        "Nothing proves that you can log in after this change; the host still goes back by itself unless a new connection confirms it.",
        "The check was turned off in the program.",
    ),
    VF107: entry(
        "note",
        "{host} carried a ruleset of this stack under another resource; taken over.",
        "",
        "A resource was renamed, or a create was interrupted after the host had confirmed it.",
    ),
    VF149: entry(
        "error",
        "connection.proxy (a jump host) is not supported yet.",
        "Deploy from a machine that reaches {host} directly.",
        "Connecting in another way than the one asked for would be worse than refusing.",
    ),

    VF110: entry(
        "error",
        "{host} took the change back: {reason}.",
        "The host runs {running}, as before. Nothing was changed.",
        "A change counts only when a new SSH connection confirms it; unconfirmed, the host itself puts back what it had.",
    ),
    VF111: entry(
        "error",
        "it is not known what {host} runs now: {reason}.",
        "The host goes back by itself unless the change was confirmed; run `pulumi up --refresh` to read what it runs.",
        "The connection was lost between loading and the answer to the confirmation, and the host could not be reached again.",
    ),
} as const satisfies Record<`VF${number}`, Entry>;
