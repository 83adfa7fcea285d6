import type { KeyedRule } from "../../model/policy";
import { formatProtocol } from "../../model/protocols";
import { CannotExpress } from "../dialect";

/**
 * Throws for a rule that no rules of netcup's can say. What can be said by more rules, or by wider ones of which a note tells,
 * passes.
 *
 * @throws CannotExpress
 */
export function refuseWhatCannotBeSaid({ key, rule }: KeyedRule): void {
    const refuse = (field: string, problem: string): never => {
        throw new CannotExpress(key, field, problem);
    };
    const { action, matches, limit, interfaces, states, flags, from, to } = rule;
    if (action === "reject")
        refuse("action", "netcup's firewall accepts or drops and never answers: say drop here, and reject on the host");
    if (limit) refuse("limit", "netcup's firewall counts no packets: leave the limit out here, and limit on the host");
    if (interfaces)
        refuse("interface", "a policy of netcup's stands on one public interface: leave it out, or filter on the host");
    if (states) refuse("state", "rules of netcup's ask no state of connections: leave it out, or filter on the host");
    if (flags) refuse("tcpFlags", "rules of netcup's ask no flags of TCP: leave them out, or filter on the host");
    for (const { protocol, types } of matches) {
        if (typeof protocol === "number")
            refuse(
                "protocol",
                `netcup has rules for tcp, udp, icmp and icmpv6 only, none for ${formatProtocol(protocol)}: filter it on the host`,
            );
        if (types && action === "drop")
            refuse(
                "icmpTypes",
                `rules of netcup's ask no types of ${protocol}, and to drop all of it would break more than is said: ` +
                    "drop these types on the host, or leave the types out",
            );
        if ((from.ports || to.ports) && protocol !== "tcp" && protocol !== "udp")
            refuse("ports", `${formatProtocol(protocol)} has no ports: say tcp or udp, or leave the ports out`);
    }
}
