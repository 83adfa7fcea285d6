import type { Family } from "../../model/addresses";

/** One alternative of one part of a rule, as nft text. */
export interface Alternative {
    /** It can hold for packets of that family only. */
    readonly family?: Family;
    readonly text: string;
    /** The text for a note, where it differs. */
    readonly note?: string;
    /** It stands for a part of the rule that no packet can meet. */
    readonly never?: true;
}

/** What a rule does not say. */
export const ANYTHING: readonly Alternative[] = [{ text: "" }];

export function list<T>(items: readonly T[], format: (item: T) => string): string {
    const texts = items.map(format);
    return texts.length === 1 ? texts[0]! : `{ ${texts.join(", ")} }`;
}

export function words(...parts: readonly string[]): string {
    return parts.filter(Boolean).join(" ");
}
