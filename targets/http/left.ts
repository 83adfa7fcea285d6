/** What an error says of the state of the other side, its last words. */
export const left = {
    unchanged: "Nothing was changed.",
    /** The change itself is made; only reading it back failed. */
    done: "The change was carried out.",
    unknown: "It may have been carried out all the same: read what the panel holds before anything else.",
} as const;
