import * as pulumi from "@pulumi/pulumi";
import { isServer } from "./server";

/**
 * A value in the form the provider checks: servers by their addresses, and "given but undefined" kept apart from "not
 * given", since undefined values do not travel to the engine.
 *
 * @param nameOf how other objects are said, if they have a way to be.
 */
export function rawValue(value: unknown, nameOf: (value: unknown) => string | undefined): unknown {
    const name = nameOf(value);
    if (name !== undefined) return name;
    if (isServer(value)) return value.ownAddresses();
    // Called once the program has made the servers that it names.
    if (typeof value === "function") return pulumi.output(Promise.resolve().then(() => rawValue(value(), nameOf)));
    if (Array.isArray(value)) return value.flatMap((item) => rawValue(item, nameOf));
    if (isLater(value)) return pulumi.output(value as Promise<string>).apply((known) => rawValue(known, nameOf));
    return value ?? "";
}

export function isLater(value: unknown): value is Promise<string> | pulumi.Output<string> {
    return pulumi.Output.isInstance(value) || value instanceof Promise;
}
