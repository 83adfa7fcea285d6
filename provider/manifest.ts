import { z } from "zod";
import { isName } from "../core/model/names";
import { parseRule } from "../core/model/parseRule";
import { policyOf, type StoredPolicy } from "../core/model/storedPolicy";

/** What an apply leaves on the host beside the ruleset, in clear: whose it is and what it says. */
export interface Manifest {
    readonly rulesFormat: 1;
    /** Organisation, project and stack. */
    readonly owner: string;
    readonly resource: string;
    /** The address by which it was reached. */
    readonly host?: string | undefined;
    readonly policy: StoredPolicy;
}

const action = z.enum(["accept", "drop"]);
const key = z.string().refine((text) => text.split("/").length === 2 && text.split("/").every(isName));
const setName = z.string().refine((text) => text.split("/").every(isName));
const line = z.string().refine((text) => "rule" in parseRule(text));
const printableText = z.string().regex(/^[\x20-\x7e]*$/);
const storedSet = z.union([
    z.strictObject({ count: z.number(), digest: printableText }),
    z.record(printableText, z.literal(true)),
]);

const manifest = z.object({
    rulesFormat: z.literal(1),
    owner: printableText.max(300),
    resource: z.uuid(),
    host: printableText.max(300).optional(),
    policy: z.object({
        rules: z.record(key, line),
        sets: z.record(setName, storedSet).optional(),
        __sets: z
            .record(
                setName,
                z.array(z.string()).transform((lines) => lines.join("\n")),
            )
            .optional(),
        templates: printableText.optional(),
        order: printableText.optional(),
        defaults: z.object({ ingress: action, egress: action }),
        forward: z.literal("containers").optional(),
        enabled: z.enum(["on", "off"]).optional(),
    }),
});

const head = manifest.extend({ policy: manifest.shape.policy.pick({ rules: true }) });

/** As a host keeps it: the entries of large sets a line each, so that a change of a few is sent as these lines. */
export function writeManifest({ policy: { __sets, ...policy }, ...manifest }: Manifest): object {
    const lines = Object.entries(__sets ?? {}).map(([name, text]) => [name, text.split("\n")]);
    return { ...manifest, policy: { ...policy, ...(__sets && { __sets: Object.fromEntries(lines) }) } };
}

/** A manifest as a host gives it back. A host may lie: what is not one, in every line, counts as none. */
export function readManifest(value: unknown): Manifest | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    if (!known.has(value)) known.set(value, parse(value));
    return known.get(value);
}

/** Whose a manifest is and how many rules it has, also where the entries of its large sets were left out. */
export function headOf(value: unknown): ManifestHead | undefined {
    const { success, data } = head.safeParse(value);
    if (!success) return undefined;
    const { owner, resource, host, policy } = data;
    return { owner, resource, rules: Object.keys(policy.rules).length, ...(host !== undefined && { host }) };
}

export interface ManifestHead extends Pick<Manifest, "owner" | "resource" | "host"> {
    readonly rules: number;
}

/** One operation asks several times, and a large set takes its time. */
const known = new WeakMap<object, Manifest | undefined>();

function parse(value: object): Manifest | undefined {
    const { success, data } = manifest.safeParse(value);
    if (!success) return undefined;
    try {
        // Entries that are no addresses, or that are missing.
        policyOf(data.policy as StoredPolicy);
        return data as Manifest;
    } catch {
        return undefined;
    }
}
