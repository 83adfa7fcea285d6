import * as fc from "fast-check";
import { containsSecret, deepEquals, markSecrets, redact, reveal, secret, unknownValue } from "../../engine/values";
import type { Properties, Value } from "../../engine/values";
import { depart } from "../../engine/wire";

/** Anything a program may send, secrets and unknowns among it. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value; object: Properties }>((tie) => ({
    value: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom<Value>(null, true, false, unknownValue),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0 || 0),
        fc.string(),
        fc.array(tie("value"), { maxLength: 4 }),
        tie("object"),
        tie("value").map((content) => secret(content)),
    ),
    object: fc.dictionary(key(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
})).value;

function key(): fc.Arbitrary<string> {
    return fc.constantFrom("a", "b", "c", "web/ssh", "ingress tcp 22", 'with "quotes"', "dot.ted", "x[0]", "");
}

export const anyProperties: fc.Arbitrary<Properties> = fc.dictionary(key(), anyValue, {
    maxKeys: 5,
    noNullPrototype: true,
});

const text = (value: unknown): string => JSON.stringify(value);

test("what a provider gets holds no secret, and is otherwise the same", () => {
    fc.assert(
        fc.property(anyProperties, (properties) => {
            expect(containsSecret(depart(properties))).toBe(false);
            expect(reveal(reveal(properties))).toEqual(reveal(properties));
        }),
    );
});

test("nothing of a secret is left where somebody reads", () => {
    fc.assert(
        fc.property(anyProperties, (properties) => {
            const hidden = "TOP-SECRET-CONTENT";
            const shown = redact({ ...properties, plain: "seen", nested: { deep: [secret({ at: [hidden] })] } });
            expect(text(shown)).not.toContain(hidden);
            expect(containsSecret(shown)).toBe(false);
            expect(shown["plain"]).toBe("seen");
        }),
    );
});

test("what a provider gives back is marked wherever the same name was secret", () => {
    fc.assert(
        fc.property(anyProperties, (properties) => {
            const marked = markSecrets(reveal(properties), properties);
            expect(reveal(marked)).toEqual(reveal(properties));
            for (const [key, value] of Object.entries(properties)) {
                expect(containsSecret(marked[key] ?? null)).toBe(containsSecret(value));
            }
        }),
    );
});

test("marking goes into objects, and takes lists as a whole", () => {
    const source = { credentials: { user: "root", key: secret("k") }, list: [1, secret(2)], other: "o" };
    const plain = { credentials: { user: "root", key: "k", port: 22 }, list: [1, 2], other: "o", derived: "k" };
    expect(markSecrets(plain, source)).toEqual({
        credentials: { user: "root", key: secret("k"), port: 22 },
        list: secret([1, 2]),
        other: "o",
        derived: "k",
    });
});

test("equal means equal content in any order of keys, and absent is null", () => {
    fc.assert(
        fc.property(anyProperties, (properties) => {
            const turned = Object.fromEntries(Object.entries(properties).reverse());
            expect(deepEquals(properties, turned)).toBe(true);
            expect(deepEquals(properties, { ...turned, extra: null })).toBe(true);
            expect(deepEquals(properties, { ...turned, extra: 1 })).toBe(false);
        }),
    );
    expect(deepEquals("s", secret("s"))).toBe(false);
});
