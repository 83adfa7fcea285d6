const LONG = 65_536;
const MOST = 2;

/** Remembers what the last few long texts gave: one address set is asked for by each rule that names it. */
export function rememberLast<Result>(work: (text: string) => Result): (text: string) => Result {
    const results = new Map<string, Result>();
    return (text) => {
        if (text.length < LONG) return work(text);
        if (results.has(text)) return results.get(text)!;
        const result = work(text);
        results.set(text, result);
        const [oldest] = results.keys();
        if (results.size > MOST && oldest !== undefined) results.delete(oldest);
        return result;
    };
}
