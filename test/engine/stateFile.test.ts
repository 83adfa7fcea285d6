import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { newCrypter, openCrypter } from "../../engine/secrets";
import { openSnapshot } from "../../engine/snapshot";
import type { ResourceState } from "../../engine/state";
import { openStateFile } from "../../engine/stateFile";
import { secret } from "../../engine/values";
import { anyProperties } from "./values.test";

function resource(name: string, rest: Partial<ResourceState> = {}): ResourceState {
    return {
        urn: `urn:pulumi:dev::p::t:index:T::${name}`,
        type: "t:index:T",
        custom: true,
        id: name,
        inputs: {},
        outputs: {},
        protect: false,
        dependencies: [],
        propertyDependencies: {},
        initErrors: [],
        additionalSecretOutputs: [],
        ignoreChanges: [],
        hideDiffs: [],
        customTimeouts: {},
        pendingDelete: false,
        pendingReplacement: false,
        ...rest,
    };
}

describe("the state file", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "engine-state-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    test("gives back what was written", () => {
        const file = openStateFile(join(folder, "round.json"), "p");
        fc.assert(
            fc.property(anyProperties, anyProperties, (inputs, outputs) => {
                const deployment = { resources: [resource("a", { inputs, outputs })], pendingOperations: [] };
                file.write(deployment);
                const [{ customTimeouts: _, ...read } = resource("none")] = file.read().resources;
                const { customTimeouts: _none, ...written } = deployment.resources[0] ?? resource("none");
                expect(read).toEqual(written);
            }),
            { numRuns: 30 },
        );
    });

    test("holds no secret in clear, and opens for its passphrase alone", () => {
        const path = join(folder, "dev.json");
        const inputs = { key: secret("SECRET-ONE"), deep: { list: [secret({ more: "SECRET-TWO" })] } };
        openStateFile(path, "right").write({ resources: [resource("a", { inputs })], pendingOperations: [] });
        const text = readFileSync(path, "utf8");
        expect(text).not.toMatch(/SECRET-/);
        expect(text).not.toContain(Buffer.from("SECRET-ONE").toString("base64"));
        expect(openStateFile(path, "right").read().resources[0]?.inputs).toEqual(inputs);
        expect(() => openStateFile(path, "wrong")).toThrow("incorrect passphrase");
    });
});

test("a crypter reads what one of the same passphrase and salt wrote, and notices any change", () => {
    const first = newCrypter("p");
    const second = openCrypter("p", first.salt);
    fc.assert(
        fc.property(fc.string(), (text) => {
            const sealed = first.encrypt(text);
            expect(second.decrypt(sealed)).toBe(text);
            const [version, nonce, body = ""] = sealed.split(":");
            const bytes = Buffer.from(body, "base64");
            bytes[0] = (bytes[0] ?? 0) ^ 1;
            expect(() => second.decrypt(`${version}:${nonce}:${bytes.toString("base64")}`)).toThrow();
        }),
    );
    expect(first.encrypt("same")).not.toBe(first.encrypt("same"));
});

describe("the snapshot", () => {
    test("keeps what a failed operation found, and forgets that it was begun", () => {
        const old = resource("a");
        const snapshot = openSnapshot({ resources: [old], pendingOperations: [] });
        snapshot.begin(old, "updating");
        expect(snapshot.current().pendingOperations).toHaveLength(1);
        snapshot.end(old, {});
        expect(snapshot.current()).toEqual({ resources: [old], pendingOperations: [] });
    });

    test("stands every resource after what it depends on", () => {
        const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { minLength: 1 });
        fc.assert(
            fc.property(names, fc.infiniteStream(fc.boolean()), (order, depends) => {
                const coin = (): boolean => depends.next().value === true;
                const resources = order.map((name, index) =>
                    resource(name, {
                        dependencies: order
                            .slice(0, index)
                            .filter(coin)
                            .map((other) => resource(other).urn),
                    }),
                );
                const { resources: sorted } = openSnapshot({
                    resources: [...resources].reverse(),
                    pendingOperations: [],
                }).current();
                expect(sorted).toHaveLength(resources.length);
                sorted.forEach(({ dependencies }, index) => {
                    const before = sorted.slice(0, index).map(({ urn }) => urn);
                    expect(before).toEqual(expect.arrayContaining([...dependencies]));
                });
            }),
        );
    });
});
