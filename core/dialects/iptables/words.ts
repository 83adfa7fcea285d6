/** The words of a line as the restore programs take them, quoted ones without their quotes; undefined where a quote does not end. */
export function wordsOf(line: string): string[] | undefined {
    const words: string[] = [];
    for (let at = 0; at < line.length;) {
        if (line[at] === " ") {
            at++;
        } else if (line[at] === '"') {
            const end = endOfQuote(line, at + 1);
            if (end < 0) return undefined;
            words.push(line.slice(at + 1, end).replace(/\\([^])/g, "$1"));
            at = end + 1;
        } else {
            const end = line.indexOf(" ", at);
            words.push(line.slice(at, end < 0 ? undefined : end));
            at = end < 0 ? line.length : end;
        }
    }
    return words;
}

function endOfQuote(line: string, from: number): number {
    let at = from;
    while (at < line.length && line[at] !== '"') at += line[at] === "\\" ? 2 : 1;
    return at < line.length ? at : -1;
}
