/**
 * A ruleset of nftables as nft's text and its JSON both say it. Values are words, as they stand; what they mean depends on
 * the field that they are compared with.
 */
export interface Ruleset {
    readonly tables: readonly Table[];
}

export interface Table {
    /** `inet`, `ip`, `ip6`, ... */
    readonly family: string;
    readonly name: string;
    /** Its chains see no packets. */
    readonly dormant: boolean;
    readonly chains: readonly Chain[];
    /** Sets and maps by name. */
    readonly sets: ReadonlyMap<string, ElementSet>;
}

export interface Chain {
    readonly name: string;
    /** Absent: it sees packets only if another chain sends them. */
    readonly hook?: Hook;
    readonly rules: readonly Rule[];
}

export interface Hook {
    /** `filter`, `route` or `nat`. */
    readonly type: string;
    readonly hook: string;
    readonly priority: number;
    readonly policy: string;
}

export type Rule = readonly Statement[];

export interface ElementSet {
    readonly elements: readonly Element[];
    /** Elements come and go without anybody loading a ruleset. */
    readonly dynamic: boolean;
}

export interface Element {
    readonly key: Value;
    /** Of a verdict map; undefined where it maps to something else, or to nothing. */
    readonly verdict?: Verdict;
}

export type Statement =
    | { readonly kind: "match"; readonly left: Expression; readonly op: Operator; readonly right: Operand }
    | { readonly kind: "vmap"; readonly key: Expression; readonly map: Elements | Named }
    | { readonly kind: "verdict"; readonly verdict: Verdict }
    /** Goes on only while there is room, or with `over` only when there is none; `name`: `limit 10/second burst 20`. */
    | { readonly kind: "limit"; readonly name: string; readonly over: boolean }
    /** Puts the key into a set, and with limits there goes on as each of them says for this key. */
    | { readonly kind: "update"; readonly set: string; readonly key: Expression; readonly limits: readonly Limit[] }
    /** Gives a field such as `meta mark` another value, for what comes later. */
    | { readonly kind: "assign"; readonly field: string }
    /** Counts, logs: decides nothing. */
    | { readonly kind: "nothing" }
    /** Not understood: it may match or not, and may decide anything. */
    | { readonly kind: "strange"; readonly text: string };

export type Limit = Extract<Statement, { kind: "limit" }>;

/** `in`: the one without an operator, which for fields made of bits is "any of these". `!`: none of these bits. */
export type Operator = "in" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "!";

export type Expression =
    | { readonly kind: "field"; readonly name: string }
    | { readonly kind: "masked"; readonly name: string; readonly mask: readonly string[] }
    | { readonly kind: "concat"; readonly parts: readonly Expression[] }
    | { readonly kind: "strange"; readonly text: string };

export type Value =
    | { readonly kind: "word"; readonly word: string }
    | { readonly kind: "range"; readonly first: string; readonly last: string }
    | { readonly kind: "prefix"; readonly address: string; readonly length: number }
    /** Bits together: `fin|psh|urg`. */
    | { readonly kind: "bits"; readonly words: readonly string[] }
    | { readonly kind: "concat"; readonly parts: readonly Value[] }
    /** What no other element has. */
    | { readonly kind: "rest" }
    | { readonly kind: "strange"; readonly text: string };

export interface Elements {
    readonly kind: "elements";
    readonly elements: readonly Element[];
}

export interface Named {
    readonly kind: "named";
    readonly name: string;
}

export type Operand = Value | Elements | Named;

export type Verdict =
    | { readonly kind: "accept" | "drop" | "return" | "continue" }
    | { readonly kind: "jump" | "goto"; readonly target: string }
    | { readonly kind: "reject"; readonly answer: Answer }
    | { readonly kind: "strange"; readonly text: string };

/** What a reject answers; `of`: only packets of that protocol or family can be answered so. */
export interface Answer {
    readonly name: "port-unreachable" | "tcp-reset" | "admin-prohibited" | "host-unreachable" | "no-route" | "other";
    readonly of?: "tcp" | "ip" | "ip6";
}

/** The answer of `reject with icmpx admin-prohibited`, by its two words. */
export function answerOf(type: string, code: string): Answer {
    const of = type === "icmp" ? "ip" : type === "icmpv6" ? "ip6" : undefined;
    if (type === "tcp reset") return { name: "tcp-reset", of: "tcp" };
    const names: Record<string, Answer["name"]> = CODES[type] ?? {};
    return { name: Object.hasOwn(names, code) ? names[code]! : "other", ...(of && { of }) };
}

const CODES: Record<string, Record<string, Answer["name"]>> = {
    icmpx: {
        "port-unreachable": "port-unreachable",
        "admin-prohibited": "admin-prohibited",
        "host-unreachable": "host-unreachable",
        "no-route": "no-route",
    },
    icmp: {
        "port-unreachable": "port-unreachable",
        "admin-prohibited": "admin-prohibited",
        "host-unreachable": "host-unreachable",
        "net-unreachable": "no-route",
    },
    icmpv6: {
        "port-unreachable": "port-unreachable",
        "admin-prohibited": "admin-prohibited",
        "addr-unreachable": "host-unreachable",
        "no-route": "no-route",
    },
};

/** A rate as nft says it; `per` a unit of time, units of bytes behind the numbers. */
export interface Rate {
    readonly rate: string;
    readonly per: string;
    readonly burst: string;
    readonly over: boolean;
}

/** `limit 10/second burst 20`, the same for text and JSON; with a key each value of it has a limit of its own. */
export function limitOf({ rate, per, burst, over }: Rate, key?: Expression): Limit {
    const name = `limit ${rate}/${per} burst ${burst}${key ? ` per ${sourceName(key)}` : ""}`;
    return { kind: "limit", name, over };
}

/** IPv4 addresses one by one and IPv6 by the /64 are the sources; anything else is said as it is. */
function sourceName(key: Expression): string {
    if (key.kind === "field" && key.name === "ip saddr") return "source";
    if (key.kind === "masked" && key.name === "ip6 saddr" && key.mask.join() === "ffff:ffff:ffff:ffff::")
        return "source";
    return describeExpression(key);
}

export function describeExpression(expression: Expression): string {
    switch (expression.kind) {
        case "field":
            return expression.name;
        case "masked":
            return `${expression.name} & ${expression.mask.map(plainWord).sort().join("|")}`;
        case "concat":
            return expression.parts.map(describeExpression).join(" . ");
        case "strange":
            return expression.text;
    }
}

export function describeValue(value: Value): string {
    switch (value.kind) {
        case "word":
            return plainWord(value.word);
        case "range":
            return `${plainWord(value.first)}-${plainWord(value.last)}`;
        case "prefix":
            return `${value.address}/${value.length}`;
        case "bits":
            return value.words.map(plainWord).sort().join("|");
        case "concat":
            return value.parts.map(describeValue).join(" . ");
        case "rest":
            return "*";
        case "strange":
            return value.text;
    }
}

/** Text says marks in hexadecimal, JSON in decimal. */
function plainWord(word: string): string {
    return /^0x[0-9a-f]{1,8}$/i.test(word) ? String(Number(word)) : word;
}
