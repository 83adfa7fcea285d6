import type { Diagram } from "./diagram";

/** Diagrams below it are terminals: their own value. */
export const FIRST_NODE = 2 ** 24;

/** What two functions give together; undefined where it takes a look at their children. For two terminals it must say. */
export type Operation = (a: Diagram, b: Diagram) => Diagram | undefined;

/** The same for a question: undefined where it takes a look at their children. */
export type Question = (a: Diagram, b: Diagram) => boolean | undefined;

/** The first that is not 0. */
export const orElse: Operation = (a, b) => (a === 0 ? b : b === 0 || a === b || a < FIRST_NODE ? a : undefined);
/** Both 1. Terminals are 0 and 1. */
export const and: Operation = (a, b) => (a === 0 || b === 0 ? 0 : a === 1 ? b : b === 1 || a === b ? a : undefined);
/** The first where the second is 1, else 0. The terminals of the second are 0 and 1. */
export const within: Operation = (a, b) => (a === 0 || b === 0 ? 0 : b === 1 ? a : undefined);
/** The first is 1 and the second is not. Terminals are 0 and 1. */
export const butNot: Operation = (a, b) => (a === 0 || b === 1 || a === b ? 0 : b === 0 ? a : undefined);

/** Something that is 1 in both. */
export const meet: Question = (a, b) => (a === 0 || b === 0 ? false : a === 1 || b === 1 || a === b ? true : undefined);
