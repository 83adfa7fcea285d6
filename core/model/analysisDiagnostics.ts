import { entry } from "./diagnosticEntry";

/**
 * VF2xx: what the analysis finds in rules that are valid. `{rule}` is a key; `{takers}` are rules with their verb;
 * `{example}` is a packet.
 */
export const analysisDiagnostics = {
    VF201: entry(
        "error",
        "the ruleset made of these templates does not mean what they say: {problem}.",
        "Nothing was changed. This is a mistake of the library: please report it, with the rules of these templates.",
        "Every ruleset is read again by a second reader, which knows how nft decides and not how the library writes, and must mean exactly the templates and the base.",
    ),
    VF202: entry(
        "error",
        "what {host} lists after loading does not mean what the templates say: {problem}.",
        "The change is taken back. Look at what else writes into our table there; if nothing does, please report it with the output of `nft list ruleset`.",
        "What counts is what the kernel runs, so the proof is done again with its own listing before a change is confirmed.",
    ),
    VF203: entry(
        "error",
        "rule {rule} can't be said in iptables: {problem}.",
        "Change its field {field}, or leave `backend` out where the host has nft.",
        "What a packet filter can't say is refused, never approximated.",
    ),
    VF213: entry(
        "warning",
        "{rule} matches no packet: {reason}.",
        "Fill it or take the rule out.",
        "An empty list means nobody, never everybody; a rule for nobody is usually a value that got lost.",
    ),
    VF214: entry(
        "warning",
        "{rule} never decides a packet: {takers} all of it, for example {example}.",
        "Take it out, or let it come first with a lower priority number.",
        "What a rule says is read as what happens; this one has no say.",
    ),
    VF215: entry(
        "note",
        "{rule} never decides {part}, which it lists: {takers} all of that, for example {example}.",
        "Take that out of the list, or let the rule come first with a lower priority number.",
        "Cutting a hole into what a rule accepts is usual and no finding; an item of its list that is gone as a whole is.",
    ),
    VF216: entry(
        "warning",
        "{rule} does not stop what an earlier template accepts: {takers} some of it first, for example {example}.",
        "List the template with the {action} first, or put both rules into one template.",
        "Within one template a drop wins over an accept whatever the order; between templates the earlier one wins.",
    ),
    VF217: entry(
        "warning",
        "{rule} does not open {part}: {takers} that in an earlier template, for example {example}.",
        "Narrow the earlier rule, or list the template of the accept first.",
        "Two templates contradict each other, and the later one reads as if it opened something.",
    ),
    VF218: entry(
        "note",
        "{rule} is redundant: without it {takers} its packets alike, for example {example}.",
        "Take it out, or narrow what makes it redundant.",
        "All rules that are called redundant can be taken out together.",
    ),
    VF219: entry(
        "note",
        "{rule} has the effect of the default action, which would {action} its packets too, for example {example}.",
        "Take it out, or keep it as documentation.",
        "It changes something only once the default action or a later rule does.",
    ),
    VF220: entry(
        "warning",
        "{rule} opens to the world what is usually private: {services}, for example {example}.",
        "Say who may reach it (from), or have it listen on a private address only.",
        "Such services are scanned for all day, and many of them have no sign-on or a weak one.",
    ),
    VF221: entry(
        "warning",
        "{rule} opens administration to the world: {services}, for example {example}.",
        "Say from where it is used (from), or reach it through a VPN or an SSH tunnel.",
        "Whoever gets in there owns the server.",
    ),
    VF222: entry(
        "note",
        "{rule} opens SSH to the world: {services}, for example {example}.",
        "If you know from where you log in, say so (from); else allow keys only.",
        "Many do so on purpose; passwords are tried there all day.",
    ),
    VF223: entry(
        "note",
        "{rule} opens {traffic} over {family} only: over {other} nobody gets through, for example {example}.",
        'Leave from out, or say "anywhere", for both families.',
        "0.0.0.0/0 is all of IPv4 and nothing of IPv6; clients that have both try IPv6 first.",
    ),
    VF224: entry(
        "warning",
        "{rule} opens to the world what amplifies attacks: {services}, for example {example}.",
        "Say who may ask (from): a short question with a forged source sends a long answer to somebody else.",
        "The list is that of CISA alert TA14-017A, UDP-based amplification attacks, and what was found since.",
    ),
    VF225: entry(
        "note",
        "{rule} opens to the world what can amplify attacks: {services}, for example {example}.",
        "Answer strangers only what is public (no recursion, no control queries) and limit the rate of answers.",
        "Public DNS and time servers are right to be open; others need not be.",
    ),
    VF226: entry(
        "note",
        "{rule} opens cleartext to the world: {services}, for example {example}.",
        "{instead}",
        "Passwords can be read on the way.",
    ),
    VF227: entry(
        "warning",
        "{rule} accepts FTP control and nobody accepts its data: passive mode needs a range of ports, for example {example}.",
        "Set a passive range in the FTP server and accept it too: tcp 50000-50100.",
        "Connection helpers that would open data ports by reading the control connection are not used.",
    ),
    VF228: entry(
        "note",
        "{rule} accepts {services}, which is obsolete.",
        "{instead}",
        "The number is registered, the protocol is not in use.",
    ),
    VF229: entry(
        "note",
        "{rule} accepts DNS over TCP only, for example {example}: most queries come over UDP.",
        'Say service: "dns", which is both.',
        "Resolvers ask over UDP first, and over TCP where an answer is too long.",
    ),
    VF230: entry(
        "warning",
        "egress is dropped by default and no rule accepts {missing}.",
        "Add egress accepts for it, best to the servers that are configured.",
        "Without DNS nothing finds its server, without NTP the clock drifts and certificates fail, without DHCP the address goes.",
    ),
    VF231: entry(
        "warning",
        "{rule} accepts by the source port: anybody who sends from there reaches {traffic}, for example {example}.",
        "Take it out: replies to the server's own connections are accepted anyway.",
        "A source port is the sender's choice. Such rules stand for replies where a packet filter tracks no connections.",
    ),
    VF232: entry(
        "warning",
        "{rule} was wanted until {date} and is still in force.",
        "Take it out, or give it a new date.",
        "The date only tells readers: nothing opens or closes by itself.",
    ),
    VF233: entry(
        "note",
        "{rule} is wanted until {date} only.",
        "After that day, take it out or give it a new date.",
        "A reminder, from 30 days before.",
    ),
    VF234: entry(
        "warning",
        "the limit of {rule} limits nothing: {takers} what is beyond it, for example {example}.",
        "Let what is beyond be dropped: narrow what accepts it, or add a drop with a higher priority number.",
        "Packets beyond a limit are decided by what follows.",
    ),
    VF235: entry(
        "warning",
        "{rule} opens what {provider} blocks in its whole network: {services} (list of {date}).",
        "It has no effect: use another port or a tunnel.",
        "The block is outside the server, whatever its own firewall says.",
    ),
    VF236: entry(
        "note",
        "{rule} accepts ftp-data (tcp 20), for example {example}: no client connects there.",
        "Take it out. In active mode the server connects, from port 20 (egress, sourcePorts 20); for passive mode accept the server's range.",
        "Replies to what the server opens itself pass anyway. Guides that know no connection tracking open this port.",
    ),
    VF248: entry(
        "warning",
        "the rules cross each other in too many ways to prove in reasonable time that the ruleset made of them means what they say; it was not proven.",
        "Split the template, or name fewer source ports and own addresses.",
        "They are rendered, loaded and compared part by part as any others. The second reader has given up, and what was not proven is said.",
    ),
    VF249: entry(
        "note",
        "the {direction} rules cross each other in too many ways to be analysed in reasonable time; nothing was looked for in them.",
        "Split the template, or name fewer source ports and own addresses.",
        "An analysis that can't be finished says so instead of guessing.",
    ),
} as const;
