import * as pulumi from "@pulumi/pulumi";

/** Who claimed which host, for each run of a program; several runs can share a process. */
const claims = new WeakMap<object, Map<string, string>>();
const outsideOfAnyStack = {};

/** Claims a host and port for a resource; the name of the one that has it already, or undefined. */
export function claimTarget(target: string, resource: string): string | undefined {
    const run = pulumi.runtime.getStackResource() ?? outsideOfAnyStack;
    const targets = claims.get(run) ?? new Map<string, string>();
    claims.set(run, targets);
    const holder = targets.get(target);
    if (holder === undefined) targets.set(target, resource);
    return holder === resource ? undefined : holder;
}
