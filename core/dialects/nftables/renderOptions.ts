import type { Limit, Rule } from "../../model/rule";
import { FLAG_FORMS, type FlagForm, TCP_FLAGS } from "../../model/tcpFlags";
import { limitIdentifier, logLimitIdentifier, sourcesIdentifier } from "./identifiers";
import { defaultPrefix, LOG_LIMIT, timeoutOf } from "./limits";
import { type Alternative, ANYTHING, list } from "./renderText";

/** The interfaces of a rule: old nft takes patterns one by one only. */
export function interfaceAlternatives({ direction, interfaces }: Rule): readonly Alternative[] {
    if (!interfaces) return ANYTHING;
    const field = direction === "ingress" ? "iifname" : "oifname";
    const names = interfaces.filter((name) => !name.endsWith("*"));
    const patterns = interfaces.filter((name) => name.endsWith("*"));
    return [...(names.length > 0 ? [names] : []), ...patterns.map((pattern) => [pattern])].map((some) => ({
        text: `${field} ${list(some, (name) => `"${name}"`)}`,
    }));
}

export function flagAlternatives({ flags }: Rule): readonly Alternative[] {
    return flags ? flags.map((form) => ({ text: flagsText(form) })) : ANYTHING;
}

function flagsText(form: FlagForm): string {
    const { mask, value } = FLAG_FORMS[form];
    const operator = "negated" in FLAG_FORMS[form] ? "!=" : "==";
    return `tcp flags & (${flagNames(mask)}) ${operator} ${value === 0 ? "0x0" : flagNames(value)}`;
}

function flagNames(bits: number): string {
    const names = Object.entries(TCP_FLAGS).filter(([, bit]) => (bits & bit) !== 0);
    return names.map(([name]) => name).join("|");
}

export function stateText({ states }: Rule): string {
    return states ? `ct state ${list(states, String)}` : "";
}

/** One count for all nft rules that a rule of the model is made of; for each source, one for each family. */
export function limitAlternatives(key: string, { limit }: Rule): readonly Alternative[] {
    if (!limit) return ANYTHING;
    if (!limit.perSource) return [{ text: `limit name "${limitIdentifier(key)}"` }];
    const source = { 4: "ip saddr", 6: "ip6 saddr and ffff:ffff:ffff:ffff::" };
    return ([4, 6] as const).map((family) => ({
        family,
        text: `meta nfproto ipv${family} update @${sourcesIdentifier(key, family)} { ${source[family]} limit rate ${rateText(limit)} }`,
    }));
}

export function rateText({ rate, per, burst }: Pick<Limit, "rate" | "per" | "burst">): string {
    return `${rate}/${per} burst ${burst} packets`;
}

export function verdictText({ action, answer }: Rule): string {
    if (!answer) return action;
    // The form that old and new nft take.
    return answer === "tcp-reset" ? "reject with tcp reset" : `reject with icmpx type ${answer}`;
}

/** In a rule of its own: a limit beside a verdict would limit the verdict. */
export function logText(key: string, { log }: Rule): string {
    return log ? `limit name "${logLimitIdentifier(key)}" log prefix "${log.prefix ?? defaultPrefix(key)}"` : "";
}

/** What rules with limits refer to: name and text in the table. */
export function limitObjects(key: string, { limit, log }: Rule): { readonly name: string; readonly text: string }[] {
    if (!limit && !log) return [];
    const named = (name: string, rate: string) => ({ name, text: `    limit ${name} { rate ${rate}\n    }` });
    return [
        ...(log ? [named(logLimitIdentifier(key), rateText(LOG_LIMIT))] : []),
        ...(limit && !limit.perSource ? [named(limitIdentifier(key), rateText(limit))] : []),
        ...(limit?.perSource
            ? ([4, 6] as const).map((family) => ({
                  name: sourcesIdentifier(key, family),
                  text: sourcesSet(key, family, limit),
              }))
            : []),
    ];
}

function sourcesSet(key: string, family: 4 | 6, limit: Limit): string {
    return [
        `    set ${sourcesIdentifier(key, family)} {`,
        `        type ipv${family}_addr; size 65535; flags dynamic,timeout; timeout ${timeoutOf(limit)}s`,
        // nft 0.9.8 does not list what a set's rule limits to.
        `        comment "limit ${rateText(limit)}"`,
        "    }",
    ].join("\n");
}
