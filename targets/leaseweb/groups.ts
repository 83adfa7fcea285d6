import { z } from "zod";
import { allPages, left } from "../http";
import { call, type LeasewebAccount } from "./account";
import * as answers from "./answers";
import type { SecurityGroup } from "./answers";
import type { CallOptions } from "./options";

const PATH = "/publicCloud/v1/securityGroups";

export const groupPath = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

/** All security groups of the account. */
export function listGroups(account: LeasewebAccount, options: CallOptions = {}): Promise<readonly SecurityGroup[]> {
    return pagesOf(account, PATH, left.unchanged, options);
}

/** Those that an instance is in. `leaves` as in a call. */
export function groupsOfInstance(
    account: LeasewebAccount,
    instance: string,
    { leaves = left.unchanged, ...options }: CallOptions & { readonly leaves?: string } = {},
): Promise<readonly SecurityGroup[]> {
    return pagesOf(account, `${instancePath(instance)}/securityGroups`, leaves, options);
}

/** Undefined: there is none. */
export async function findGroup(
    account: LeasewebAccount,
    id: string,
    { signal, leaves }: CallOptions & { readonly leaves?: string } = {},
): Promise<SecurityGroup | undefined> {
    const gone = new Error("gone");
    const refusal = ({ status }: { status: number }) => (status === 404 ? gone : undefined);
    const wanted = { method: "GET", path: groupPath(id), answer: answers.group, leaves, refusal } as const;
    return call(account, wanted, signal).catch((error: unknown) => {
        if (error === gone) return undefined;
        throw error;
    });
}

/**
 * Makes a group without rules; it does nothing until an instance is in it. Where no answer comes, the group that is there
 * then and was not before is the one.
 */
export async function createGroup(
    account: LeasewebAccount,
    name: string,
    options: CallOptions = {},
): Promise<SecurityGroup> {
    const before = new Set((await listGroups(account, options)).map(({ id }) => id));
    const wanted = { method: "POST", path: PATH, body: { name }, answer: answers.group, repeatable: false } as const;
    return call(account, wanted, options.signal).catch(async (error: unknown) => {
        if (!(error instanceof Error) || !error.message.includes(left.unknown)) throw error;
        const fresh = (await listGroups(account, options)).filter((own) => own.name === name && !before.has(own.id));
        if (fresh.length === 1) return fresh[0]!;
        throw error;
    });
}

export function renameGroup(
    account: LeasewebAccount,
    id: string,
    name: string,
    { signal }: CallOptions = {},
): Promise<SecurityGroup> {
    return call(account, { method: "PUT", path: groupPath(id), body: { name }, answer: answers.group }, signal);
}

/** Deletes a group that no instance is in. One that is gone already was deleted. */
export async function deleteGroup(account: LeasewebAccount, id: string, { signal }: CallOptions = {}): Promise<void> {
    const gone = new Error("gone");
    const refusal = ({ status }: { status: number }) => (status === 404 ? gone : undefined);
    const wanted = { method: "DELETE", path: groupPath(id), answer: z.unknown(), refusal } as const;
    await call(account, wanted, signal).catch((error: unknown) => {
        if (error !== gone) throw error;
    });
}

/** Puts an instance into groups; it takes effect some time after. Again does no harm. */
export function attachGroups(
    account: LeasewebAccount,
    instance: string,
    groups: readonly string[],
    options: CallOptions = {},
): Promise<unknown> {
    return changeGroups(account, instance, "attachSecurityGroups", groups, options);
}

/** Takes an instance out of groups; it takes effect some time after. */
export function detachGroups(
    account: LeasewebAccount,
    instance: string,
    groups: readonly string[],
    options: CallOptions = {},
): Promise<unknown> {
    return changeGroups(account, instance, "detachSecurityGroups", groups, options);
}

function changeGroups(
    account: LeasewebAccount,
    instance: string,
    what: "attachSecurityGroups" | "detachSecurityGroups",
    securityGroupIds: readonly string[],
    { signal }: CallOptions,
): Promise<unknown> {
    const path = `${instancePath(instance)}/${what}`;
    return call(account, { method: "POST", path, body: { securityGroupIds }, answer: z.unknown() }, signal);
}

const instancePath = (id: string) => `/publicCloud/v1/instances/${encodeURIComponent(id)}`;

function pagesOf(account: LeasewebAccount, path: string, leaves: string, { signal }: CallOptions) {
    return allPages(
        async (page) => {
            const wanted = { method: "GET", path, query: page, answer: answers.groups, leaves } as const;
            return (await call(account, wanted, signal)).securityGroups;
        },
        ({ id }) => id,
    );
}
