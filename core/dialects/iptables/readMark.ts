import type { Mark } from "../dialect";
import { parseMark } from "../mark";
import type { NumberedLine } from "./numberedLine";

/** The mark that a rule carries which does nothing. */
export function readMark({ line: { comment, match, target } }: NumberedLine): Mark | undefined {
    if (comment === undefined || target || !match || Object.keys(match).length > 0) return undefined;
    return parseMark(comment);
}
