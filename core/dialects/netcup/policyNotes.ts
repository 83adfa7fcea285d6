import { formatMatches } from "../../model/formatRule";
import type { KeyedRule, Policy } from "../../model/policy";
import { commonlyNeeded } from "./commonlyNeeded";
import type { Note } from "./notes";
import type { RenderedSide } from "./lines";
import { whySeveral } from "./renderRule";
import { replyNotes } from "./replyNotes";

/** All notes about a policy (without what never decides) and what is sent of it. */
export function notesOf(policy: Policy, sides: readonly RenderedSide[]): Note[] {
    return [
        ...policy.rules.flatMap((keyed) => ruleNotes(keyed, policy, sides)),
        ...sides.flatMap((side) => replyNotes(policy, side)),
        ...sides.flatMap((side) => defaultNotes(policy, side)),
        ...commonlyNeeded(policy, sides),
    ];
}

const OTHERS = "other protocols (GRE, ESP, SCTP, ...)";

function ruleNotes({ key, rule }: KeyedRule, { defaults }: Policy, sides: readonly RenderedSide[]): Note[] {
    const note = (kind: Note["kind"], text: string): Note => ({ kind, severity: "note", key, text });
    const side = sides.find(({ direction }) => direction === rule.direction)!;
    const sent = side.lines.filter((line) => line.why === "rule" && line.key === key).map((line) => line.rule);
    const notes: Note[] = [];
    if (rule.log) notes.push(note("log", "netcup's firewall keeps no log, so nothing of it is logged"));
    if (sent.length === 0) {
        if (rule.action === "accept" && defaults[rule.direction] === "accept")
            notes.push(note("nothing sent", `${rule.direction} accepts by default, so netcup needs no rule for it`));
        return notes;
    }
    const several = whySeveral(sent);
    if (several !== undefined) notes.push(note("several rules", several));
    if (rule.matches.some(({ protocol }) => protocol === "any"))
        notes.push(note("other protocols", `it is said for tcp, udp, icmp and icmpv6; ${OTHERS} are not covered`));
    const typed = rule.matches.filter(({ types }) => types);
    if (typed.length > 0)
        notes.push(
            note(
                "icmp types",
                `rules of netcup's ask no types of ICMP: instead of ${formatMatches(typed)} all of it is accepted, ping too`,
            ),
        );
    return notes;
}

/** What becomes of protocols that no rule names, and defaults that stand there as rules. */
function defaultNotes({ defaults }: Policy, { direction, lines }: RenderedSide): Note[] {
    if (!lines.some(({ why }) => why === "default")) return [];
    const note = (kind: Note["kind"], text: string): Note => ({ kind, severity: "note", text });
    return defaults[direction] === "accept"
        ? [
              note("default", `${direction}: the default accept is said by four rules behind those that drop`),
              note("other protocols", `${direction}: ${OTHERS} are dropped once there is a rule that accepts`),
          ]
        : [
              note("default", `${direction}: the default drop is said by four rules, since nothing is accepted`),
              note(
                  "other protocols",
                  `${direction}: ${OTHERS} may pass, as netcup does not say what rules mean to them that only drop`,
              ),
          ];
}
