import { readFileSync } from "node:fs";
import type { LabHost } from "../../lab";
import { openWorld } from "../../host/world";
import type { Operation, Story } from "./scenario";

// The stories on real hosts of the lab, with the library as a user has it.

/** An operation whose program is made for the hosts of the story. */
interface FirewallOperation extends Omit<Operation, "before"> {
    /** The program from here on. */
    readonly program?: (hosts: readonly LabHost[]) => string;
    /** What happens on the first host. */
    readonly host?: (host: LabHost) => Promise<unknown>;
    /** What happens on all hosts. */
    readonly hosts?: (hosts: readonly LabHost[]) => Promise<unknown>;
}

interface Rules {
    readonly [name: string]: string;
}

const ssh = "accept tcp from anywhere to port 22";
const https = "accept tcp from anywhere to port 443";
const metrics = "accept tcp from 198.51.100.0/24 to port 9100";
const scanners = "drop any from 203.0.113.0/24";

/** All hosts under one template. */
const template =
    (rules: Rules, more = "", options = "") =>
    (hosts: readonly LabHost[]): string => `
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
import * as fs from "node:fs";
const web = new FirewallTemplate("web", { rules: ${JSON.stringify(rules)} });
for (const host of ${JSON.stringify(hosts.map(({ ipv4 }) => ipv4))}) {
    const connection = { host, user: "root", dialErrorLimit: 1, perDialTimeout: 3, ${more.replace("KEYFILE", JSON.stringify(hosts[0]?.keyFile))} };
    new HostFirewall(host, { connection, templates: [web], confirmSeconds: 15, ${options} });
}
void fs;
`;

const forget = 'onUnreachable: "forget"';

/** A server that is made in the same run: its address is an output, so a preview does not know it. */
const newServer = (rules: Rules) => (): string => `
import { local } from "@pulumi/command";
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const address = new local.Command("server", { create: "echo 192.0.2.10" }).stdout;
const own = { service: "http", from: address };
const web = new FirewallTemplate("web", { rules: { ...${JSON.stringify(rules)}, own } });
new HostFirewall("web-1", { connection: { host: address, user: "root" }, templates: [web], confirmSeconds: 15 });
`;

/**
 * Two servers, each made in the same run with its firewall; the second firewall stands below a component of the user's,
 * which has it from there that it goes with the server.
 */
const servers = (names: readonly string[]) => (): string => `
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ssh: "${ssh}" } });
class Server extends pulumi.ComponentResource {
    constructor(name: string, args: ConstructorParameters<typeof HostFirewall>[1], opts: pulumi.ComponentResourceOptions) {
        super("test:index:Server", name, {}, opts);
        new HostFirewall(name, args, { parent: this });
        this.registerOutputs({});
    }
}
for (const [index, name] of ${JSON.stringify(names)}.entries()) {
    const address = \`192.0.2.1\${index}\`;
    const server = new local.Command(\`\${name}-server\`, { create: \`echo \${address}\` });
    const connection = { host: server.stdout, user: "root", dialErrorLimit: 1, perDialTimeout: 5 };
    const args = { connection, templates: [web], confirmSeconds: 15 };
    if (index === 0) new HostFirewall(name, args, { deletedWith: server });
    else new Server(name, args, { deletedWith: server });
}
`;

// Made anew for every apply and every host, or a text of the library that may get better.
const varyingProperties = ["machineId", "resourceId", "applyId", "pinnedHostKey", "filter", "base"];

function story(name: string, hostCount: number, operations: readonly FirewallOperation[]): Story {
    return {
        name: `firewall ${name}`,
        begin: async () => {
            const world = await openWorld({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
            const names = Array.from({ length: hostCount }, (_, index) => index);
            const hosts = await Promise.all(
                names.map((index) =>
                    world.lab.addHost(`web${index}`, {
                        ipv4: `192.0.2.1${index}`,
                        ipv6: `2001:db8:5::1${index}`,
                    }),
                ),
            );
            const [first] = hosts;
            return {
                stack: world.stackOptions(),
                varying: { "<dir>": world.folder, "<key>": readFileSync(world.lab.keyFile, "utf8").trim() },
                varyingProperties,
                operations: operations.map(({ program, host, hosts: onHosts, ...operation }) => ({
                    ...operation,
                    before: async () => {
                        if (program) {
                            world.write(program(hosts));
                        }
                        if (host && first) {
                            await host(first);
                        }
                        await onHosts?.(hosts);
                    },
                })),
                close: () => world.close(),
            };
        },
    };
}

const byHand = (host: LabHost): Promise<unknown> =>
    host.run("nft insert rule inet vps_firewall input tcp dport 3306 accept");

export const firewallStories: readonly Story[] = [
    story("rules", 2, [
        { name: "create, two hosts with one template", run: "up", program: template({ ssh, scanners }) },
        { name: "nothing to do", run: "up" },
        {
            name: "one rule changed",
            run: "up",
            program: template({ ssh: "accept tcp from 192.0.2.0/24 to port 22", scanners }),
        },
        { name: "rule added", run: "up", program: template({ ssh, scanners, metrics }) },
        { name: "rule renamed", run: "up", program: template({ ssh, scanners, exporter: metrics }) },
        { name: "rule removed", run: "up", program: template({ ssh, https }) },
        { name: "destroy", run: "destroy" },
    ]),
    story("drift", 1, [
        { name: "create", run: "up", program: template({ ssh }) },
        { name: "drift seen", run: "preview", refresh: true, host: byHand },
        { name: "drift healed", run: "up", refresh: true },
        { name: "drift taken into the state", run: "refresh", host: byHand },
        { name: "drift in the state healed", run: "up" },
        {
            name: "table removed by hand",
            run: "refresh",
            host: (host) => host.run("nft delete table inet vps_firewall"),
        },
        { name: "made again", run: "up" },
    ]),
    story("failures", 1, [
        { name: "create fails", run: "up", program: template({ https }), fails: true },
        { name: "create goes through", run: "up", program: template({ ssh, https }) },
        { name: "update fails", run: "up", program: template({ https }), fails: true },
        { name: "the state is what the host runs", run: "refresh" },
        { name: "bad input", run: "preview", program: template({ ssh: "allow everything" }), fails: true },
        { name: "host unknown", run: "refresh", host: (host) => host.stop(), fails: true },
        { name: "delete fails", run: "destroy", fails: true },
    ]),
    story("secrets", 1, [
        {
            name: "create with a key in the connection",
            run: "up",
            program: template({ ssh }, 'privateKey: fs.readFileSync(KEYFILE, "utf8")'),
        },
        {
            name: "changed beside the key",
            run: "up",
            program: template({ ssh, https }, 'privateKey: fs.readFileSync(KEYFILE, "utf8")'),
        },
        { name: "refresh", run: "refresh" },
        { name: "key taken away", run: "up", program: template({ ssh, https }) },
    ]),
    story("unknowns", 1, [
        { name: "preview of a host that is not there yet", run: "preview", program: newServer({ ssh }) },
        { name: "create, with the address known", run: "up" },
        { name: "nothing to do", run: "up" },
        { name: "rule added", run: "up", program: newServer({ ssh, https }) },
    ]),
    story("servers", 2, [
        { name: "create, each to be deleted with its server", run: "up", program: servers(["web-1", "web-2"]) },
        {
            name: "servers that are gone are not asked when they are taken out of the program",
            run: "up",
            program: servers([]),
            hosts: (hosts) => Promise.all(hosts.map((host) => host.stop())),
        },
    ]),
    story("unreachable", 1, [
        { name: "create", run: "up", program: template({ ssh }) },
        {
            name: "the option can be set without the host",
            run: "up",
            program: template({ ssh }, "", forget),
            host: (host) => host.run('kill "$(cat /run/sshd.pid)"'),
        },
        { name: "a refresh keeps what it knows", run: "refresh" },
        { name: "a destroy forgets", run: "destroy" },
    ]),
];
