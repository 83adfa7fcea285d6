import { UnreadableRuleset } from "../../unreadable";

/** Reads a text of nft word by word. */
export interface Tokens {
    /** The next word, bracket, operator, `\n` or `;`; quoted text with its first quote; "" at the end. */
    peek(): string;
    next(): string;
    /** Takes the next one if it is this. */
    take(token: string): boolean;
    expect(token: string): void;
    fail(problem: string): never;
}

const TOKEN = /(?:[ \t\r]|\\\n|#[^\n]*)*("[^"]*"|==|!=|<=|>=|<<|>>|[A-Za-z0-9_.:/*\\+-]+|[{}();,=<>!&|^@\n]|[^])?/y;

export function tokensOf(text: string): Tokens {
    let at = 0;
    let token: string | undefined;

    function read(): string {
        TOKEN.lastIndex = at;
        const found = TOKEN.exec(text)?.[1] ?? "";
        at = TOKEN.lastIndex;
        if (found.startsWith('"')) return found.length > 1 ? found.slice(0, -1) : found;
        const colon = found.indexOf(":");
        if (colon < 0 || found.length === 1 || isAddress(found)) return found;
        // The colon of a map: `22: accept`.
        const length = Math.max(colon, 1);
        at -= found.length - length;
        return found.slice(0, length);
    }

    const peek = () => (token ??= read());
    function next(): string {
        const result = peek();
        token = undefined;
        return result;
    }
    function fail(problem: string): never {
        const line = text.slice(0, at).split("\n").length;
        throw new UnreadableRuleset(`line ${line}: ${problem}`);
    }
    const take = (wanted: string) => peek() === wanted && next() !== undefined;
    return {
        peek,
        next,
        take,
        expect(wanted) {
            if (!take(wanted)) fail(`${JSON.stringify(peek())} where ${JSON.stringify(wanted)} belongs`);
        },
        fail,
    };
}

/** IPv6, perhaps with a length or as a range, or an Ethernet address. */
function isAddress(word: string): boolean {
    return /^[0-9a-fA-F:./-]+$/.test(word) && (word.includes("::") || word.split(":").length > 5);
}

export function skipLines(tokens: Tokens): void {
    while (tokens.peek() === "\n" || tokens.peek() === ";") tokens.next();
}

/** Quoted or not. */
export function plain(token: string): string {
    return token.startsWith('"') ? token.slice(1) : token;
}

/** All up to the bracket that closes the one just taken. */
export function skipBlock(tokens: Tokens): string[] {
    const inside: string[] = [];
    for (let depth = 1; ;) {
        const token = tokens.next();
        if (token === "") tokens.fail("a bracket is not closed");
        if (token === "{" || token === "(") depth++;
        if ((token === "}" || token === ")") && --depth === 0) return inside;
        inside.push(token);
    }
}
