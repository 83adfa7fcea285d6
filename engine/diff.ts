import { deepEquals, isInternalKey, isList, isPlainObject, isSecret, isUnknown } from "./values";
import type { Properties, Value } from "./values";
import type { PropertyPath } from "./propertyPath";

/** What became of the members of an object or a list (there, keys are positions). */
export interface MembersDiff<Key> {
    readonly adds: ReadonlyMap<Key, Value>;
    readonly deletes: ReadonlyMap<Key, Value>;
    readonly sames: ReadonlyMap<Key, Value>;
    readonly updates: ReadonlyMap<Key, ValueDiff>;
}

export type ObjectDiff = MembersDiff<string>;

export interface ValueDiff {
    readonly old: Value;
    readonly new: Value;
    readonly object?: ObjectDiff;
    readonly list?: MembersDiff<number>;
}

export type DiffKind = "add" | "delete" | "update" | "add-replace" | "delete-replace" | "update-replace";

/** One changed path. `inputDiff`: the old value is one of the old inputs, not of the old outputs. */
export interface PropertyDiff {
    readonly path: PropertyPath;
    readonly kind: DiffKind;
    readonly inputDiff: boolean;
}

export type DetailedDiff = readonly PropertyDiff[];

const keep = (): boolean => false;

/** The differences between two maps; undefined where there are none. `ignore` leaves keys at any depth out. */
export function diffProperties(
    old: Properties,
    now: Properties,
    ignore: (path: PropertyPath) => boolean = keep,
    at: PropertyPath = [],
): ObjectDiff | undefined {
    const adds = new Map<string, Value>();
    const deletes = new Map<string, Value>();
    const sames = new Map<string, Value>();
    const updates = new Map<string, ValueDiff>();
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
        const path = [...at, key];
        if (ignore(path)) {
            continue;
        }
        const [before, after] = [old[key] ?? null, now[key] ?? null];
        const change = diffValues(before, after, ignore, path);
        if (change === undefined) {
            sames.set(key, before);
        } else if (before === null) {
            adds.set(key, after);
        } else if (after === null) {
            deletes.set(key, before);
        } else {
            updates.set(key, change);
        }
    }
    return adds.size + deletes.size + updates.size === 0 ? undefined : { adds, deletes, sames, updates };
}

function diffValues(
    old: Value,
    now: Value,
    ignore: (path: PropertyPath) => boolean = keep,
    at: PropertyPath = [],
): ValueDiff | undefined {
    if (isList(old) && isList(now)) {
        const list = diffLists(old, now, ignore, at);
        return list && { old, new: now, list };
    }
    if (isPlainObject(old) && isPlainObject(now)) {
        const object = diffProperties(old, now, ignore, at);
        return object && { old, new: now, object };
    }
    return deepEquals(old, now) ? undefined : { old, new: now };
}

// Lists are compared position by position: that is what makes maps the better shape for anything a person reviews.
function diffLists(
    old: readonly Value[],
    now: readonly Value[],
    ignore: (path: PropertyPath) => boolean,
    at: PropertyPath,
): MembersDiff<number> | undefined {
    const adds = new Map<number, Value>();
    const deletes = new Map<number, Value>();
    const sames = new Map<number, Value>();
    const updates = new Map<number, ValueDiff>();
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
        const [before, after] = [old[index], now[index]];
        if (before === undefined) {
            adds.set(index, after ?? null);
        } else if (after === undefined) {
            deletes.set(index, before);
        } else {
            const change = diffValues(before, after, ignore, [...at, index]);
            if (change === undefined) {
                sames.set(index, before);
            } else {
                updates.set(index, change);
            }
        }
    }
    return adds.size + deletes.size + updates.size === 0 ? undefined : { adds, deletes, sames, updates };
}

/** The changed paths of a difference between old and new inputs. */
export function detailedDiffOf(diff: ObjectDiff | undefined): DetailedDiff {
    return diff === undefined ? [] : membersChanges(diff, []);
}

function membersChanges<Key extends string | number>(diff: MembersDiff<Key>, at: PropertyPath): PropertyDiff[] {
    const change = (key: Key, kind: DiffKind): PropertyDiff => ({ path: [...at, key], kind, inputDiff: true });
    return [
        ...[...diff.updates].flatMap(([key, update]) => valueChanges(update, [...at, key])),
        ...[...diff.adds.keys()].map((key) => change(key, "add")),
        ...[...diff.deletes.keys()].map((key) => change(key, "delete")),
    ];
}

function valueChanges(diff: ValueDiff, at: PropertyPath): PropertyDiff[] {
    if (diff.object) {
        return membersChanges(diff.object, at);
    }
    if (diff.list) {
        return membersChanges(diff.list, at);
    }
    const kind = diff.old === null ? "add" : diff.new === null ? "delete" : "update";
    return [{ path: at, kind, inputDiff: true }];
}

const inverted: Readonly<Record<DiffKind, DiffKind>> = {
    add: "delete",
    "add-replace": "delete-replace",
    delete: "add",
    "delete-replace": "add-replace",
    update: "update",
    "update-replace": "update-replace",
};

/** Seen from the other side: what a refresh found, out of what the next update would do about it. */
export function invertDiff(diff: DetailedDiff): DetailedDiff {
    return diff.map((change) => ({ ...change, kind: inverted[change.kind] }));
}

/** The top-level names that changed, sorted. */
export function changedKeys(diff: ObjectDiff): string[] {
    return [...new Set([...diff.adds.keys(), ...diff.deletes.keys(), ...diff.updates.keys()])].sort();
}

interface MutableMembers {
    readonly adds: Map<string | number, Value>;
    readonly deletes: Map<string | number, Value>;
    readonly sames: Map<string | number, Value>;
    readonly updates: Map<string | number, ValueDiff>;
}

const noMembers = (): MutableMembers => ({ adds: new Map(), deletes: new Map(), sames: new Map(), updates: new Map() });

/** Puts changed paths back into the shape of the values they change, with nothing that stayed the same. */
export function objectDiffOf(
    diff: DetailedDiff,
    oldInputs: Properties,
    oldOutputs: Properties,
    now: Properties,
): ObjectDiff | undefined {
    const root = noMembers();
    for (const change of diff) {
        insert(root, change.path, change.kind, change.inputDiff ? oldInputs : oldOutputs, now);
    }
    return root.adds.size + root.deletes.size + root.updates.size === 0 ? undefined : (root as ObjectDiff);
}

function insert(into: MutableMembers, path: PropertyPath, kind: DiffKind, oldParent: Value, newParent: Value): void {
    const [key, ...rest] = path;
    if (key === undefined) {
        return;
    }
    const [old, now] = [member(oldParent, key), member(newParent, key)];
    const leaf = rest.length === 0;
    if (leaf ? kind.startsWith("add") : old === null && now !== null) {
        into.adds.set(key, now);
    } else if (leaf ? kind.startsWith("delete") : old !== null && now === null) {
        into.deletes.set(key, old);
    } else if (leaf) {
        into.updates.set(key, diffValues(old, now) ?? { old, new: now });
    } else {
        const update = into.updates.get(key);
        const list = typeof rest[0] === "number";
        const members = ((list ? update?.list : update?.object) as MutableMembers | undefined) ?? noMembers();
        insert(members, rest, kind, old, now);
        into.updates.set(key, { old, new: now, [list ? "list" : "object"]: members });
    }
}

function member(parent: Value, key: string | number): Value {
    if (isUnknown(parent) || isSecret(parent)) {
        return parent;
    }
    if (isList(parent)) {
        return typeof key === "number" ? (parent[key] ?? null) : null;
    }
    return isPlainObject(parent) && typeof key === "string" ? (parent[key] ?? null) : null;
}

/** Leaves out what the SDK keeps for itself and what the resource asks not to show. */
export function ignoreHidden(hidden: (path: PropertyPath) => boolean): (path: PropertyPath) => boolean {
    return (path) => isInternalKey(String(path.at(-1))) || hidden(path);
}
