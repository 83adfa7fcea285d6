/** What can be said of a packet where not everything is understood. */
export interface Bounds {
    /** False: it is not accepted, whatever that means which is not understood. */
    readonly may: boolean;
    /** True: it is accepted, whatever that means. */
    readonly must: boolean;
}
