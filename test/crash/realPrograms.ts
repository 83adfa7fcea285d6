/** Where the programs are that the wrappers stand before. */
export const REAL = "/usr/lib/stand-still";
