import type { Line } from "./line";

/** A rule at its place in a chain. */
export interface NumberedLine {
    /** In the program's own words, without the chain. */
    readonly text: string;
    readonly position: number;
    readonly line: Line;
}
