import type {
    Expression,
    Item,
    Listing,
    NftChain,
    NftLimit,
    NftRate,
    NftRule,
    NftSet,
} from "../../core/dialects/nftables/listing";
import { TCP_FLAGS } from "../../core/model/tcpFlags";

/**
 * Reads the text of a ruleset, where there is no nft to do it: only the forms that our renderer may write, each line whole.
 * Anything else is an error, so that a word of a user's that became more than a word does not go unnoticed.
 */
export function readText(text: string): Listing {
    const chains: NftChain[] = [];
    const sets: NftSet[] = [];
    const lines = text.replaceAll(/,\n {12}/g, ", ").split("\n");
    const take = (form: RegExp): RegExpExecArray => {
        const line = lines.shift() ?? "";
        const found = form.exec(line);
        if (!found) throw new Error(`a line of no known form: ${line}`);
        return found;
    };
    const isNext = (form: RegExp) => form.test(lines[0] ?? "");
    take(/^table inet vps_firewall$/);
    take(/^delete table inet vps_firewall$/);
    take(/^table inet vps_firewall \{$/);
    const [, mark] = take(
        /^ {4}chain vpsfw_mark \{ return comment "(vpsfw1 o=[0-9a-f]{16} r=[0-9a-f-]{36} a=[0-9a-f]{16} d=[0-9a-f]{16})"$/,
    );
    take(/^ {4}\}$/);
    chains.push({ name: "vpsfw_mark", rules: [rule([{ kind: "verdict", verdict: "return" }], mark)] });
    while (isNext(/^ {4}set [sv]/)) {
        const [, name = ""] = take(/^ {4}set (s[0-9a-f]{8}_[46]|vpsfw_no_(?:address|port|packet)) \{$/);
        const [, type = "", comment = ""] = take(
            /^ {8}type (ipv[46]_addr|inet_service|mark);(?: flags interval;)? comment "([a-z0-9._/ -]+)"$/,
        );
        const elements = isNext(/elements/)
            ? take(/^ {8}elements = \{ ([^{}"]*) \}$/)[1]!
                  .split(", ")
                  .map(item)
            : [];
        take(/^ {4}\}$/);
        sets.push({ name, type, comment, elements, flags: [], strange: false });
    }
    const limits: NftLimit[] = [];
    while (isNext(/^ {4}(limit|set) /))
        if (isNext(/^ {4}limit /)) {
            const [, name = "", ...said] = take(
                /^ {4}limit ([lg][0-9a-f]{8}) \{ rate (\d+)\/([a-z]+) burst (\d+) packets$/,
            );
            take(/^ {4}\}$/);
            limits.push({ name, ...rate(said) });
        } else {
            const [, name = "", family] = take(/^ {4}set (r[0-9a-f]{8}_([46])) \{$/);
            const [, timeout] = take(
                new RegExp(`^ {8}type ipv${family}_addr; size 65535; flags dynamic,timeout; timeout (\\d+)s$`),
            );
            const [, comment = ""] = take(/^ {8}comment "(limit \d+\/[a-z]+ burst \d+ packets)"$/);
            take(/^ {4}\}$/);
            const type = `ipv${family}_addr`;
            sets.push({ name, type, comment, timeout: Number(timeout), elements: [], flags: [], strange: false });
        }
    while (isNext(/^ {4}chain /)) {
        const [, name = ""] = take(/^ {4}chain (input|output) \{$/);
        const [, policy = ""] = take(
            new RegExp(`^ {8}type filter hook ${name} priority filter; policy (accept|drop);$`),
        );
        const rules: NftRule[] = [];
        while (!isNext(/^ {4}\}$/)) {
            const [, words = "", comment] = take(
                /^ {8}((?:[^"#;\\$`]|"(?:lo|[\w.-]+\*?|[lg][0-9a-f]{8})"|log prefix "[ !#-[\]-~]+")*) comment "([a-z0-9._/: -]+)"$/,
            );
            rules.push(rule(expressions(words), comment));
        }
        take(/^ {4}\}$/);
        chains.push({ name, hook: { type: "filter", hook: name, priority: 0, policy }, rules });
    }
    take(/^\}$/);
    take(/^$/);
    if (lines.length > 0) throw new Error(`there is more: ${lines.join("\n")}`);
    return { table: { chains, sets, limits, others: [], flags: [] } };
}

function rule(parts: Expression[], comment = ""): NftRule {
    return { handle: 0, comment, expressions: parts };
}

function rate([rate, per = "", burst]: readonly string[]): NftRate {
    return { rate: Number(rate), per, burst: Number(burst) };
}

const FIELD =
    /^(?<field>[io]if(?:name)?|(?:meta (?:mark|nfproto|l4proto)|ct state|ip6? [sd]addr|ip protocol|ip6 hoplimit|(?:tcp|udp|th) [sd]port|icmp(?:v6)? (?:type|code))) (?<op>!= )?(?<value>@\w+|\{ [^{}]* \}|\S+) /;
const FLAGS = /^tcp flags & \((?<mask>[a-z|]+)\) (?<op>==|!=) (?<value>0x0|[a-z|]+) /;
const LIMIT = /^limit name "(?<name>[lg][0-9a-f]{8})" /;
const SOURCES =
    /^update @(?<set>r[0-9a-f]{8}_[46]) \{ (?<key>ip saddr|ip6 saddr and ffff:ffff:ffff:ffff::) limit rate (?<rate>\d+)\/(?<per>[a-z]+) burst (?<burst>\d+) packets \} /;

/** What the words begin with: its form, and what it says. */
const PARTS: readonly (readonly [RegExp, (said: Readonly<Record<string, string>>) => Expression])[] = [
    [FIELD, match],
    [
        FLAGS,
        ({ mask = "", op, value = "" }) => {
            return { kind: "flags", mask: bits(mask), value: bits(value), negated: op === "!=" };
        },
    ],
    [LIMIT, ({ name = "" }) => ({ kind: "limit", name })],
    [
        SOURCES,
        ({ set = "", key, ...said }) => ({
            kind: "sources",
            family: key === "ip saddr" ? 4 : 6,
            set,
            rate: rate([said.rate!, said.per!, said.burst!]),
        }),
    ],
];

function match({ field = "", op, value = "" }: Readonly<Record<string, string>>): Expression {
    const right = value.startsWith("@")
        ? ({ kind: "set", name: value.slice(1) } as const)
        : ({
              kind: "items",
              items: value
                  .replace(/^\{ (.*) \}$/, "$1")
                  .split(", ")
                  .map(item),
          } as const);
    const name = /^[io]if/.test(field) ? `meta ${field}` : field;
    return { kind: "match", field: name, op: op === undefined ? "==" : "!=", right };
}

function bits(names: string): number {
    return names === "0x0" ? 0 : names.split("|").reduce((sum, name) => sum | TCP_FLAGS[name as "syn"], 0);
}

const ANSWERS = /^(counter )?(accept|drop|reject(?: with (tcp reset)| with (icmpx) type ([a-z-]+))?)$/;

function expressions(words: string): Expression[] {
    const found: Expression[] = [];
    let rest = words;
    for (;;) {
        const part = PARTS.map(([form, read]) => ({ said: form.exec(rest), read })).find(({ said }) => said);
        if (!part) break;
        found.push(part.read(part.said!.groups!));
        rest = rest.slice(part.said![0].length);
    }
    const log = /^log prefix "([^"]*)"$/.exec(rest);
    if (log) return [...found, { kind: "log", prefix: log[1]! }];
    const end = ANSWERS.exec(rest);
    if (!end) throw new Error(`words of no known form: ${rest}`);
    if (end[1] !== undefined) found.push({ kind: "counter" });
    const [, , verdict = "", reset, icmpx, code] = end;
    if (verdict === "accept" || verdict === "drop") return [...found, { kind: "verdict", verdict }];
    const type = reset ?? icmpx;
    return [...found, { kind: "reject", ...(type !== undefined && { type }), ...(code !== undefined && { code }) }];
}

function item(text: string): Item {
    const prefix = /^([0-9a-f.:]+)\/(\d+)$/.exec(text);
    if (prefix) return { kind: "prefix", address: prefix[1]!, length: Number(prefix[2]) };
    const range = /^(\d+|[0-9a-f]*[.:][0-9a-f.:]*)-(\d+|[0-9a-f]*[.:][0-9a-f.:]*)$/.exec(text);
    if (range) return { kind: "range", first: scalar(range[1]!), last: scalar(range[2]!) };
    if (!/^("[\w.-]+\*?"|[0-9a-z.:-]+)$/.test(text)) throw new Error(`no value: ${text}`);
    return { kind: "value", value: text.startsWith('"') ? text.slice(1, -1) : scalar(text) };
}

function scalar(text: string): string | number {
    return /^\d+$/.test(text) ? Number(text) : text;
}
