import { entry } from "./diagnosticEntry";

/** VF2xx: what the analysis finds out. */
export const analysisDiagnostics = {
    VF201: entry(
        "error",
        "the ruleset made of these templates does not mean what they say: {problem}.",
        "Nothing was changed. This is a mistake of the library: please report it, with the rules of these templates.",
        "Every ruleset is read again by a second reader, which knows how nft decides and not how the library writes, and must mean exactly the templates and the base.",
    ),
    VF202: entry(
        "error",
        "what {host} lists after loading does not mean what the templates say: {problem}.",
        "The change is taken back. Look at what else writes into our table there; if nothing does, please report it with the output of `nft list ruleset`.",
        "What counts is what the kernel runs, so the proof is done again with its own listing before a change is confirmed.",
    ),
} as const;
