import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startAgent, type Peer } from "./agent";
import { mustRun, runCommand } from "./command";
import { startHost, type HostOptions, type LabHost } from "./host";
import { assertLabNetwork } from "./network";
import { makeWorkFolder, startCleaner } from "./workFolder";

export interface LabOptions {
    /** 1 to 250, for 10.77.N.0/24 and fd77:N::/64; default: the first free one, so that labs side by side never meet. */
    readonly subnet?: number;
    /** Other networks, for example "192.0.2.0/24" and "2001:db8:5::/64". */
    readonly ipv4?: string;
    readonly ipv6?: string;
}

/** Some hosts on one network, and this process as the deployer that reaches them from .200. */
export interface Lab extends Peer {
    readonly deployer: { readonly ipv4: string; readonly ipv6: string };
    readonly knownHostsFile: string;
    readonly keyFile: string;
    /** Gives the deployer one more address to connect `from`; every host's default route leads back to it. */
    addAddress(address: string): Promise<void>;
    /** Starts a host; several may be started at once. */
    addHost(name: string, options?: HostOptions): Promise<LabHost>;
    /** Stops all hosts and removes everything the lab made. */
    close(): Promise<void>;
}

/** Opens a lab; the process must run in the lab's network (`node scripts/test.mjs`). */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
    assertLabNetwork();
    const given4 = options.ipv4 === undefined ? undefined : networkBase(options.ipv4, ".0/24", ".");
    const given6 = options.ipv6 === undefined ? undefined : networkBase(options.ipv6, "::/64", "::");
    const number = await claimBridge(options.subnet);
    const bridge = `vpsfw${number}`;
    const folder = makeWorkFolder();
    const clean = startCleaner(bridge, folder);
    const agent = startAgent();
    const started: Promise<LabHost>[] = [];
    let nextAddress = 10;
    let closed: Promise<void> | undefined;

    const net4 = given4 ?? `10.77.${number}.`;
    const net6 = given6 ?? `fd77:${number}::`;
    const deployer = { ipv4: `${net4}200`, ipv6: `${net6}200` };
    const keyFile = join(folder, "id_ed25519");
    const knownHostsFile = join(folder, "known_hosts");

    async function addHost(name: string, hostOptions: HostOptions): Promise<LabHost> {
        const address = nextAddress++;
        const host = await startHost(name, hostOptions, {
            folder,
            bridge,
            deadBridge: `${bridge}-off`,
            link: `${bridge}-${address}`,
            ipv4: hostOptions.ipv4 ?? `${net4}${address}`,
            ipv6: hostOptions.ipv6 ?? `${net6}${address}`,
            gateway4: deployer.ipv4,
            gateway6: deployer.ipv6,
            keyFile,
            knownHostsFile,
        });
        const names = [host.ipv4, host.ipv6].map((ip) => (host.port === 22 ? ip : `[${ip}]:${host.port}`)).join(",");
        appendFileSync(knownHostsFile, host.hostKeys.map((key) => `${names} ${key}\n`).join(""));
        return host;
    }

    async function close(): Promise<void> {
        const hosts = await Promise.allSettled(started);
        await Promise.all(hosts.map((host) => (host.status === "fulfilled" ? host.value.stop() : undefined)));
        await agent.close();
        await clean();
    }

    try {
        await mustRun(["ip", "-batch", "-"], {
            input: [
                // Else it has that of one of its hosts, and another one as they come and go: who asked before talks to nobody.
                `link set ${bridge} address 02:76:70:73:66:${number.toString(16).padStart(2, "0")}`,
                `link set ${bridge} type bridge mcast_snooping 0`,
                `addr add ${deployer.ipv4}/24 dev ${bridge}`,
                `addr add ${deployer.ipv6}/64 dev ${bridge} nodad`,
                `link set ${bridge} up`,
                `link add ${bridge}-off type bridge`,
            ].join("\n"),
        });
        writeFileSync(knownHostsFile, "");
        await mustRun(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", keyFile]);
    } catch (error) {
        await close();
        throw error;
    }
    return {
        ...agent.peer,
        deployer,
        knownHostsFile,
        keyFile,
        addAddress: async (address) => {
            const [prefix, flags] = address.includes(":") ? ["128", ["nodad"]] : ["32", []];
            await mustRun(["ip", "addr", "add", `${address}/${prefix}`, "dev", bridge, ...flags]);
        },
        addHost: (name, hostOptions = {}) => {
            const host = addHost(name, hostOptions);
            started.push(host);
            return host;
        },
        close: () => (closed ??= close()),
    };
}

/** Making the bridge is what claims its number: the kernel lets only one process have it. */
async function claimBridge(wanted: number | undefined): Promise<number> {
    const numbers = wanted === undefined ? Array.from({ length: 250 }, (_, index) => index + 1) : [wanted];
    for (const number of numbers) {
        const made = await runCommand(["ip", "link", "add", `vpsfw${number}`, "type", "bridge"]);
        if (made.code === 0) return number;
        if (!made.stderr.includes("File exists")) throw new Error(`no bridge for the lab: ${made.stderr.trim()}`);
    }
    throw new Error(wanted === undefined ? "no free lab subnet" : `lab subnet ${wanted} is in use`);
}

function networkBase(network: string, ending: string, joint: string): string {
    if (!network.endsWith(ending)) throw new Error(`a lab network ends with ${ending}, got ${network}`);
    return `${network.slice(0, -ending.length)}${joint}`;
}
