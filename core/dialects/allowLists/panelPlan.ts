import type { TranslationDifference } from "../dialect";
import type { PanelNote } from "./notes";

/** What is done in a panel, by the names on its pages; and rows of one list that are entered there. */
export interface PanelStep {
    readonly text: string;
    readonly rows?: readonly Readonly<Record<string, string>>[];
}

/** How rules get into a panel that takes them from people only, in an order that locks nobody out. */
export interface PanelPlan {
    readonly steps: readonly PanelStep[];
    readonly notes: readonly PanelNote[];
}

/** A plan, and whether its rows mean the rules: undefined if so. */
export interface ProvenPlan extends PanelPlan {
    readonly difference: TranslationDifference | undefined;
}
