/**
 * The tables that Docker 29 writes with `--firewall-backend=nftables`: its own chains, maps and rules, in its order, written here
 * by hand from what its source says (daemon/libnetwork/drivers/bridge/internal/nftabler of moby, August 2026), with the userland
 * proxy on, as it is by default. No release of Debian has a Docker that can do it.
 */
export interface Bridge {
    readonly name: string;
    /** Of the family of the table. */
    readonly subnet: string;
    readonly containers: readonly Container[];
}

export interface Container {
    readonly address: string;
    readonly published: readonly PublishedPort[];
}

export interface PublishedPort {
    readonly protocol?: "tcp" | "udp";
    readonly port: number;
    readonly containerPort: number;
    /** `-p 127.0.0.1:8080:80` */
    readonly on?: string;
}

/** `direct`: what a daemon writes that was started with `--allow-direct-routing`. */
export function dockerBridges(family: "ip" | "ip6", bridges: readonly Bridge[], direct = false): string {
    const jumps = (map: string, chain: string) => [
        `map ${map} {`,
        "    type ifname : verdict",
        ...(bridges.length > 0
            ? [`    elements = { ${bridges.map(({ name }) => `"${name}" : jump ${chain}__${name}`).join(", ")} }`]
            : []),
        "}",
    ];
    const loopback = family === "ip" ? "ip daddr != 127.0.0.0/8" : "ip6 daddr != ::1";
    const containers = bridges.flatMap(({ name, containers }) =>
        containers.map((container) => ({ ...container, bridge: name })),
    );
    const ports = containers.flatMap(({ published, ...of }) => published.map((port) => ({ ...of, ...port })));
    return [
        `table ${family} docker-bridges {`,
        ...jumps("filter-forward-in-jumps", "filter-forward-in"),
        ...jumps("filter-forward-out-jumps", "filter-forward-out"),
        ...jumps("nat-postrouting-out-jumps", "nat-postrouting-out"),
        ...jumps("nat-postrouting-in-jumps", "nat-postrouting-in"),
        ...chain("filter-FORWARD", [
            "type filter hook forward priority 0; policy accept;",
            "oifname vmap @filter-forward-in-jumps",
            "iifname vmap @filter-forward-out-jumps",
        ]),
        ...chain("nat-POSTROUTING", [
            "type nat hook postrouting priority 100; policy accept;",
            "iifname vmap @nat-postrouting-out-jumps",
            "oifname vmap @nat-postrouting-in-jumps",
        ]),
        ...chain(
            "nat-prerouting-and-output",
            ports.map(({ bridge, address, protocol = "tcp", port, containerPort, on }) =>
                [
                    `iifname != "${bridge}"`,
                    ...(family === "ip6" ? ["ip6 saddr != fe80::/10"] : []),
                    ...(on === undefined ? [] : [`${family} daddr ${on}`]),
                    `${protocol} dport ${port} counter dnat to ${inBrackets(address)}:${containerPort} comment "DNAT"`,
                ].join(" "),
            ),
        ),
        ...chain("nat-PREROUTING", [
            "type nat hook prerouting priority -100; policy accept;",
            "fib daddr type local counter jump nat-prerouting-and-output",
        ]),
        ...chain("nat-OUTPUT", [
            "type nat hook output priority -100; policy accept;",
            `${loopback} fib daddr type local counter jump nat-prerouting-and-output`,
        ]),
        ...chain("raw-PREROUTING", [
            "type filter hook prerouting priority -300; policy accept;",
            ...(direct
                ? []
                : containers.map(
                      ({ bridge, address }) =>
                          `${family} daddr ${address} iifname != "${bridge}" counter drop comment "DROP DIRECT ACCESS"`,
                  )),
            ...ports.flatMap(({ protocol = "tcp", port, on }) =>
                on === undefined || family === "ip6"
                    ? []
                    : [
                          `iifname != "lo" ip daddr ${on} ${protocol} dport ${port} counter drop comment "DROP REMOTE LOOPBACK"`,
                      ],
            ),
        ]),
        ...bridges.flatMap((bridge) => ofBridge(family, bridge)),
        "}",
        "",
    ].join("\n");
}

function ofBridge(family: string, { name, subnet, containers }: Bridge): string[] {
    const accepted = containers.flatMap(({ address, published }) =>
        published.map(
            ({ protocol = "tcp", containerPort }) =>
                `${family} daddr ${address} ${protocol} dport ${containerPort} counter accept`,
        ),
    );
    return [
        ...chain(`filter-forward-in__${name}`, [
            "ct state established,related counter accept",
            `iifname "${name}" counter accept comment "ICC"`,
            ...new Set(accepted),
            'counter drop comment "UNPUBLISHED PORT DROP"',
        ]),
        ...chain(`filter-forward-out__${name}`, [
            "ct state established,related counter accept",
            'counter accept comment "OUTGOING"',
        ]),
        ...chain(`nat-postrouting-in__${name}`, []),
        ...chain(`nat-postrouting-out__${name}`, [
            `oifname != "${name}" ${family} saddr ${subnet} counter masquerade comment "MASQUERADE"`,
        ]),
    ];
}

function chain(name: string, lines: readonly string[]): string[] {
    return [`chain ${name} {`, ...lines.map((line) => `    ${line}`), "}"];
}

function inBrackets(address: string): string {
    return address.includes(":") ? `[${address}]` : address;
}
