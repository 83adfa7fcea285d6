import * as fc from "fast-check";
import { detailedDiffOf, diffProperties, invertDiff, objectDiffOf } from "../../engine/diff";
import { formatPath, parsePath, pathContains } from "../../engine/propertyPath";
import type { PropertyPath } from "../../engine/propertyPath";
import { deepEquals, isList, isPlainObject } from "../../engine/values";
import type { Properties, Value } from "../../engine/values";
import { anyProperties } from "./values.test";

const changes = (old: Properties, now: Properties): ReturnType<typeof detailedDiffOf> =>
    detailedDiffOf(diffProperties(old, now));

function at(value: Value | undefined, path: PropertyPath): Value | undefined {
    return path.reduce<Value | undefined>((inner, key) => {
        if (isList(inner)) {
            return inner[Number(key)];
        }
        return isPlainObject(inner) ? inner[String(key)] : undefined;
    }, value);
}

test("there is a difference exactly where two maps are not equal", () => {
    fc.assert(
        fc.property(anyProperties, anyProperties, (old, now) => {
            expect(diffProperties(old, now) === undefined).toBe(deepEquals(old, now));
            expect(diffProperties(old, old)).toBeUndefined();
        }),
    );
});

test("every path of a difference names a value that is added, removed or changed", () => {
    fc.assert(
        fc.property(anyProperties, anyProperties, (old, now) => {
            for (const { path, kind } of changes(old, now)) {
                const [before, after] = [at(old, path), at(now, path)];
                const gone = (value: Value | undefined): boolean => (value ?? null) === null;
                expect({ path, add: kind === "add", delete: kind === "delete" }).toEqual({
                    path,
                    add: gone(before) && !(before === null && after === undefined),
                    delete: gone(after) && !(after === null && before === undefined),
                });
                expect(kind === "update" && deepEquals(before, after)).toBe(false);
            }
        }),
        { numRuns: 300 },
    );
});

test("seen from the other side, what was added is removed", () => {
    fc.assert(
        fc.property(anyProperties, anyProperties, (old, now) => {
            const sorted = (diff: ReturnType<typeof changes>): string[] =>
                diff.map(({ path, kind }) => `${formatPath(path)} ${kind}`).sort();
            expect(sorted(invertDiff(changes(old, now)))).toEqual(sorted(changes(now, old)));
        }),
    );
});

test("the paths of a difference hold all of it", () => {
    fc.assert(
        fc.property(anyProperties, anyProperties, (old, now) => {
            const rebuilt = objectDiffOf(changes(old, now), old, {}, now);
            expect(
                detailedDiffOf(rebuilt)
                    .map(({ path }) => formatPath(path))
                    .sort(),
            ).toEqual(
                changes(old, now)
                    .map(({ path }) => formatPath(path))
                    .sort(),
            );
        }),
    );
});

test("maps differ by key, lists by position", () => {
    expect(
        changes(
            { rules: { "web/ssh": "a", "web/db": "b" }, ports: [22, 80] },
            { rules: { "web/https": "c", "web/ssh": "a2" }, ports: [443, 22, 80] },
        ).map(({ path, kind }) => [formatPath(path), kind]),
    ).toEqual([
        ['rules["web/ssh"]', "update"],
        ['rules["web/https"]', "add"],
        ['rules["web/db"]', "delete"],
        ["ports[0]", "update"],
        ["ports[1]", "update"],
        ["ports[2]", "add"],
    ]);
});

test("a path reads back as it was written", () => {
    const element = fc.oneof(
        fc.nat(50),
        fc.constantFrom("rules", "web/ssh", "a.b", 'say "yes"', "x[0]", "ingress tcp 22"),
    );
    fc.assert(
        fc.property(fc.array(element, { minLength: 1, maxLength: 5 }), (path) => {
            expect(parsePath(formatPath(path))).toEqual(path);
        }),
    );
    expect(formatPath(["exposure", "ingress tcp 22", 0])).toBe('exposure["ingress tcp 22"][0]');
});

test("a pattern contains what it names and all inside", () => {
    expect(pathContains(parsePath("triggers[*]"), ["triggers", 3])).toBe(true);
    expect(pathContains(parsePath("triggers[*]"), ["triggers"])).toBe(false);
    expect(pathContains(parsePath("rules"), ["rules", "web/ssh"])).toBe(true);
    expect(pathContains(parsePath("rules.a"), ["rules", "b"])).toBe(false);
});
