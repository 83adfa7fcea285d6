import type { Family } from "../../../model/addresses";
import { list, words } from "../renderText";
import { type Elements, type Field, FIELDS, fieldText, formatValue, isSingle, typeText } from "./elements";

/** One line of a chain, and what it refers to. */
export interface Rendered {
    readonly line: string;
    readonly objects: readonly string[];
}

export interface Around {
    /** What else the rules of these elements ask, all the same. */
    readonly text: string;
    /** Of the addresses. */
    readonly family: Family | undefined;
    readonly verdict: string;
    readonly comment: string;
}

/** Elements as a set and the line that asks it. */
export function renderElements(name: string, elements: Elements, around: Around): Rendered {
    const { text, family, verdict, comment } = around;
    const { kind, length, fields, blocks } = elements;
    if (kind === "map") return renderMap(name, elements, around);
    const shape = FIELDS.filter((field) => fields.includes(field));
    const places = shape.map((field) => fields.indexOf(field));
    const lines = blocks.flatMap(({ key, values }) => {
        const said = key.map(formatValue);
        return values.map((value) => {
            said[key.length] = formatValue(value);
            return places.map((place) => said[place]).join(" . ");
        });
    });
    const isInterval = blocks.some(({ key, values }) => !key.every(isSingle) || !values.every(isSingle));
    const keyText = shape
        .map((field) => fieldText(field, family, field === fields.at(-1) ? length : undefined))
        .join(" . ");
    return {
        line: words(text, `${keyText} @${name}`, verdict, `comment "${comment}"`),
        objects: [object("set", name, typeOf(shape, family), isInterval, lines)],
    };
}

/** By the fields but the addresses, into a chain for each: IPv6 networks that old nft lists wrong in a key of several fields. */
function renderMap(name: string, { fields, blocks }: Elements, { text, family, verdict, comment }: Around): Rendered {
    const keyFields = fields.slice(0, -1);
    const merged = fields.at(-1)!;
    const keyText = keyFields.map((field) => fieldText(field, family)).join(" . ");
    const end = `comment "${comment}"`;
    const chains = blocks.map(({ values }, i) => {
        const match = `${fieldText(merged, family)} ${list(values, formatValue)}`;
        return [`    chain ${name}_${i} {`, `        ${words(match, verdict, end)}`, "    }"].join("\n");
    });
    const elements = blocks.map(({ key }, i) => `${key.map(formatValue).join(" . ")} : jump ${name}_${i}`);
    const isInterval = blocks.some(({ key }) => !key.every(isSingle));
    return {
        line: words(text, `meta nfproto ipv${family}`, `${keyText} vmap @${name}`, end),
        objects: [...chains, object("map", name, `${typeOf(keyFields, family)} : verdict`, isInterval, elements)],
    };
}

function typeOf(shape: readonly Field[], family: Family | undefined): string {
    return shape.map((field) => typeText(field, family)).join(" . ");
}

function object(
    kind: "set" | "map",
    name: string,
    type: string,
    isInterval: boolean,
    elements: readonly string[],
): string {
    return [
        `    ${kind} ${name} {`,
        `        type ${type}${isInterval ? "; flags interval" : ""}`,
        `        elements = { ${elements.join(",\n            ")} }`,
        "    }",
    ].join("\n");
}
