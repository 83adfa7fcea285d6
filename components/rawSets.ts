import * as pulumi from "@pulumi/pulumi";
import { diagnostic, quote } from "../core/model/diagnostics";
import type { AddressSet } from "./addressSet";

/**
 * Sets, and those that they are made of, in the form the provider checks: each value of its own, so that one which is not
 * known yet hides no other.
 */
export function rawSets(sets: readonly AddressSet[]): Record<string, unknown> {
    const found = new Map<string, AddressSet>();
    const add = (set: AddressSet) => {
        const other = found.get(set.setName);
        if (other === set) return;
        if (other) {
            const twice = { kind: "address sets", value: quote(set.setName) };
            throw new pulumi.RunError(diagnostic("VF022", twice).message);
        }
        found.set(set.setName, set);
        set.parts.forEach(add);
    };
    sets.forEach(add);
    return Object.fromEntries([...found].map(([name, { raw }]) => [name, raw]));
}
