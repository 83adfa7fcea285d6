/** The flags of TCP in their byte (RFC 9293). */
export const TCP_FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 } as const;

const { fin, syn, rst, psh, ack, urg } = TCP_FLAGS;

/**
 * Flags by the names that rules use: those in `mask` are exactly `value`. `syn` asks for a connection; `null` and `xmas`
 * are what port scanners send (no flag at all; FIN, PSH and URG); `not-syn` is all but `syn`.
 */
export const FLAG_FORMS = {
    syn: { mask: fin | syn | rst | ack, value: syn },
    "not-syn": { mask: fin | syn | rst | ack, value: syn, negated: true },
    null: { mask: fin | syn | rst | psh | ack | urg, value: 0 },
    xmas: { mask: fin | syn | rst | psh | ack | urg, value: fin | psh | urg },
} as const satisfies Record<string, { mask: number; value: number; negated?: true }>;

export type FlagForm = keyof typeof FLAG_FORMS;

export const flagForms = Object.keys(FLAG_FORMS) as FlagForm[];

/** Has a byte of flags this form? */
export function hasForm(flags: number, form: FlagForm): boolean {
    const { mask, value } = FLAG_FORMS[form];
    return ((flags & mask) === value) !== "negated" in FLAG_FORMS[form];
}

/** A byte of flags for each kind of packet that forms can tell apart; the first is how connections begin. */
export const FLAG_KINDS = { syn, null: 0, xmas: fin | psh | urg, other: ack } as const;
