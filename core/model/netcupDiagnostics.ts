import { entry } from "./diagnosticEntry";

/**
 * VF280 to VF289: the way to the netcup panel, and what it answers. `{left}` says in what state the panel was left. VF290 to VF294:
 * templates in its words; VF295 to VF302: what stands in their way there.
 */
export const netcupDiagnostics = {
    VF280: entry(
        "error",
        "the netcup panel gave no usable answer to {endpoint}: {reason} (request {request}). {left}",
        "Run it again; look at the provider's status page if it stays so.",
        "What can be repeated without harm is tried again by itself: all but the making of a new policy, which could be made twice.",
    ),
    VF281: entry(
        "error",
        "the netcup panel at {host} did not let this account in: {reason}.",
        "Store a new refresh token; one that is not used for 30 days ends. Look too whether the account allows API logins from this address (API IP login restrictions).",
        "A token is sent over https only, and is never printed.",
    ),
    VF282: entry(
        "error",
        "the netcup panel refuses {endpoint}: {status} {said} (request {request}). {left}",
        "The panel's own words say what is wrong.",
        "A refusal is not tried again, since the same request would be refused again.",
    ),
    VF283: entry(
        "error",
        "the answer of the netcup panel to {endpoint} can't be used: {field} {problem} (request {request}). {left}",
        "Please report it; the panel may have a new version.",
        "Every answer is checked before anything is made of it. Fields that are not known are left alone.",
    ),
    VF284: entry(
        "error",
        "another update of this netcup account kept the panel busy for {seconds} s, so {endpoint} was not carried out: {said}. {left}",
        "Try again once it has ended; the panel shows its tasks.",
        "The panel makes one change of an account at a time, and refuses the others meanwhile.",
    ),
    VF285: entry(
        "error",
        "task {name} ({uuid}) of the netcup panel ended as {state}: {reason}. {left}",
        "Read what the panel holds, then run it again.",
        "Only FINISHED is success. A failed task may have carried out a part.",
    ),
    VF286: entry(
        "error",
        "task {name} ({uuid}) of the netcup panel is no longer waited for: {reason}. {left}",
        "Look at the task in the panel, then run it again; reapply helps where a long operation of the server kept an interface from its rules.",
        "Giving up waiting does not end a task.",
    ),
    VF287: entry(
        "error",
        "{wanted} names {found} of this netcup account.",
        "Name one by its name in the panel (v...), its nickname, its host name or one of its addresses.",
        "A firewall must not land on a server by guessing.",
    ),
    VF288: entry(
        "error",
        "server {server} has no firewall on interface {mac}: {said} (request {request}). {left}",
        'The firewall is there for root servers of generations 11 and 12 and vServers of generation 12; one that is older than it must be switched to it once, with "Configure" in the panel.',
        "The panel answers 404 for a server whose firewall was never configured.",
    ),
    VF289: entry(
        "error",
        "interface {mac} of server {server} can't have a firewall: {said} (request {request}). {left}",
        "Name the interface with the public addresses; VLAN interfaces have no firewall.",
        "The panel filters public interfaces only.",
    ),
    VF290: entry(
        "error",
        "rule {rule} can't be said in netcup's firewall: {problem}.",
        "Change its field {field}, or keep the rule on the host (HostFirewall).",
        "What a panel can't say is refused, never approximated.",
    ),
    VF291: entry(
        "error",
        "netcup would not take these templates: {problem}",
        "Nothing was sent.",
        "The panel refuses more than 500 rules of a policy, and counts each address of a list. All templates of an interface are one policy, so they count together.",
    ),
    VF292: entry(
        "error",
        "the rules made of these templates for netcup do not mean what they say: {problem}.",
        "Nothing was changed. This is a mistake of the library: please report it, with the rules of these templates.",
        "What is sent is read again by a second reader, in every reading of what netcup leaves open, and must mean the templates in all of them.",
    ),
    VF293: entry(
        "note",
        "on netcup {said}.",
        "",
        "netcup's firewall tracks TCP alone, has no word for other protocols than TCP, UDP and ICMP, and counts addresses. What is said there in another way than on a host is told.",
    ),
    VF294: entry(
        "warning",
        "on netcup {said}.",
        "",
        "netcup tracks no UDP and no ICMP: an answer needs a rule of its own once its direction is filtered.",
    ),
    VF295: entry(
        "error",
        "the netcup account has {count} policies called {name}.",
        "Take all but one of them away in the panel, or rename them.",
        "A policy is found again by its name where the state does not know it; which of several is ours, nobody can tell.",
    ),
    VF296: entry(
        "error",
        "netcup says that interface {mac} of server {server} has {said} for what no rule matches, and the templates need {meant}.",
        "Look in the panel at what other policies the interface has; `pulumi refresh` shows what is there now.",
        "The panel derives what becomes of all other traffic from the rules of the account's policies, and shows it. What it shows is compared with what was meant after each change.",
    ),
    VF297: entry(
        "error",
        "server {server} has {count} interfaces that can have a firewall ({interfaces}).",
        'Say which one is meant: interface: "{first}".',
        "Each public interface has a firewall of its own.",
    ),
    VF298: entry(
        "error",
        "there is no refresh token for the netcup panel.",
        "Store one with `pulumi config set --secret vps-firewall:netcupRefreshToken`, or set VPS_FIREWALL_NETCUP_REFRESH_TOKEN.",
        "The panel is used by a token of the account alone; it is read when an operation runs, and never kept in the state.",
    ),
    VF299: entry(
        "warning",
        "interface {mac} of server {server} has other policies of the account ({policies}), which are decided before the templates.",
        "Take them off in the panel if the templates are to decide alone.",
        "What others have attached is left where it is. Its first rule that matches decides.",
    ),
    VF300: entry(
        "error",
        "after this change nobody could open SSH to netcup server {server}: all of tcp {port} is dropped.",
        'Accept it in a template (a rule with service "ssh"), say the port where it listens (managementPort), or set lockoutCheck: "off" if the console of the panel is enough.',
        "A panel does not go back by itself, so a ruleset that lets nobody in is refused before anything is sent.",
    ),
    VF301: entry(
        "error",
        "after this change {source} of managementSources could not open SSH to netcup server {server}, port {port}: {decision}.",
        'Add it to a rule that accepts ssh, take it out of managementSources, or set lockoutCheck: "off".',
        "managementSources open nothing; they are only proved.",
    ),
    VF302: entry(
        "warning",
        "nothing proves that netcup server {server} can still be reached over SSH, as lockoutCheck is off.",
        "",
        "A check that is off is said in every preview.",
    ),
} as const;
