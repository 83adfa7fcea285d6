/** JSON from a host is larger or deeper than anything this library reads. */
export class UnboundedJson extends Error {
    constructor(reason: string) {
        super(reason);
        this.name = "UnboundedJson";
    }
}

/** Deeper than any listing of nft, and far from where a walk over the result would overflow the stack. */
const DEEPEST = 64;
/** Braces, brackets and commas: a set of a million prefixes has four million. What they become takes some 300 MB at most. */
const MOST_PARTS = 6_000_000;

/**
 * `JSON.parse` for the text of a host, which may lie: a few bytes of text can become a hundred of memory, so the parts
 * are counted before anything is built.
 *
 * @throws UnboundedJson, SyntaxError
 */
export function parseBoundedJson(text: string): unknown {
    let depth = 0;
    let parts = 0;
    for (let at = 0; at < text.length; at++) {
        switch (text.charCodeAt(at)) {
            case QUOTE:
                at = endOfString(text, at);
                break;
            case OPEN_BRACE:
            case OPEN_BRACKET:
                if (++depth > DEEPEST) throw new UnboundedJson(`it is nested more than ${DEEPEST} deep`);
                parts++;
                break;
            case CLOSE_BRACE:
            case CLOSE_BRACKET:
                depth--;
                break;
            case COMMA:
                parts++;
        }
        if (parts > MOST_PARTS) throw new UnboundedJson(`it has more than ${MOST_PARTS} parts`);
    }
    return JSON.parse(text) as unknown;
}

const [QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA, BACKSLASH] = [...'"{}[],\\'].map((c) =>
    c.charCodeAt(0),
);

/** Where the string that begins at `start` ends. */
function endOfString(text: string, start: number): number {
    for (let at = start + 1; at < text.length; at++) {
        const character = text.charCodeAt(at);
        if (character === QUOTE) return at;
        if (character === BACKSLASH) at++;
    }
    return text.length;
}
