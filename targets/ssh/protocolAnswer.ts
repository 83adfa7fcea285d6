/** What a step on the host answered. */
export interface Answer {
    /** The words after each key, in the order they came. */
    readonly values: ReadonlyMap<string, readonly string[]>;
    readonly sections: ReadonlyMap<string, string>;
    /** Whether the step came to its end. */
    readonly finished: boolean;
}

/** The connection ended before the step did, or what came is no answer: what the host has done is not known. */
export class LostAnswer extends Error {}

/** A probe says some ten lines, and one for each other table. */
const MOST_LINES = 10_000;
const LONGEST_LINE = 4096;
/** What the user is told of one kind: a host that makes up more says nothing with it. */
const MOST_TOLD = 20;

/**
 * Reads the lines that carry the marker and the sections between `begin` and `end`; everything else is a login
 * shell's banner. The marker is random for each call, so nothing a host prints by chance can pass for it.
 *
 * @throws LostAnswer when there are more lines, or longer ones, than any step says
 */
export function readAnswer(output: string, marker: string): Answer {
    const values = new Map<string, string[]>();
    const sections = new Map<string, string>();
    let lines = 0;
    let position = output.startsWith(`${marker} `) ? 0 : after(output, `\n${marker} `, 0, 1);
    while (position !== -1) {
        const end = after(output, "\n", position, 0);
        if (end === -1) break;
        if (++lines > MOST_LINES) throw new LostAnswer(`it has more than ${MOST_LINES} lines`);
        if (end - position > LONGEST_LINE)
            throw new LostAnswer(`a line of it has more than ${LONGEST_LINE} characters`);
        const [key = "", ...rest] = output.slice(position + marker.length + 1, end).split(" ");
        const value = rest.join(" ");
        if (key === "begin") {
            const closing = `\n${marker} end ${value}\n`;
            const close = output.indexOf(closing, end);
            if (close === -1) break;
            sections.set(value, output.slice(end + 1, Math.max(close, end + 1)));
            position = close + closing.length;
        } else {
            const before = values.get(key);
            if (before) before.push(value);
            else values.set(key, [value]);
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

/** What the host wants the user to be told under a key; not more than a user would read. */
export function toldBy(answer: Answer, key: string): readonly string[] {
    const told = answer.values.get(key) ?? [];
    return told.length <= MOST_TOLD ? told : [...told.slice(0, MOST_TOLD), `(and ${told.length - MOST_TOLD} more)`];
}
