import type { Element, Elements, Expression, Named, Operand, Value, Verdict } from "./ast";
import { answerOf } from "./ast";
import { plain, type Tokens } from "./tokens";

/** Words that begin an expression which is two words: `ip saddr`, `ct state`. */
const HEADERS = new Set([
    ...["ip", "ip6", "tcp", "udp", "th", "icmp", "icmpv6", "meta", "ct", "ether", "arp", "vlan", "sctp", "dccp"],
    ...["udplite", "esp", "ah", "comp", "igmp", "gre", "rt", "rt0", "rt2", "rt4", "hbh", "dst", "frag", "mh", "srh"],
    ...["socket", "ipsec", "osf", "exthdr"],
]);

/** Keys of `meta` that are said without it. */
const META = new Set([
    ...["iif", "iifname", "iiftype", "iifgroup", "oif", "oifname", "oiftype", "oifgroup", "mark", "pkttype", "skuid"],
    ...["skgid", "cpu", "cgroup", "nftrace", "rtclassid", "ibrname", "obrname", "priority", "random", "ipsec"],
]);

export function beginsExpression(token: string): boolean {
    return HEADERS.has(token) || META.has(token) || token === "fib" || token === "@";
}

/** `ip saddr`, `ip saddr . tcp dport`, `tcp flags & (fin|syn)`. */
export function readExpression(tokens: Tokens): Expression {
    const parts = [readPart(tokens)];
    while (tokens.take(".")) parts.push(readPart(tokens));
    return parts.length === 1 ? parts[0]! : { kind: "concat", parts };
}

function readPart(tokens: Tokens): Expression {
    const field = readField(tokens);
    if (tokens.take("&") || tokens.take("and")) {
        const mask = readBits(tokens);
        return field.kind === "field"
            ? { kind: "masked", name: field.name, mask }
            : { kind: "strange", text: `${field.kind === "strange" ? field.text : ""} & ${mask.join("|")}` };
    }
    const shift = ["<<", ">>", "^", "|", "xor", "or", "lshift", "rshift"].find((operator) => tokens.take(operator));
    if (shift === undefined) return field;
    const name = field.kind === "field" ? field.name : "";
    return { kind: "strange", text: `${name} ${shift} ${readBits(tokens).join("|")}` };
}

function readField(tokens: Tokens): Expression {
    const head = tokens.next();
    if (head === "meta" || META.has(head)) {
        // `ipsec` and `exthdr` alone are keys of meta or headers, by what follows.
        return { kind: "field", name: `meta ${head === "meta" ? tokens.next() : head}` };
    }
    if (head === "fib") return readFib(tokens);
    if (head === "@") return readRaw(tokens);
    const key = tokens.next();
    if (head === "tcp" && key === "option") return { kind: "field", name: `tcp option ${readWords(tokens, 2)}` };
    if (head === "ct" && (key === "original" || key === "reply")) {
        const end = tokens.next();
        const more = end === "ip" || end === "ip6" ? ` ${tokens.next()}` : "";
        return { kind: "field", name: `ct ${key} ${end}${more}` };
    }
    if (head === "socket" && key === "cgroupv2")
        return { kind: "field", name: `socket ${key} ${readWords(tokens, 2)}` };
    return { kind: "field", name: `${head} ${key}` };
}

function readWords(tokens: Tokens, count: number): string {
    return Array.from({ length: count }, () => tokens.next()).join(" ");
}

function readFib(tokens: Tokens): Expression {
    const flags = [tokens.next()];
    while (tokens.take(".")) flags.push(tokens.next());
    return { kind: "field", name: `fib ${flags.join(" . ")} ${tokens.next()}` };
}

/** `@th,16,16`: so many bits from there. */
function readRaw(tokens: Tokens): Expression {
    const base = tokens.next();
    tokens.expect(",");
    const offset = tokens.next();
    tokens.expect(",");
    return { kind: "field", name: `@${base},${offset},${tokens.next()}` };
}

/** `fin|syn`, `(fin | syn)`, or a number or address. */
export function readBits(tokens: Tokens): string[] {
    if (tokens.take("(")) {
        const words = readBits(tokens);
        tokens.expect(")");
        return words;
    }
    const words = [plain(tokens.next())];
    while (tokens.take("|") || tokens.take("or")) words.push(...readBits(tokens));
    return words;
}

/** What stands to the right of an operator. */
export function readOperand(tokens: Tokens): Operand {
    if (tokens.peek() === "{" || tokens.peek() === "@") return readElements(tokens);
    return readValue(tokens);
}

/** A literal set or map, or one by its name. */
export function readElements(tokens: Tokens): Elements | Named {
    if (tokens.take("@")) return { kind: "named", name: plain(tokens.next()) };
    return { kind: "elements", elements: readBlock(tokens) };
}

/** `{ 10.0.0.1 . 22 : accept, 10.0.0.2 . 80-90 timeout 5m }` */
export function readBlock(tokens: Tokens): Element[] {
    tokens.expect("{");
    const elements: Element[] = [];
    const skipBreaks = () => {
        while (tokens.peek() === "\n") tokens.next();
    };
    for (skipBreaks(); !tokens.take("}"); skipBreaks()) {
        const key = readValue(tokens);
        // Time-outs, counters and comments.
        while (![":", ",", "}", "\n", ""].includes(tokens.peek())) tokens.next();
        skipBreaks();
        if (tokens.take(":")) elements.push({ key, verdict: readElementVerdict(tokens) });
        else elements.push({ key });
        skipBreaks();
        if (!tokens.take(",") && tokens.peek() !== "}") tokens.fail("a list is not closed");
    }
    return elements;
}

function readElementVerdict(tokens: Tokens): Verdict {
    const verdict = readVerdict(tokens);
    const rest: string[] = verdict ? [] : [plain(tokens.next())];
    while (![",", "}", "\n", ""].includes(tokens.peek())) rest.push(plain(tokens.next()));
    return verdict ?? { kind: "strange", text: rest.join(" ") };
}

/** One value: a word, a range, a prefix, several parts, or bits together. */
export function readValue(tokens: Tokens): Value {
    const parts = [readSingle(tokens)];
    while (tokens.take(".")) parts.push(readSingle(tokens));
    return parts.length === 1 ? parts[0]! : { kind: "concat", parts };
}

function readSingle(tokens: Tokens): Value {
    if (tokens.peek() === "(") return { kind: "bits", words: readBits(tokens) };
    const token = tokens.next();
    if (token === "" || token === "\n" || token === "}") tokens.fail("a value is missing");
    if (token.startsWith('"')) return { kind: "word", word: plain(token) };
    if (token === "*") return { kind: "rest" };
    if (tokens.take("-")) return { kind: "range", first: token, last: tokens.next() };
    // A length behind an address; behind flags it is their mask.
    if (/[.:]/.test(token) && tokens.take("/"))
        return { kind: "prefix", address: token, length: Number(tokens.next()) };
    if (tokens.take("|") || tokens.take("or")) return { kind: "bits", words: [token, ...readBits(tokens)] };
    return valueOf(token);
}

/** Ranges and prefixes stand in one word. A dash in a name is part of it. */
function valueOf(word: string): Value {
    const range = word.includes("-") ? /^([^-]+)-([^-]+)$/.exec(word) : undefined;
    if (range && /^(\d|.*:)/.test(word)) return { kind: "range", first: range[1]!, last: range[2]! };
    const prefix = word.includes("/") ? /^([^/]+)\/(\d{1,3})$/.exec(word) : undefined;
    if (prefix) return { kind: "prefix", address: prefix[1]!, length: Number(prefix[2]) };
    return { kind: "word", word };
}

/** A verdict, if one comes next. */
export function readVerdict(tokens: Tokens): Verdict | undefined {
    const token = tokens.peek();
    switch (token) {
        case "accept":
        case "drop":
        case "return":
        case "continue":
            tokens.next();
            return { kind: token };
        case "jump":
        case "goto":
            tokens.next();
            return { kind: token, target: plain(tokens.next()) };
        case "reject":
            tokens.next();
            return { kind: "reject", answer: readAnswer(tokens) };
        default:
            return undefined;
    }
}

function readAnswer(tokens: Tokens) {
    if (!tokens.take("with")) return answerOf("icmpx", "port-unreachable");
    const type = tokens.next();
    if (type === "tcp") {
        tokens.expect("reset");
        return answerOf("tcp reset", "");
    }
    // The word `type` stood here until nft 1.0.1.
    tokens.take("type");
    return answerOf(type, tokens.next());
}
