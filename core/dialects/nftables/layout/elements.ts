import { type AddressRange, BITS, type Family, formatAddress, mergeRanges, toPrefixes } from "../../../model/addresses";
import { formatPort, mergePorts, type PortRange } from "../../../model/ports";
import type { Protocol } from "../../../model/rule";
import { formatRange } from "../renderAddresses";
import { type Atom, type Box, meetRanges } from "./atoms";

/** The fields that can stand in the key of a set, in the order in which they do. */
export const FIELDS = ["source", "destination", "protocols", "sourcePorts", "destinationPorts"] as const;
export type Field = (typeof FIELDS)[number];

/** The fields that a box says something about. */
export function shapeOf(box: Box): Field[] {
    return FIELDS.filter((field) => box[field] !== undefined);
}

type Value = Protocol | AddressRange | PortRange;

/** Elements that share all fields but one, of which they are all values. */
export interface Block {
    /** One value for each field of the shape but the last. */
    readonly key: readonly Value[];
    readonly values: readonly Value[];
}

/** Elements that are in no other's way, so that they can be in one set. */
export interface Elements {
    /** `map`: by the key into a chain for each block, for values that are listed wrong beside others. */
    readonly kind: "set" | "map";
    /** The values are networks of this length, each by its first address. */
    readonly length?: number;
    /** The fields of the key, then that of the values. */
    readonly fields: readonly Field[];
    readonly blocks: readonly Block[];
}

/** More elements of one part are better said by a rule. */
const MOST_KEYS = 256;
/** Networks of so few sizes are found faster by hashing an address for each size than among intervals. */
const MOST_SIZES = 2;
/** A set for fewer is not worth it. */
const FEWEST_OF_SIZE = 4;
/** So many sets are as slow as rules. */
const MOST_LAYERS = 8;
/** How many comparisons of two blocks a block may cost on average. */
const COMPARISONS = 200;

/** Too many elements for a set. */
export function isLarge({ box }: Atom): boolean {
    let all = 1;
    for (const field of FIELDS) all *= box[field]?.length ?? 1;
    if (all <= MOST_KEYS) return false;
    const merged = mergedField(shapeOf(box));
    let keys = 1;
    for (const field of FIELDS) if (field !== merged) keys *= box[field]?.length ?? 1;
    return merged !== undefined && keys > MOST_KEYS;
}

/**
 * The elements of sets that together hold exactly these boxes, all of one shape. The kernel takes no two intervals into one set
 * that overlap in every field: such go into sets of their own. Undefined: these would be too many.
 */
export function elementsOf(boxes: readonly Box[]): Elements[] | undefined {
    const shape = shapeOf(boxes[0]!);
    const merged = mergedField(shape);
    if (merged === undefined) return undefined;
    const keyFields = shape.filter((field) => field !== merged);
    const found = new Map<string, { key: readonly Value[]; values: Value[] }>();
    for (const box of boxes)
        for (const key of keysOf(box, keyFields)) {
            const name = key.map(formatValue).join(" . ");
            const block = found.get(name);
            if (block) block.values.push(...box[merged]!);
            else found.set(name, { key, values: [...box[merged]!] });
        }
    const fields = [...keyFields, merged];
    const bySize = networksOf([...found.values()], keyFields.length > 0 ? MOST_SIZES : 1);
    if (bySize) return [...bySize].map(([length, blocks]) => ({ kind: "set", length, fields, blocks }));
    const blocks = [...found.values()].map(({ key, values }): Block => ({ key, values: mergeValues(merged, values) }));
    if (keyFields.length > 0 && !blocks.every(({ key }) => key.every(isListedRight))) return undefined;
    const isListed = keyFields.length === 0 || blocks.every(({ values }) => values.every(isListedRight));
    const kind = isListed ? "set" : "map";
    const layers = apart(blocks, keyFields, kind);
    return layers?.map((some) => ({ kind, fields, blocks: some }));
}

/** Networks by their length, where there are few lengths and nothing else is an interval. */
function networksOf(found: readonly Block[], mostSizes: number): Map<number, Block[]> | undefined {
    const bySize = new Map<number, Block[]>();
    for (const { key, values } of found) {
        if (!key.every(isSingle) || !values.every(isAddressRange)) return undefined;
        const starts = new Map<number, Map<bigint, Value>>();
        for (const range of values)
            for (const { family, address, length } of toPrefixes([range])) {
                const some = starts.get(length) ?? new Map<bigint, Value>();
                starts.set(length, some.set(address, { family, first: address, last: address }));
            }
        for (const [length, some] of starts) {
            const blocks = bySize.get(length) ?? [];
            bySize.set(length, blocks);
            blocks.push({ key, values: [...some.values()] });
            if (bySize.size > mostSizes || length === 0) return undefined;
        }
    }
    const count = (blocks: readonly Block[]) => blocks.reduce((sum, { values }) => sum + values.length, 0);
    return [...bySize.values()].every((blocks) => count(blocks) >= FEWEST_OF_SIZE) ? bySize : undefined;
}

/** The one of which there are most values: addresses, else ports. Of protocols there are few. */
function mergedField(shape: readonly Field[]): Field | undefined {
    return BY_VALUES.find((field) => shape.includes(field));
}

const BY_VALUES: readonly Field[] = ["source", "destination", "destinationPorts", "sourcePorts", "protocols"];

function keysOf(box: Box, fields: readonly Field[]): Value[][] {
    let keys: Value[][] = [[]];
    for (const field of fields) {
        const values = box[field]!;
        if (values.length === 1) for (const key of keys) key.push(values[0]!);
        else keys = keys.flatMap((key) => values.map((value) => [...key, value]));
    }
    return keys;
}

function mergeValues(field: Field, values: readonly Value[]): readonly Value[] {
    if (field === "protocols") return [...new Set(values)];
    return field === "sourcePorts" || field === "destinationPorts"
        ? mergePorts(values as readonly PortRange[])
        : mergeRanges(values as readonly AddressRange[]);
}

/** The blocks in as few lists as are found at once in which no two overlap; in a map, their keys may not. */
function apart(blocks: readonly Block[], fields: readonly Field[], kind: "set" | "map"): Block[][] | undefined {
    const sweep = fields.findIndex((field) => field === "destinationPorts");
    const at = sweep >= 0 ? sweep : fields.findIndex((field) => field !== "protocols");
    // Without intervals in their keys, blocks differ in some value.
    if (at < 0 || blocks.every(({ key }) => key.every(isSingle))) return [[...blocks]];
    const start = ({ key }: Block) => (key[at] as AddressRange | PortRange).first;
    const end = ({ key }: Block) => (key[at] as AddressRange | PortRange).last;
    const sorted = [...blocks].sort((a, b) => (start(a) < start(b) ? -1 : start(a) > start(b) ? 1 : 0));
    const layers: Block[][] = [];
    let left = COMPARISONS * blocks.length;
    let open: { block: Block; layer: number }[] = [];
    for (const block of sorted) {
        open = open.filter((other) => end(other.block) >= start(block));
        left -= open.length;
        if (left < 0) return undefined;
        const taken = new Set(open.filter((other) => overlaps(other.block, block, kind)).map(({ layer }) => layer));
        const layer = layers.findIndex((_, index) => !taken.has(index));
        if (layer < 0 && layers.length === MOST_LAYERS) return undefined;
        open.push({ block, layer: layer < 0 ? layers.length : layer });
        if (layer < 0) layers.push([block]);
        else layers[layer]!.push(block);
    }
    return layers;
}

function overlaps(a: Block, b: Block, kind: "set" | "map"): boolean {
    return a.key.every((value, i) => meets(value, b.key[i]!)) && (kind === "map" || someMeet(a.values, b.values));
}

function meets(a: Value, b: Value): boolean {
    return isRange(a) && isRange(b) ? a.first <= b.last && b.first <= a.last : a === b;
}

function someMeet(a: readonly Value[], b: readonly Value[]): boolean {
    if (!isRange(a[0])) return a.some((value) => b.includes(value));
    return meetRanges(a as readonly PortRange[], b as readonly PortRange[]);
}

function isAddressRange(value: Value): value is AddressRange {
    return isRange(value) && "family" in value;
}

function isRange(value: Value | undefined): value is AddressRange | PortRange {
    return typeof value === "object";
}

export function isSingle(value: Value): boolean {
    return !isRange(value) || value.first === value.last;
}

export function formatValue(value: Value): string {
    if (!isRange(value)) return String(value);
    return "family" in value ? formatRange(value) : formatPort(value);
}

/** nft 0.9.8 lists an IPv6 range in a key of several fields wrong, unless it lies within a /64. */
function isListedRight(value: Value): boolean {
    return !isRange(value) || !("family" in value) || value.family === 4 || value.first >> 64n === value.last >> 64n;
}

/** The words of a field in a rule; addresses are of one family. `length`: of the networks that addresses are taken for. */
export function fieldText(field: Field, family: Family = 4, length: number = BITS[family]): string {
    const ip = family === 6 ? "ip6" : "ip";
    if ((field === "source" || field === "destination") && length < BITS[family]) {
        const mask = ((1n << BigInt(length)) - 1n) << BigInt(BITS[family] - length);
        return `${fieldText(field, family)} and ${formatAddress(family, mask)}`;
    }
    const texts: Record<Field, string> = {
        source: `${ip} saddr`,
        destination: `${ip} daddr`,
        protocols: "meta l4proto",
        sourcePorts: "th sport",
        destinationPorts: "th dport",
    };
    return texts[field];
}

export function typeText(field: Field, family: Family | undefined): string {
    if (field === "source" || field === "destination") return family === 6 ? "ipv6_addr" : "ipv4_addr";
    return field === "protocols" ? "inet_proto" : "inet_service";
}
