/** What loads the ruleset: nft, or one of the two programs that are called iptables-restore. */
export type Backend = "nftables" | "iptables-legacy" | "iptables-nft";

/** What one process is to ask the kernel. */
export interface Job {
    /** Default: nftables. */
    readonly backend?: Backend;
    readonly seed: number;
    /** So many rulesets from this number on, each `step`-th. The seed and its number make a ruleset and its probes. */
    readonly first: number;
    readonly rulesets: number;
    readonly step?: number;
    /** Of each ruleset. */
    readonly probes: number;
    /** Ask about what is forwarded to containers and elsewhere, not about what arrives and leaves. */
    readonly forward?: boolean;
    /** Compare with this many slightly wrong models of each ruleset too, and with slightly wrong bases. */
    readonly mutants?: number;
    /** Ask, instead of all that, about packets that belong to a connection. */
    readonly connections?: boolean;
    /** Ask, instead of all that, whether limits bite. */
    readonly limits?: boolean;
    /** Policies of many rules of few forms, laid out in sets. */
    readonly laidOut?: boolean;
    /** Compare with a model that forgets the last port of every range, to see what is reported. */
    readonly wrongModel?: boolean;
}

/** What came of rulesets. */
export interface Outcome {
    readonly rulesets: number;
    /** Packets whose verdict was compared. */
    readonly probes: number;
    /** How many of these were of which kind: `ingress IPv4 tcp`. */
    readonly kinds: Readonly<Record<string, number>>;
    /** Packets that no table was asked about. */
    readonly unreached: number;
    readonly accepted: number;
    /** Answers of `reject` that were seen. */
    readonly answers: number;
    readonly disagreements: number;
    /** Disagreements in words, each reduced: one for a ruleset, and of the first few rulesets only. */
    readonly reports: readonly string[];
    /** Wrong models that decide some packet otherwise, and those of them that the comparison noticed. */
    readonly mutants: number;
    readonly noticed: number;
    /** How many packets told each wrong base, or wrong model of forwarding, from the right one. */
    readonly wrongBases: Readonly<Record<string, number>>;
}

export const NOTHING: Outcome = {
    rulesets: 0,
    probes: 0,
    kinds: {},
    unreached: 0,
    accepted: 0,
    answers: 0,
    disagreements: 0,
    reports: [],
    mutants: 0,
    noticed: 0,
    wrongBases: {},
};

export function sum(outcomes: readonly Outcome[]): Outcome {
    const total = (count: (outcome: Outcome) => number) => outcomes.reduce((before, one) => before + count(one), 0);
    const totals = (counts: (outcome: Outcome) => Readonly<Record<string, number>>) => {
        const names = [...new Set(outcomes.flatMap((outcome) => Object.keys(counts(outcome))))].sort();
        return Object.fromEntries(names.map((name) => [name, total((outcome) => counts(outcome)[name] ?? 0)]));
    };
    return {
        rulesets: total(({ rulesets }) => rulesets),
        probes: total(({ probes }) => probes),
        kinds: totals(({ kinds }) => kinds),
        unreached: total(({ unreached }) => unreached),
        accepted: total(({ accepted }) => accepted),
        answers: total(({ answers }) => answers),
        disagreements: total(({ disagreements }) => disagreements),
        reports: outcomes.flatMap(({ reports }) => reports),
        mutants: total(({ mutants }) => mutants),
        noticed: total(({ noticed }) => noticed),
        wrongBases: totals(({ wrongBases }) => wrongBases),
    };
}

export function closingLine({ probes, disagreements }: Outcome): string {
    return `${probes} probes, ${disagreements} disagreements`;
}

/** More than the closing line says. */
export function figures({ rulesets, kinds, accepted, answers, unreached }: Outcome): string {
    return [
        ...Object.entries(kinds).map(([kind, count]) => `${kind}: ${count}`),
        `${rulesets} rulesets: ${accepted} accepted, ${answers} answers of reject, ${unreached} never at the hook`,
    ].join("\n");
}
