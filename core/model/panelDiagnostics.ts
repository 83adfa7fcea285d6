import { entry } from "./diagnosticEntry";

/** VF320 to VF330: the way to the API of a panel, what it answers, and groups of Leaseweb. `{left}` says in what state it was left. */
export const panelDiagnostics = {
    VF320: entry(
        "error",
        "{panel} gave no usable answer to {endpoint}: {reason} (request {request}). {left}",
        "Run it again; look at the provider's status page if it stays so.",
        "What can be repeated without harm is tried again by itself. The id is the one to name when you ask the provider.",
    ),
    VF321: entry(
        "error",
        "{panel} at {host} did not let this account in: {reason}.",
        "{how}",
        "A key is sent over https only, and is never printed.",
    ),
    VF322: entry(
        "error",
        "{panel} refuses {endpoint}: {status} {said} (request {request}). {left}",
        "The panel's own words say what is wrong.",
        "A refusal is not tried again, since the same request would be refused again.",
    ),
    VF323: entry(
        "error",
        "the answer of {panel} to {endpoint} can't be used: {field} {problem} (request {request}). {left}",
        "Please report it; the API may have a new version.",
        "Every answer is checked before anything is made of it. Fields that are not known are left alone.",
    ),
    VF324: entry(
        "error",
        "{what} ended as FAILED at Leaseweb. {left}",
        "Run it again; if it fails again, ask Leaseweb, with the id.",
        "Leaseweb carries changes out after it has answered, and says by a state how they went.",
    ),
    VF325: entry(
        "error",
        "{what} is no longer waited for: {reason}. {left}",
        "Look at it in the portal, then run it again.",
        "Giving up waiting does not end what Leaseweb does.",
    ),
    VF326: entry(
        "warning",
        "instance {instance} is in other security groups too: {groups}. What these allow comes in as well.",
        'Set exclusive to true to take it out of them, or take it out of the group "default" yourself.',
        "Groups only allow, so an instance gets what any of its groups allows. A new instance may start in a group that allows everything.",
    ),
    VF327: entry(
        "error",
        "there is a security group {name} already ({ids}).",
        "Give this one another name, or say adopt: {first} to take that group over, with its rules.",
        "A group is never taken over by guessing: somebody may rely on its rules.",
    ),
    VF328: entry(
        "note",
        "Leaseweb's API gives no ids of the rules of group {name}, which it asks for to take rules out. A new group with the wanted rules takes its place on every instance.",
        "Nothing is to be done.",
        "The published document lacks the ids. The new group is filled and attached before the old one is detached and deleted, so nothing is closed in between.",
    ),
    VF330: entry(
        "error",
        "after this change nobody could open SSH (tcp 22) or a remote desktop (tcp 3389) to the instances of security group {group}, which are to be in no other group.",
        'Accept one of them in a template, leave exclusive out, or set lockoutCheck: "off" if another way in is enough.',
        "A panel does not go back by itself, so what lets nobody in is refused before anything is sent.",
    ),
} as const;
