import type { MembersDiff, ObjectDiff, ValueDiff } from "./diff";
import type { Op } from "./steps";
import { prefixes } from "./steps";
import { isAsset, isInternalKey, isList, isPlainObject, isResourceReference, isSecret, isUnknown } from "./values";
import type { Properties, Value } from "./values";

// How `--diff` writes properties: four blanks a level, the sign of a change in the last two, titles of one level aligned.

/** How a line is written. */
export interface Style {
    readonly indent: number;
    readonly op: Op;
    /** Whether lines carry the sign of `op`. */
    readonly signed: boolean;
}

type Title = (style: Style) => string;

const deeper = (style: Style, by = 1): Style => ({ ...style, indent: style.indent + by });
const signedAs = (style: Style, op: Op): Style => ({ ...style, op, signed: true });

function margin(style: Style): string {
    const blanks = "    ".repeat(style.indent);
    return style.signed && blanks.length >= 2 ? blanks.slice(0, -2) + prefixes[style.op] : blanks;
}

const unsigned = (style: Style): string => margin({ ...style, signed: false });

const titled =
    (name: string, width: number): Title =>
    (style) =>
        `${margin(style)}${name.padEnd(width)}: `;

const widest = (keys: readonly string[]): number => Math.max(0, ...keys.map((key) => key.length));

const quote = (text: string): string => JSON.stringify(text);

/** At most 3 lines of at most 150 characters: what is longer is read elsewhere. */
function cut(text: string): string {
    const lines = text.split("\n");
    const short = lines.map((line) => (line.length > 150 ? `${line.slice(0, 150)}...` : line));
    return lines.length > 3 ? [...short.slice(0, 3), "..."].join("\n") : short.join("\n");
}

function isPrimitive(value: Value): boolean {
    return value === null || typeof value !== "object" || isSecret(value);
}

function primitive(value: Value): string {
    if (value === null) {
        return "<null>";
    }
    if (isSecret(value)) {
        return "[secret]";
    }
    if (isUnknown(value)) {
        return "[unknown]";
    }
    return typeof value === "string" ? quote(cut(value)) : String(value);
}

/** Values nobody needs to see: nothing, and what holds nothing. */
function isWorthPrinting(value: Value): boolean {
    return !(
        value === null ||
        value === "" ||
        (isList(value) && value.length === 0) ||
        (isPlainObject(value) && Object.keys(value).length === 0)
    );
}

export function printObject(properties: Properties, style: Style): string {
    const keys = Object.keys(properties).sort();
    const width = widest(keys);
    return keys
        .filter((key) => !isInternalKey(key))
        .map((key) => titled(key, width)(style) + printValue(properties[key] ?? null, style))
        .join("");
}

function printValue(value: Value, style: Style): string {
    return `${valueText(value, style)}\n`;
}

function valueText(value: Value, style: Style): string {
    if (isList(value)) {
        if (value.length === 0) {
            return "[]";
        }
        const items = value.map((item, index) => `${margin(style)}    [${index}]: ${printValue(item, deeper(style))}`);
        return `[\n${items.join("")}${unsigned(style)}]`;
    }
    if (isAsset(value)) {
        const hash = String(value["hash"]).slice(0, 7);
        return typeof value["path"] === "string"
            ? `asset(file:${hash}) { ${value["path"]} }`
            : `asset(text:${hash}) {\n${String(value["text"])
                  .split("\n")
                  .map((line) => `${unsigned(style)}    ${line}\n`)
                  .join("")}${unsigned(style)}}`;
    }
    if (isResourceReference(value)) {
        const { urn, id } = value;
        const inner = deeper(style);
        return `{\n${margin(inner)}URN: ${quote(String(urn))}\n${margin(inner)}ID : ${primitive(id ?? null)}\n${unsigned(style)}}`;
    }
    if (isPlainObject(value)) {
        return Object.keys(value).length === 0 ? "{}" : `{\n${printObject(value, deeper(style))}${unsigned(style)}}`;
    }
    return primitive(value);
}

export function printDiff(diff: ObjectDiff, style: Style): string {
    const keys = [
        ...new Set([...diff.adds.keys(), ...diff.deletes.keys(), ...diff.updates.keys(), ...diff.sames.keys()]),
    ].sort();
    const width = widest(keys);
    return keys.map((key) => printMember(diff, key, titled(key, width), style)).join("");
}

function printMember<Key>(diff: MembersDiff<Key>, key: Key, title: Title, style: Style): string {
    const [added, removed, update, same] = [
        diff.adds.get(key),
        diff.deletes.get(key),
        diff.updates.get(key),
        diff.sames.get(key),
    ];
    if (added !== undefined) {
        return printAs(signedAs(style, "create"), title, added);
    }
    if (removed !== undefined) {
        return printAs(signedAs(style, "delete"), title, removed);
    }
    if (update !== undefined) {
        return printUpdate(update, title, signedAs(style, "update"));
    }
    const unchanged: Style = { ...style, op: "same", signed: false };
    return same !== undefined && isWorthPrinting(same) ? printAs(unchanged, title, same) : "";
}

const printAs = (style: Style, title: Title, value: Value): string => title(style) + printValue(value, style);

function printUpdate(diff: ValueDiff, title: Title, style: Style): string {
    if (diff.list) {
        const { list } = diff;
        const positions = [list.adds, list.deletes, list.updates, list.sames]
            .flatMap((members) => [...members.keys()])
            .sort((a, b) => a - b);
        const items = positions.map((position) =>
            printMember(list, position, (inner) => `${margin(deeper(inner, -1))}[${position}]: `, deeper(style, 2)),
        );
        return `${title(style)}[\n${items.join("")}${unsigned(style)}]\n`;
    }
    if (diff.object) {
        return `${title(style)}{\n${printDiff(diff.object, deeper(style))}${unsigned(style)}}\n`;
    }
    const [old, now] = [isWorthPrinting(diff.old), isWorthPrinting(diff.new)];
    if (old && now && isPrimitive(diff.old) && isPrimitive(diff.new)) {
        return `${title(style)}${changeText(diff.old, diff.new)}\n`;
    }
    return (
        (old ? printAs(signedAs(style, "delete"), title, diff.old) : "") +
        (now ? printAs(signedAs(style, "create"), title, diff.new) : "")
    );
}

// Two texts that differ are both written whole: the difference is what somebody reads them for.
function changeText(old: Value, now: Value): string {
    const whole = (value: Value): string =>
        typeof value === "string" && !isUnknown(value) ? quote(value) : primitive(value);
    return `${whole(old)} => ${whole(now)}`;
}
