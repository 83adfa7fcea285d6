/** The way to a value inside properties: keys of objects and positions in lists. */
export type PropertyPath = readonly (string | number)[];

/** `rules["web/ssh"].ports[0]`: keys of letters, digits and underscores after a dot, all others quoted. */
export function formatPath(path: PropertyPath): string {
    return path
        .map((element, index) => {
            if (typeof element === "number") {
                return `[${element}]`;
            }
            if (/^[A-Za-z0-9_]*$/.test(element)) {
                return index === 0 ? element : `.${element}`;
            }
            return `["${element.replaceAll('"', '\\"')}"]`;
        })
        .join("");
}

/** Reads what a user writes in `ignoreChanges`, `replaceOnChanges` and `hideDiffs`; `*` stands for any element. */
export function parsePath(text: string): PropertyPath {
    const element = /\.?([^.[\]"]+)|\[(\d+)\]|\[(\*)\]|\["((?:[^"\\]|\\.)*)"\]/gy;
    const path: (string | number)[] = [];
    while (element.lastIndex < text.length) {
        const match = element.exec(text);
        if (match === null) {
            throw new Error(`"${text}" is not a property path`);
        }
        const [, plain, position, any, quoted] = match;
        path.push(position !== undefined ? Number(position) : (plain ?? any ?? (quoted ?? "").replaceAll('\\"', '"')));
    }
    return path;
}

/** Whether a pattern names this path or something around it. */
export function pathContains(pattern: PropertyPath, path: PropertyPath): boolean {
    return pattern.length <= path.length && pattern.every((part, index) => part === "*" || part === path[index]);
}
