import type { StoredPolicy } from "../core/model/storedPolicy";

/** The resource that holds the rules of one server, in states and previews. */
export const RULESET_TYPE = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";

/** The same at a panel. */
export const RULESET_TYPES: readonly string[] = [RULESET_TYPE, "pulumi-nodejs:dynamic/vpsfw:NetcupRuleset"];

/** How the engine marks a value as secret, in states and previews. */
const SECRET = "4dabf18193072939515e22adb298388d";

const FIELDS = ["rules", "sets", "__sets", "templates", "order", "defaults", "forward", "enabled"];

/** The rules among the inputs of such a resource. `name`: as it is called in errors. */
export function storedIn(inputs: Readonly<Record<string, unknown>>, name: string): StoredPolicy {
    const plain = FIELDS.flatMap((field) => {
        const value = inputs[field];
        if (value === undefined) return [];
        return [[field, shownValue(value, `${field} of ${name}`)] as const];
    });
    return Object.fromEntries(plain) as unknown as StoredPolicy;
}

/** A value without the mark of a secret; one that is not shown is an error. */
export function shownValue(value: unknown, what: string): unknown {
    if (Array.isArray(value)) return value.map((item) => shownValue(item, what));
    if (typeof value !== "object" || value === null) {
        if (value === "[secret]") throw new Error(`${what} is a secret: show secrets when you export`);
        return value;
    }
    if (SECRET in value) {
        const { plaintext } = value as { plaintext?: string };
        if (plaintext === undefined)
            throw new Error(`${what} is encrypted: use pulumi stack export --show-secrets, or preview --show-secrets`);
        return shownValue(JSON.parse(plaintext), what);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownValue(item, what)]));
}

/** The last part of a URN. */
export function nameIn(urn: string): string {
    return urn.split("::").at(-1) ?? "";
}
