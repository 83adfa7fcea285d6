/**
 * The cells of the crash matrix as data: which fault strikes at which moment of which operation on which kind of host.
 * A combination that can't exist has a reason instead of a cell.
 */
export interface Cell extends Kind {
    readonly fault: Fault;
    readonly moment: Moment;
    readonly operation: Operation;
}

export interface Kind {
    readonly kind: "systemd" | "plain";
    readonly userland: Userland;
    readonly filter: Filter;
}

/** The packet filter that holds our ruleset. */
export type Filter = "nft" | "iptables-nft" | "iptables-legacy";
export type Userland = "machine" | "bullseye" | "bookworm" | "trixie" | "busybox";
export type Fault = (typeof FAULTS)[number] | (typeof LONG_FAULTS)[number];
export type Moment = (typeof MOMENTS)[number];
export type Operation = (typeof OPERATIONS)[number];

export const FAULTS = [
    "client-killed",
    "network-cut",
    "sshd-killed",
    "revert-killed",
    "reboot",
    "disk-full",
    "disk-read-only",
    "nft-failing",
    "clock-jump",
] as const;

/** Forms of two faults that last until the client, or the host, gives up: they take minutes, so they have rounds of their own. */
export const LONG_FAULTS = ["network-gone", "nft-broken"] as const;

export const MOMENTS = ["probe", "arm", "load", "between", "confirm", "revert", "boot"] as const;
export const OPERATIONS = ["create", "change", "delete"] as const;

/** What `npm run test:hosts` runs. */
export const ALL_KINDS: readonly Kind[] = [
    { kind: "systemd", userland: "bookworm", filter: "nft" },
    { kind: "plain", userland: "busybox", filter: "nft" },
    { kind: "systemd", userland: "bullseye", filter: "nft" },
    { kind: "plain", userland: "bookworm", filter: "nft" },
    { kind: "systemd", userland: "trixie", filter: "nft" },
    { kind: "plain", userland: "bullseye", filter: "nft" },
    { kind: "plain", userland: "trixie", filter: "nft" },
    { kind: "systemd", userland: "bookworm", filter: "iptables-nft" },
    { kind: "plain", userland: "bookworm", filter: "iptables-nft" },
    { kind: "systemd", userland: "bullseye", filter: "iptables-legacy" },
    { kind: "plain", userland: "trixie", filter: "iptables-legacy" },
    { kind: "plain", userland: "busybox", filter: "iptables-nft" },
];

/** What `npm test` runs. */
export const SAMPLE_KINDS = [
    { kind: "systemd", userland: "bookworm", filter: "nft" },
    { kind: "plain", userland: "machine", filter: "nft" },
] as const satisfies readonly Kind[];

/** Why a cell can't exist; undefined where it can. */
export function whyNot({ fault, moment, operation, kind, userland, filter }: Cell): string | undefined {
    if (operation === "delete") {
        if (moment === "arm" || moment === "between" || moment === "revert")
            return "a delete is one step: it arms nothing, waits for nothing and takes nothing back";
        if (fault === "revert-killed")
            return "a delete arms no revert, and after its commit the boot unit has nothing to load";
    }
    if (fault === "revert-killed") {
        if (moment === "probe" || moment === "arm") return "nothing that reverts is there before it has been armed";
        if (moment === "boot" && operation === "create") return "before the first confirmation the boot loads nothing";
        if (moment === "boot" && kind === "plain")
            return "without a service manager a boot script that is killed is a boot that is killed";
    }
    if (fault === "clock-jump" && userland === "busybox") return "its clock can't be faked: libfaketime needs glibc";
    if (fault === "network-gone") {
        if (operation === "delete") return "nothing on the host waits for the client";
        if (moment !== "between" && moment !== "confirm")
            return "the client waits for the host as after network-cut, only longer";
        if (userland !== "bookworm" || filter !== "nft")
            return "it is the client that waits: one userland of each kind shows it";
    }
    if (fault === "nft-broken" && (operation === "delete" || moment !== "revert")) return "only a revert gives up";
    return undefined;
}

export function cellsOf(kinds: readonly Kind[], faults: readonly Fault[]): { cells: Cell[]; impossible: Cell[] } {
    const all = kinds.flatMap((kind) =>
        OPERATIONS.flatMap((operation) =>
            MOMENTS.flatMap((moment) => faults.map((fault) => ({ ...kind, operation, moment, fault }))),
        ),
    );
    return {
        cells: all.filter((cell) => whyNot(cell) === undefined),
        impossible: all.filter((cell) => whyNot(cell) !== undefined),
    };
}

/** The whole matrix. */
export function wholeMatrix(): Cell[] {
    return cellsOf(ALL_KINDS, [...FAULTS, ...LONG_FAULTS]).cells;
}

/** What of the nine faults can't exist; the long forms are no faults of their own. */
export function impossibleCells(): Cell[] {
    return cellsOf(ALL_KINDS, FAULTS).impossible;
}

/** What `npm test` runs for iptables besides: both variants in turn, at the moments between the families above all. */
export const IPTABLES_SAMPLE_KINDS: readonly Kind[] = [
    { kind: "plain", userland: "machine", filter: "iptables-nft" },
    { kind: "plain", userland: "machine", filter: "iptables-legacy" },
];

export function iptablesSample(): Cell[] {
    const faults = ["client-killed", "revert-killed", "reboot", "nft-failing"] as const;
    return IPTABLES_SAMPLE_KINDS.flatMap((kind) =>
        OPERATIONS.flatMap((operation) =>
            (["load", "revert"] as const).flatMap((moment) =>
                faults.map((fault) => ({ ...kind, operation, moment, fault })),
            ),
        ),
    ).filter((cell) => whyNot(cell) === undefined);
}

interface Slot {
    readonly kind: Kind;
    readonly operation: Operation;
    /** The moments at which the client is killed: that can only be done to a whole batch of hosts at once. */
    readonly killed?: readonly Moment[];
}

const [SYSTEMD, PLAIN] = SAMPLE_KINDS;
const SAMPLE_SLOTS: readonly Slot[] = [
    { kind: SYSTEMD, operation: "create", killed: MOMENTS.filter((moment) => moment !== "probe") },
    { kind: PLAIN, operation: "change", killed: MOMENTS },
    { kind: SYSTEMD, operation: "delete" },
    { kind: PLAIN, operation: "delete" },
    { kind: SYSTEMD, operation: "change" },
    { kind: PLAIN, operation: "create" },
];

/**
 * What `npm test` runs: every fault but the clock jump at every moment once, the client killed at every moment of a
 * change and nearly every one of a first apply; operations and kinds in turn, so that each has a share of every fault and moment.
 */
export function sample(): Cell[] {
    const chosen: Cell[] = [];
    const load = new Map(SAMPLE_SLOTS.map((slot) => [slot, 0]));
    const put = (slot: Slot, fault: Fault, moment: Moment) => {
        chosen.push({ ...slot.kind, operation: slot.operation, fault, moment });
        load.set(slot, load.get(slot)! + 1);
    };
    for (const slot of SAMPLE_SLOTS) for (const moment of slot.killed ?? []) put(slot, "client-killed", moment);
    const others = FAULTS.filter((fault) => fault !== "client-killed" && fault !== "clock-jump");
    // Moments that few operations have come first, so that the loads even out.
    for (const moment of ["arm", "between", "revert", "probe", "load", "confirm", "boot"] as const)
        for (const fault of others) {
            const slots = SAMPLE_SLOTS.filter(
                ({ kind, operation, killed }) => !killed && whyNot({ ...kind, operation, moment, fault }) === undefined,
            );
            const [least] = slots.sort((a, b) => load.get(a)! - load.get(b)!);
            if (least) put(least, fault, moment);
        }
    return chosen;
}

/** The words by which `--only` finds a cell. */
export function wordsOf({ kind, userland, filter, operation, moment, fault }: Cell): string[] {
    return [kind, userland, filter, operation, moment, fault];
}

/** The cells that have every one of these words. */
export function only(cells: readonly Cell[], words: readonly string[]): Cell[] {
    return cells.filter((cell) => words.every((word) => wordsOf(cell).includes(word)));
}
