import { homedir } from "node:os";
import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { diagnostic, quote } from "../core/model/diagnostics";
import { parseAddressRange } from "../core/model/parseAddress";
import { type Credentials, lookUpHostKeys, preferredHostKey } from "../targets/ssh";

/** The connection type of `@pulumi/command`'s remote commands, so that one object serves both. */
export type Connection = types.input.remote.ConnectionArgs;

type Proxy = types.input.remote.ProxyConnectionArgs;

const CREDENTIALS = ["privateKey", "privateKeyPassword", "password", "agentSocketPath"] as const;
const KEY = ["privateKey", "privateKeyPassword"] as const;
const PLACE = ["host", "port", "user", "hostKey", "dialErrorLimit", "perDialTimeout"] as const;

type Field = (typeof CREDENTIALS)[number] | (typeof PLACE)[number];

/** Is it known by now, field by field? */
function isPlain<T extends object>(value: pulumi.Input<T>): value is T {
    return !pulumi.Output.isInstance(value) && !(value instanceof Promise);
}

/** One field of a connection, known as soon as it is known itself; undefined where the connection surely lacks it. */
function field(connection: pulumi.Input<Connection | Proxy>, name: Field): pulumi.Input<unknown> {
    if (isPlain(connection)) return connection[name];
    return pulumi.output(connection).apply((resolved) => resolved[name]);
}

/** The named fields that are given. */
function pick(
    connection: pulumi.Input<Connection | Proxy>,
    names: readonly Field[],
): Record<string, pulumi.Input<unknown>> {
    const given = names.map((name) => [name, field(connection, name)] as const);
    return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Something made of the jump host; undefined where the connection surely has none. */
function ofProxy(
    connection: pulumi.Input<Connection>,
    make: (proxy: pulumi.Input<Proxy>) => Record<string, pulumi.Input<unknown>>,
): pulumi.Input<Record<string, pulumi.Input<unknown>> | undefined> {
    const proxy = (isPlain(connection) ? connection.proxy : pulumi.output(connection).proxy) as
        pulumi.Input<Proxy> | undefined;
    if (proxy === undefined || isPlain(proxy)) return proxy && make(proxy);
    return pulumi.output(proxy).apply((resolved: Proxy | undefined) => resolved && make(resolved));
}

/** Where the host is and its jump host: nothing secret, each field known on its own. */
export function targetOf(connection: pulumi.Input<Connection>): Record<string, pulumi.Input<unknown>> {
    const proxy = ofProxy(connection, (jump) => pick(jump, PLACE));
    return { ...pick(connection, PLACE), ...(proxy !== undefined && { proxy }) };
}

/** The host of a connection as an address. A name is an error (VF044): `server` is what the message calls the host. */
export function addressOf(connection: pulumi.Input<Connection>, server: string): pulumi.Output<string> {
    return pulumi.output(field(connection, "host") as pulumi.Input<string>).apply((host) => {
        const parsed = parseAddressRange(host ?? "");
        if ("range" in parsed && parsed.range.first === parsed.range.last) return host;
        throw new pulumi.RunError(diagnostic("VF044", { name: quote(server), host: quote(host) }).message);
    });
}

/** What was passed to log in with, as one secret; undefined where nothing was. */
export function credentialsOf(connection: pulumi.Input<Connection>): pulumi.Output<Credentials> | undefined {
    const proxy = ofProxy(connection, (jump) => pick(jump, CREDENTIALS));
    const given = {
        ...pick(connection, CREDENTIALS),
        ...(proxy !== undefined && Object.keys(proxy).length > 0 && { proxy }),
    };
    if (Object.keys(given).length === 0) return undefined;
    return pulumi.secret(given) as pulumi.Output<Credentials>;
}

/**
 * The connection for a remote command: with the credentials that the ruleset would use, through the same jump host, and
 * always with host keys. Such a command reads no ssh_config, so it knows no ProxyJump of it.
 *
 * @param option whose command it is, for the error VF025 where no host key is known.
 */
export function commandConnection(connection: pulumi.Input<Connection>, option: string): pulumi.Input<Connection> {
    const config = new pulumi.Config("vps-firewall");
    const fromEnvironment = (name: string) => {
        const value = process.env[name];
        return value === undefined ? undefined : pulumi.secret(value);
    };
    const privateKey = config.getSecret("privateKey") ?? fromEnvironment("VPS_FIREWALL_PRIVATE_KEY");
    const password = config.getSecret("privateKeyPassword") ?? fromEnvironment("VPS_FIREWALL_PRIVATE_KEY_PASSWORD");
    const key = { ...(privateKey && { privateKey }), ...(password && { privateKeyPassword: password }) };
    const proxy = ofProxy(connection, (jump) => ({
        // As for the ruleset: a jump host without credentials of its own is logged in to with the key of the host.
        ...(Object.keys(pick(jump, CREDENTIALS)).length === 0 && { ...pick(connection, KEY), ...key }),
        ...pick(jump, [...PLACE, ...CREDENTIALS]),
        hostKey: hostKeyOf(jump, option),
    }));
    return {
        ...pick(connection, [...PLACE, ...CREDENTIALS]),
        ...key,
        ...(proxy !== undefined && { proxy: proxy as pulumi.Input<unknown> as pulumi.Input<Proxy> }),
        host: field(connection, "host") as pulumi.Input<string>,
        hostKey: hostKeyOf(connection, option),
    };
}

/** The host key that is passed, else one that known_hosts has: without one the command would not check at all. */
function hostKeyOf(place: pulumi.Input<Connection | Proxy>, option: string): pulumi.Output<string> {
    return pulumi
        .all([field(place, "host"), field(place, "port"), field(place, "hostKey")] as const)
        .apply(
            ([host, port, pinned]) =>
                (pinned as string) || knownHostKey(host as string, port as number | undefined, option),
        );
}

function knownHostKey(host: string, port: number | undefined, option: string): string {
    const known = preferredHostKey(lookUpHostKeys({ host, port }, { env: process.env, home: homedir() }));
    if (known !== undefined) return known;
    throw new pulumi.RunError(diagnostic("VF025", { host, option }).message);
}
