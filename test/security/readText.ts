import type { Expression, Item, Listing, NftChain, NftRule, NftSet } from "../../core/dialects/nftables/listing";

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
    while (isNext(/^ {4}set /)) {
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
    while (isNext(/^ {4}chain /)) {
        const [, name = ""] = take(/^ {4}chain (input|output) \{$/);
        const [, policy = ""] = take(
            new RegExp(`^ {8}type filter hook ${name} priority filter; policy (accept|drop);$`),
        );
        const rules: NftRule[] = [];
        while (!isNext(/^ {4}\}$/)) {
            const [, words = "", comment] = take(/^ {8}([^"#;\\$`]*(?:"lo")?[^"#;\\$`]*) comment "([a-z0-9._/: -]+)"$/);
            rules.push(rule(expressions(words), comment));
        }
        take(/^ {4}\}$/);
        chains.push({ name, hook: { type: "filter", hook: name, priority: 0, policy }, rules });
    }
    take(/^\}$/);
    take(/^$/);
    if (lines.length > 0) throw new Error(`there is more: ${lines.join("\n")}`);
    return { table: { chains, sets, limits: [], others: [], flags: [] } };
}

function rule(parts: Expression[], comment = ""): NftRule {
    return { handle: 0, comment, expressions: parts };
}

const FIELD =
    /^(?<field>[io]if|(?:meta (?:mark|nfproto|l4proto)|ct state|ip6? [sd]addr|ip protocol|ip6 hoplimit|(?:tcp|udp|th) [sd]port|icmp(?:v6)? type)) (?<value>@\w+|\{ [^{}]* \}|\S+) /;

function expressions(words: string): Expression[] {
    const found: Expression[] = [];
    let rest = words;
    for (let next = FIELD.exec(rest); next; next = FIELD.exec(rest)) {
        const { field = "", value = "" } = next.groups ?? {};
        const right = value.startsWith("@")
            ? ({ kind: "set", name: value.slice(1) } as const)
            : ({
                  kind: "items",
                  items: value
                      .replace(/^\{ (.*) \}$/, "$1")
                      .split(", ")
                      .map(item),
              } as const);
        found.push({ kind: "match", field: /^[io]if$/.test(field) ? `meta ${field}` : field, op: "==", right });
        rest = rest.slice(next[0].length);
    }
    const end = /^(counter )?(accept|drop|reject)$/.exec(rest);
    if (!end) throw new Error(`words of no known form: ${rest}`);
    if (end[1] !== undefined) found.push({ kind: "counter" });
    const verdict = end[2] as "accept" | "drop" | "reject";
    found.push(verdict === "reject" ? { kind: "reject" } : { kind: "verdict", verdict });
    return found;
}

function item(text: string): Item {
    const prefix = /^([0-9a-f.:]+)\/(\d+)$/.exec(text);
    if (prefix) return { kind: "prefix", address: prefix[1]!, length: Number(prefix[2]) };
    const range = /^(\d+|[0-9a-f]*[.:][0-9a-f.:]*)-(\d+|[0-9a-f]*[.:][0-9a-f.:]*)$/.exec(text);
    if (range) return { kind: "range", first: scalar(range[1]!), last: scalar(range[2]!) };
    if (!/^("lo"|[0-9a-z.:-]+)$/.test(text)) throw new Error(`no value: ${text}`);
    return { kind: "value", value: scalar(text.replaceAll('"', "")) };
}

function scalar(text: string): string | number {
    return /^\d+$/.test(text) ? Number(text) : text;
}
