/** One directive of an ssh_config file. */
export interface ConfigLine {
    /** As written; compare in lower case. */
    readonly keyword: string;
    readonly values: readonly string[];
    readonly line: number;
}

/**
 * The directives of an ssh_config file: `Keyword value ...` or `Keyword=value`, double or single quotes around a value,
 * `#` comments. A line whose quotes don't close has no values, for the caller to refuse.
 */
export function parseConfigLines(text: string): ConfigLine[] {
    return text.split(/\r?\n/).flatMap((content, index) => {
        const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+|$)(.*)$/.exec(content);
        const keyword = match?.[1];
        if (keyword === undefined) return /^\s*(#|$)/.test(content) ? [] : [unreadable(content, index)];
        return [{ keyword, values: splitValues(match?.[2] ?? "") ?? [], line: index + 1 }];
    });
}

function unreadable(content: string, index: number): ConfigLine {
    return { keyword: content.trim().split(/\s/)[0] ?? "", values: [], line: index + 1 };
}

/** Splits like a shell would, without expansion; undefined where a quote is not closed. */
function splitValues(text: string): string[] | undefined {
    const values: string[] = [];
    let value: string | undefined;
    let quote = "";
    for (let i = 0; i < text.length; i++) {
        const c = text.charAt(i);
        if (c === "\\" && /["'\\]/.test(text.charAt(i + 1))) value = (value ?? "") + text.charAt(++i);
        else if (quote !== "") {
            if (c === quote) quote = "";
            else value = (value ?? "") + c;
        } else if (c === '"' || c === "'") {
            quote = c;
            value ??= "";
        } else if (/\s/.test(c)) {
            if (value !== undefined) values.push(value);
            value = undefined;
        } else if (c === "#" && value === undefined) break;
        else value = (value ?? "") + c;
    }
    if (quote !== "") return undefined;
    return value === undefined ? values : [...values, value];
}
