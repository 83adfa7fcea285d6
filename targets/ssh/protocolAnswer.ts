/** What a step on the host answered. */
export interface Answer {
    /** The words after each key, in the order they came. */
    readonly values: ReadonlyMap<string, readonly string[]>;
    readonly sections: ReadonlyMap<string, string>;
    /** Whether the step came to its end. */
    readonly finished: boolean;
}

/**
 * Reads the lines that carry the marker and the sections between `begin` and `end`; everything else is a login
 * shell's banner. The marker is random for each call, so nothing a host prints can pass for it.
 */
export function readAnswer(output: string, marker: string): Answer {
    const values = new Map<string, string[]>();
    const sections = new Map<string, string>();
    let position = output.startsWith(`${marker} `) ? 0 : after(output, `\n${marker} `, 0, 1);
    while (position !== -1) {
        const end = after(output, "\n", position, 0);
        if (end === -1) break;
        const [key = "", ...rest] = output.slice(position + marker.length + 1, end).split(" ");
        const value = rest.join(" ");
        if (key === "begin") {
            const closing = `\n${marker} end ${value}\n`;
            const close = output.indexOf(closing, end);
            if (close === -1) break;
            sections.set(value, output.slice(end + 1, Math.max(close, end + 1)));
            position = close + closing.length;
        } else {
            values.set(key, [...(values.get(key) ?? []), value]);
            position = end + 1;
        }
        if (!output.startsWith(`${marker} `, position)) position = after(output, `\n${marker} `, position - 1, 1);
    }
    return { values, sections, finished: values.has("finished") };
}

/** Where `text` is found from `from` on, plus `skip`; -1 when it is not. */
function after(output: string, text: string, from: number, skip: number): number {
    const found = output.indexOf(text, from);
    return found === -1 ? -1 : found + skip;
}

/** The last value of a key. */
export function valueOf(answer: Answer, key: string): string | undefined {
    return answer.values.get(key)?.at(-1);
}
