import { limitByName } from "./namedLimits";
import { type Expression, type Limit, limitOf, type Operator, type Rate, type Rule, type Statement } from "./ast";
import { beginsExpression, readBits, readElements, readExpression, readOperand, readVerdict } from "./readTextValue";
import { plain, skipBlock, type Tokens } from "./tokens";

const OPERATORS: Record<string, Operator> = {
    ...{ "==": "==", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "!": "!" },
    ...{ eq: "==", ne: "!=", lt: "<", gt: ">", le: "<=", ge: ">=" },
};

/** The statements of one line. */
export function readTextRule(tokens: Tokens): Rule {
    const statements: Statement[] = [];
    while (!atEnd(tokens)) {
        if (tokens.take("comment")) tokens.next();
        else statements.push(...readStatement(tokens));
    }
    return statements;
}

function atEnd(tokens: Tokens): boolean {
    return ["\n", ";", "}", ""].includes(tokens.peek());
}

function readStatement(tokens: Tokens): Statement[] {
    const verdict = readVerdict(tokens);
    if (verdict) return [{ kind: "verdict", verdict }];
    const token = tokens.peek();
    if (token === "ct" || beginsExpression(token)) return readMatch(tokens);
    tokens.next();
    switch (token) {
        case "counter":
            return readCounter(tokens);
        case "log":
            return readLog(tokens);
        case "limit":
            return [readLimit(tokens)];
        case "quota":
            return [readBound(tokens, "quota", 2)];
        case "add":
        case "update":
        case "delete":
            return readUpdate(tokens, token);
        case "notrack":
            return [{ kind: "assign", field: "ct state" }];
        default:
            return [readStrange(tokens, token)];
    }
}

function readCounter(tokens: Tokens): Statement[] {
    if (tokens.take("name")) tokens.next();
    while (tokens.take("packets") || tokens.take("bytes")) tokens.next();
    return [{ kind: "nothing" }];
}

function readLog(tokens: Tokens): Statement[] {
    for (;;) {
        if (tokens.take("flags")) {
            tokens.next();
            while (/^(sequence|options|,)$/.test(tokens.peek())) tokens.next();
        } else if (["prefix", "level", "group", "snaplen", "queue-threshold"].includes(tokens.peek())) {
            tokens.next();
            tokens.next();
        } else return [{ kind: "nothing" }];
    }
}

function readLimit(tokens: Tokens): Limit {
    return tokens.take("name") ? limitByName(plain(tokens.next())) : limitOf(readRate(tokens));
}

/** Behind `limit`: `rate over 10/minute burst 7 packets`, with `mbytes` behind either number. */
export function readRate(tokens: Tokens): Rate {
    tokens.expect("rate");
    const over = tokens.take("over");
    if (!over) tokens.take("until");
    const first = tokens.next();
    const [rate = "", per = ""] = (/bytes/.test(tokens.peek()) ? `${first} ${tokens.next()}` : first).split("/");
    if (!tokens.take("burst")) return { rate, per, burst: "5", over };
    const burst = tokens.next();
    const unit = tokens.next();
    return { rate, per, burst: unit === "packets" ? burst : `${burst} ${unit}`, over };
}

/** `over 10 mbytes`, or without `over`: so many words. */
function readBound(tokens: Tokens, what: string, words: number): Limit {
    const over = tokens.take("over");
    if (!over) tokens.take("until");
    const said = Array.from({ length: words }, () => tokens.next());
    return { kind: "limit", name: `${what} ${said.join(" ")}`, over };
}

/** `update @seen { ip saddr limit rate 10/second }` */
function readUpdate(tokens: Tokens, operation: string): Statement[] {
    if (!tokens.take("@")) return [readStrange(tokens, operation)];
    const set = plain(tokens.next());
    tokens.expect("{");
    const key = readExpression(tokens);
    const limits: Limit[] = [];
    let strange = "";
    while (!tokens.take("}")) {
        if (tokens.take("limit")) limits.push(limitOf(readRate(tokens), key));
        else if (tokens.take("timeout") || tokens.take("comment")) tokens.next();
        else if (tokens.take("counter")) readCounter(tokens);
        else if (tokens.take("ct")) limits.push({ ...readCount(tokens), name: `ct count in ${set}` });
        else if (tokens.take(":")) strange = "map";
        else strange += ` ${tokens.next()}`;
        if (tokens.peek() === "") tokens.fail("a bracket is not closed");
    }
    if (strange.trim() !== "" && !strange.startsWith("map"))
        return [{ kind: "strange", text: `${operation} @${set} {${strange} }` }];
    return [{ kind: "update", set, key, limits }];
}

function readCount(tokens: Tokens): Limit {
    tokens.expect("count");
    return readBound(tokens, "ct count", 1);
}

/** A match, a verdict by map, or an assignment: each begins with an expression. */
function readMatch(tokens: Tokens): Statement[] {
    const left = readExpression(tokens);
    if (left.kind === "field" && left.name === "ct count") return [readBound(tokens, "ct count", 1)];
    if (tokens.take("vmap")) return [{ kind: "vmap", key: left, map: readElements(tokens) }];
    if (tokens.take("set")) return readAssignment(tokens, left);
    const operator = OPERATORS[tokens.peek()];
    if (operator) tokens.next();
    const right = readOperand(tokens);
    if (tokens.peek() === "," && right.kind === "word") {
        const words = [right.word];
        while (tokens.take(",")) words.push(plain(tokens.next()));
        if (!tokens.take("/")) return [{ kind: "match", left, op: operator ?? "in", right: { kind: "bits", words } }];
        return [masked(left, readList(tokens), operator, words)];
    }
    if (right.kind === "word" && tokens.take("/")) return [masked(left, readList(tokens), operator, [right.word])];
    // Behind a mask nothing else is implied than that both are equal.
    const implied = left.kind === "masked" ? "==" : "in";
    return [{ kind: "match", left, op: operator ?? implied, right }];
}

function readList(tokens: Tokens): string[] {
    const words = readBits(tokens);
    while (tokens.take(",")) words.push(plain(tokens.next()));
    return words;
}

/** `tcp flags syn / fin,syn,rst,ack` is `tcp flags & (fin|syn|rst|ack) == syn`. */
function masked(left: Expression, mask: string[], op: Operator | undefined, words: string[]): Statement {
    const right = { kind: "bits", words } as const;
    if (left.kind !== "field") return { kind: "strange", text: `${mask.join()} of a mask` };
    return { kind: "match", left: { kind: "masked", name: left.name, mask }, op: op === "!=" ? "!=" : "==", right };
}

function readAssignment(tokens: Tokens, left: Expression): Statement[] {
    const words: string[] = [];
    while (!atEnd(tokens) && !(words.length > 0 && beginsStatement(tokens.peek()))) words.push(tokens.next());
    const field = left.kind === "field" ? left.name : "";
    return [
        /^(meta|ct) /.test(field)
            ? { kind: "assign", field }
            : { kind: "strange", text: `${field} set ${words.join(" ")}` },
    ];
}

const STATEMENTS = new Set([
    ...["accept", "drop", "return", "continue", "jump", "goto", "reject", "queue", "counter", "log", "limit"],
    ...["quota", "comment", "update", "add", "notrack"],
]);

function beginsStatement(token: string): boolean {
    return STATEMENTS.has(token) || beginsExpression(token);
}

/** Up to what is known again. */
function readStrange(tokens: Tokens, first: string): Statement {
    const words = [first];
    while (!atEnd(tokens) && !beginsStatement(tokens.peek())) {
        const token = tokens.next();
        words.push(token === "{" ? `{ ${skipBlock(tokens).join(" ")} }` : plain(token));
    }
    return { kind: "strange", text: words.join(" ") };
}
