import { type Atom, overlap } from "./atoms";

/** A rule by what decides where it may stand. */
export interface Placed {
    readonly atoms: readonly Atom[];
    /** What it does with a packet; absent: it stands alone, since it limits or logs. */
    readonly verdict?: string;
}

/** Rules whose order among each other says nothing; those that stand alone keep theirs. */
export interface Stage<Item> {
    readonly verdict?: string;
    readonly items: readonly Item[];
}

/** The end of a packet that is not the host. */
export type Peer = "source" | "destination";

/** How many comparisons of two parts a rule may cost on average. Beyond that, two are taken to overlap. */
const COMPARISONS = 100;

/**
 * The rules in few stages, one after the other, which decide every packet as the rules do in their order. Two that no packet
 * can both meet, or that do the same, may change places; so a rule joins the last stage that does the same, unless what comes
 * after that stage must be asked before it.
 */
export function stagesOf<Item extends Placed>(items: readonly Item[], peer: Peer): Stage<Item>[] {
    const stages: { verdict?: string; items: Item[]; index: Index }[] = [];
    const budget = { left: COMPARISONS * items.length };
    for (const item of items) {
        const stage = stageFor(item) ?? open(item);
        stage.items.push(item);
        for (const atom of item.atoms) stage.index.add(atom);
    }
    return stages.map(({ index: _, ...stage }) => stage);

    function stageFor({ verdict, atoms }: Item) {
        if (verdict === undefined) return stages.at(-1)?.verdict === undefined ? stages.at(-1) : undefined;
        for (const stage of stages.toReversed()) {
            if (stage.verdict === verdict) return stage;
            if (atoms.some((atom) => stage.index.meets(atom, budget))) return undefined;
        }
        return undefined;
    }

    function open({ verdict }: Item) {
        const stage = { ...(verdict !== undefined && { verdict }), items: [], index: openIndex(peer) };
        stages.push(stage);
        return stage;
    }
}

/** Parts by the ports and the peers that they are about. */
interface Index {
    add(atom: Atom): void;
    meets(atom: Atom, budget: { left: number }): boolean;
}

type Buckets<T> = Map<number | bigint, T>;

/** The key of what is about more ports or peers than are worth a key each: it is looked at for all of them. */
const MANY = -1;
const MOST_KEYS = 16;

function openIndex(peer: Peer): Index {
    const byPort: Buckets<Buckets<Atom[]>> = new Map();
    // Rules that all do the same are never asked for.
    let waiting: Atom[] = [];
    const file = (atom: Atom) => {
        for (const port of portsOf(atom) ?? [MANY]) {
            const byPeer = byPort.get(port) ?? new Map<number | bigint, Atom[]>();
            byPort.set(port, byPeer);
            for (const key of peersOf(atom, peer) ?? [MANY]) {
                const same = byPeer.get(key);
                if (same) same.push(atom);
                else byPeer.set(key, [atom]);
            }
        }
    };
    return {
        add(atom) {
            waiting.push(atom);
        },
        meets(atom, budget) {
            waiting.forEach(file);
            waiting = [];
            const peers = peersOf(atom, peer);
            for (const byPeer of under(byPort, portsOf(atom)))
                for (const list of under(byPeer, peers))
                    for (const other of list) if (--budget.left < 0 || overlap(atom, other)) return true;
            return false;
        },
    };
}

/** What may be about one of these keys. */
function under<T>(buckets: Buckets<T>, keys: readonly (number | bigint)[] | undefined): Iterable<T> {
    if (!keys) return buckets.values();
    return [...keys, MANY].map((key) => buckets.get(key)).filter((found) => found !== undefined);
}

function portsOf({ box: { destinationPorts } }: Atom): number[] | undefined {
    return destinationPorts && numbersIn(destinationPorts);
}

/** Blocks of 65,536 addresses of IPv4, and /48 of IPv6, apart from each other by the family. */
function peersOf({ box }: Atom, peer: Peer): bigint[] | undefined {
    const block = (address: bigint, family: number) => (family === 4 ? address >> 16n : (address >> 80n) + (1n << 48n));
    const blocks = box[peer]?.map(({ family, first, last }) => ({
        first: block(first, family),
        last: block(last, family),
    }));
    return blocks && numbersIn(blocks);
}

function numbersIn<T extends number | bigint>(
    ranges: readonly { readonly first: T; readonly last: T }[],
): T[] | undefined {
    const numbers: T[] = [];
    for (const { first, last } of ranges)
        for (let next = first; next <= last; next++) {
            if (numbers.length === MOST_KEYS) return undefined;
            numbers.push(next);
        }
    return numbers;
}
