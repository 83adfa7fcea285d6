import type { Mark } from "./dialect";

/** The text that carries ownership: the comment of the one rule in chain `vpsfw_mark`. */
export function formatMark({ owner, resource, applyId, digest }: Mark): string {
    const text = `vpsfw1 o=${owner} r=${resource} a=${applyId} d=${digest}`;
    if (!parseMark(text)) throw new Error("an ownership mark must be of hexadecimal digits and a UUID");
    return text;
}

export function parseMark(comment: string): Mark | undefined {
    const found = /^vpsfw1 o=([0-9a-f]{16}) r=([0-9a-f-]{36}) a=([0-9a-f]{16}) d=([0-9a-f]{16})$/.exec(comment);
    if (!found) return undefined;
    return { owner: found[1]!, resource: found[2]!, applyId: found[3]!, digest: found[4]! };
}
