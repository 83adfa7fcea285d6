import {
    answerOf,
    describeExpression,
    type Element,
    type Expression,
    type Limit,
    limitOf,
    type Operand,
    type Operator,
    type Rate,
    type Rule,
    type Statement,
    type Value,
    type Verdict,
} from "./ast";
import { limitByName } from "./namedLimits";

export type Json = Readonly<Record<string, unknown>>;

/** A JSON object as it is; anything else is one without members. */
export function record(json: unknown): Json {
    return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as Json) : {};
}

/** A word or number as text; whatever else stands there, as its JSON. */
export function wordOf(json: unknown): string {
    return typeof json === "string" ? json : (JSON.stringify(json) ?? "");
}

/** The one member of an object of one. */
function only(json: unknown): readonly [string, unknown] {
    const [first, ...more] = Object.entries(record(json));
    return first && more.length === 0 ? first : ["", undefined];
}

/** The statements of one rule. */
export function readJsonRule(statements: unknown): Rule {
    return Array.isArray(statements) ? statements.map(readStatement) : [];
}

function readStatement(json: unknown): Statement {
    const [kind, value] = only(json);
    const verdict = readVerdict(json);
    if (verdict) return { kind: "verdict", verdict };
    const it = record(value);
    switch (kind) {
        case "counter":
        case "log":
            return { kind: "nothing" };
        case "notrack":
            return { kind: "assign", field: "ct state" };
        case "match":
            return readMatch(it) ?? strange(json);
        case "vmap": {
            const map = readElements(it.data, true);
            return map ? { kind: "vmap", key: readExpression(it.key), map } : strange(json);
        }
        case "limit":
            return typeof value === "string" ? limitByName(value) : limitOf(readRate(it));
        case "quota":
            return { kind: "limit", name: `quota ${wordOf(it.val)} ${wordOf(it.val_unit)}`, over: it.inv === true };
        case "ct count":
            return { kind: "limit", name: `ct count ${wordOf(it.val)}`, over: it.inv === true };
        case "set":
            return readUpdate(it) ?? strange(json);
        case "mangle": {
            const field = describeExpression(readExpression(it.key));
            return /^(meta|ct) /.test(field) ? { kind: "assign", field } : strange(json);
        }
        default:
            return strange(json);
    }
}

function strange(json: unknown): Statement {
    return { kind: "strange", text: wordOf(json) };
}

/** `{ "accept": null }` */
function readVerdict(json: unknown): Verdict | undefined {
    const [kind, value] = only(json);
    switch (kind) {
        case "accept":
        case "drop":
        case "return":
        case "continue":
            return { kind };
        case "jump":
        case "goto":
            return { kind, target: wordOf(record(value).target) };
        case "reject": {
            const { type, expr } = record(value);
            const answer = type === undefined ? (["icmpx", "port-unreachable"] as const) : [wordOf(type), wordOf(expr)];
            return { kind, answer: answerOf(answer[0]!, answer[1]!) };
        }
        default:
            return undefined;
    }
}

const OPERATORS: readonly string[] = ["in", "==", "!=", "<", ">", "<=", ">=", "!"] satisfies Operator[];

function readMatch({ left, op, right }: Json): Statement | undefined {
    if (typeof op !== "string" || !OPERATORS.includes(op)) return undefined;
    const operand = readOperand(right);
    if (operand.kind === "strange") return undefined;
    return { kind: "match", left: readExpression(left), op: op as Operator, right: operand };
}

function readExpression(json: unknown): Expression {
    const [kind, value] = only(json);
    const it = record(value);
    switch (kind) {
        case "payload":
            if (typeof it.base === "string")
                return { kind: "field", name: `@${it.base},${wordOf(it.offset)},${wordOf(it.len)}` };
            return { kind: "field", name: `${wordOf(it.protocol)} ${wordOf(it.field)}` };
        case "meta":
            return { kind: "field", name: `meta ${wordOf(it.key)}` };
        case "ct": {
            const family = it.family === undefined ? "" : `${wordOf(it.family)} `;
            return {
                kind: "field",
                name: `ct ${it.dir === undefined ? "" : `${wordOf(it.dir)} `}${family}${wordOf(it.key)}`,
            };
        }
        case "fib":
            return { kind: "field", name: `fib ${[it.flags].flat().map(wordOf).join(" . ")} ${wordOf(it.result)}` };
        case "socket":
            return { kind: "field", name: `socket ${wordOf(it.key)}` };
        case "exthdr":
            return { kind: "field", name: `${wordOf(it.name)} ${wordOf(it.field)}` };
        case "tcp option":
            return { kind: "field", name: `tcp option ${wordOf(it.name)} ${wordOf(it.field)}` };
        case "concat":
            return Array.isArray(value) ? { kind: "concat", parts: value.map(readExpression) } : strangeValue(json);
        case "&": {
            const [field, mask] = Array.isArray(value) ? (value as unknown[]) : [];
            const inner = readExpression(field);
            const words = readBits(mask);
            if (inner.kind === "field" && words) return { kind: "masked", name: inner.name, mask: words };
            return strangeValue(json);
        }
        default:
            return strangeValue(json);
    }
}

function strangeValue(json: unknown) {
    return { kind: "strange", text: wordOf(json) } as const;
}

/** `"syn"`, `["fin", "syn"]`, `{ "|": ["fin", "syn"] }`, nested too. */
function readBits(json: unknown): string[] | undefined {
    if (typeof json === "string" || typeof json === "number") return [String(json)];
    const parts = Array.isArray(json) ? (json as unknown[]) : record(json)["|"];
    if (!Array.isArray(parts)) return undefined;
    const words = parts.map(readBits);
    return words.every((each) => each !== undefined) ? words.flat() : undefined;
}

function readOperand(json: unknown): Operand {
    return readElements(json, false) ?? readValue(json);
}

/** A literal set or map, or one by its name. */
function readElements(json: unknown, isMap: boolean): Extract<Operand, { kind: "elements" | "named" }> | undefined {
    if (typeof json === "string" && json.startsWith("@")) return { kind: "named", name: json.slice(1) };
    const { set } = record(json);
    return set === undefined ? undefined : { kind: "elements", elements: readElementList(set, isMap) };
}

/** The elements of a set; of a map each is a pair. */
export function readElementList(json: unknown, isMap: boolean): Element[] {
    const list: readonly unknown[] = Array.isArray(json) ? json : json === undefined ? [] : [json];
    return list.map((element): Element => {
        const pair = isMap && Array.isArray(element) && element.length === 2 ? (element as unknown[]) : undefined;
        if (!pair) return { key: readValue(element) };
        return { key: readValue(pair[0]), verdict: readVerdict(pair[1]) ?? strangeValue(pair[1]) };
    });
}

function readValue(json: unknown): Value {
    if (typeof json === "string") return json === "*" ? { kind: "rest" } : { kind: "word", word: json };
    if (typeof json === "number") return { kind: "word", word: String(json) };
    if (Array.isArray(json)) return bits(json);
    const [kind, value] = only(json);
    const parts: readonly unknown[] = Array.isArray(value) ? value : [];
    const { addr, len, val } = record(value);
    switch (kind) {
        case "prefix":
            if (typeof addr === "string" && typeof len === "number") return { kind, address: addr, length: len };
            break;
        case "range":
            if (parts.length === 2) return { kind, first: wordOf(parts[0]), last: wordOf(parts[1]) };
            break;
        case "concat":
            if (parts.length > 0) return { kind, parts: parts.map(readValue) };
            break;
        // With a time-out, a counter or a comment.
        case "elem":
            if (val !== undefined) return readValue(val);
            break;
        case "|":
            return bits(json);
    }
    return strangeValue(json);
}

function bits(json: unknown): Value {
    const words = readBits(json);
    return words ? { kind: "bits", words } : strangeValue(json);
}

export function readRate({ rate, burst, per, rate_unit, burst_unit, inv }: Json): Rate {
    const unit = (word: unknown) => (word === undefined || word === "packets" ? "" : ` ${wordOf(word)}`);
    return {
        rate: `${wordOf(rate)}${unit(rate_unit)}`,
        per: wordOf(per),
        burst: burst === undefined ? "5" : `${wordOf(burst)}${unit(burst_unit)}`,
        over: inv === true,
    };
}

function readUpdate({ elem, set, stmt }: Json): Statement | undefined {
    if (typeof set !== "string" || !set.startsWith("@")) return undefined;
    const inner = record(record(elem).elem);
    const key = readExpression(inner.val ?? elem);
    const statements: readonly unknown[] = Array.isArray(stmt) ? stmt : inner.limit === undefined ? [] : [inner];
    const limits: Limit[] = [];
    for (const statement of statements) {
        const { limit, counter } = record(statement);
        if (limit !== undefined) limits.push(limitOf(readRate(record(limit)), key));
        else if (counter === undefined) return undefined;
    }
    return { kind: "update", set: set.slice(1), key, limits };
}
