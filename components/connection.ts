import { homedir } from "node:os";
import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { diagnostic } from "../core/model/diagnostics";
import { type Credentials, lookUpHostKeys, preferredHostKey } from "../targets/ssh";

/** The connection type of `@pulumi/command`'s remote commands, so that one object serves both. */
export type Connection = types.input.remote.ConnectionArgs;

const CREDENTIALS = ["privateKey", "privateKeyPassword", "password", "agentSocketPath"] as const;
const PLACE = ["host", "port", "user", "hostKey", "dialErrorLimit", "perDialTimeout"] as const;

type Field = (typeof CREDENTIALS)[number] | (typeof PLACE)[number] | "proxy";

/** One field of a connection, known as soon as it is known itself; undefined where the connection surely lacks it. */
function field(connection: pulumi.Input<Connection>, name: Field): pulumi.Input<unknown> {
    if (pulumi.Output.isInstance(connection) || connection instanceof Promise)
        return pulumi.output(connection).apply((resolved) => resolved[name]);
    return connection[name];
}

/** The named fields that are given. */
function pick(connection: pulumi.Input<Connection>, names: readonly Field[]): Record<string, pulumi.Input<unknown>> {
    const given = names.map((name) => [name, field(connection, name)] as const);
    return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Where the host is: nothing secret, each field known on its own. */
export function targetOf(connection: pulumi.Input<Connection>): Record<string, pulumi.Input<unknown>> {
    const proxy = field(connection, "proxy");
    // A jump host is refused by the check; its credentials must not travel there.
    return { ...pick(connection, PLACE), ...(proxy !== undefined && { proxy: pulumi.output(proxy).apply(Boolean) }) };
}

/** What was passed to log in with, as one secret; undefined where nothing was. */
export function credentialsOf(connection: pulumi.Input<Connection>): pulumi.Output<Credentials> | undefined {
    const given = pick(connection, CREDENTIALS);
    if (Object.keys(given).length === 0) return undefined;
    return pulumi.secret(given) as pulumi.Output<Credentials>;
}

/**
 * The connection for a remote command: with the credentials that the ruleset would use, and always with a host key.
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
    const host = field(connection, "host") as pulumi.Input<string>;
    const hostKey = pulumi
        .all([host, field(connection, "port"), field(connection, "hostKey")])
        .apply(([name, port, pinned]) => (pinned as string) || knownHostKey(name, port as number | undefined, option));
    return {
        ...pick(connection, [...PLACE, ...CREDENTIALS, "proxy"]),
        ...(privateKey && { privateKey }),
        ...(password && { privateKeyPassword: password }),
        host,
        hostKey,
    };
}

function knownHostKey(host: string, port: number | undefined, option: string): string {
    const known = preferredHostKey(lookUpHostKeys({ host, port }, { env: process.env, home: homedir() }));
    if (known !== undefined) return known;
    throw new pulumi.RunError(diagnostic("VF025", { host, option }).message);
}
