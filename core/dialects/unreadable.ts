/** The output of a packet filter was no listing, for example because its program crashed half way. */
export class UnreadableListing extends Error {
    constructor(reason: string) {
        super(reason);
        this.name = "UnreadableListing";
    }
}

/** A text is no ruleset, or says something that the interpreter refuses. */
export class UnreadableRuleset extends Error {
    constructor(reason: string) {
        super(reason);
        this.name = "UnreadableRuleset";
    }
}
