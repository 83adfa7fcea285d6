import { describeLab, type Lab, openLab } from "../lab";
import { sideBySide } from "../support/sideBySide";
import { openDeployment } from "./deployment";

// A machine without the userlands makes them first.
jest.setTimeout(600_000);

const STRANGER = { ipv4: "203.0.113.9", ipv6: "2001:db8:77::9" };
/** Bookworm is what all other tests run on. */
const RELEASES = [
    ["bullseye", "nftables 0.9.8", "iptables 1.8.7"],
    ["trixie", "nftables 1.1.3", "iptables 1.8.11"],
    ["forky", "nftables 1.1.7", "iptables 1.8.13"],
] as const;

/** More than 50 of one direction, which nftables has in sets. */
const many = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [
        `app${i}`,
        `accept tcp from 198.51.100.${i}, 2001:db8:${i + 1}::/48 to port ${9000 + i}`,
    ]),
);
const RULES = {
    ssh: "accept tcp from anywhere to port 22",
    scan: "drop any from 203.0.113.0/28",
    web: "accept tcp from anywhere to port 80, 443",
    ping: { service: "ping", limit: "10/second burst 20" },
    dns: "accept tcp + udp from 2001:db8:77::/64, 203.0.113.0/24 to port 53",
};

describeLab("Debian's releases, with systemd", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await openLab();
        for (const address of [STRANGER.ipv4, STRANGER.ipv6, "203.0.113.20"]) await lab.addAddress(address);
    });
    afterAll(() => lab.close());

    sideBySide(
        Object.fromEntries(
            RELEASES.flatMap(([release, nft, iptables]) =>
                ([nft, iptables] as const).map((filter): [string, () => Promise<void>] => [
                    `${release}: an apply, a change, a reboot and a destroy with ${filter}`,
                    () => isManaged(release, filter),
                ]),
            ),
        ),
    );

    async function isManaged(userland: (typeof RELEASES)[number][0], filter: string): Promise<void> {
        const backend = filter.startsWith("nft") ? "nftables" : "iptables";
        const host = await lab.addHost(`${userland}-${backend}`, { kind: "systemd", userland });
        const listen = () => Promise.all([80, 3306, 9007].map((port) => host.listen(port)));
        await listen();
        const reached = () =>
            Promise.all(
                (
                    [
                        [host.ipv4, 80, STRANGER.ipv4],
                        [host.ipv4, 80, "203.0.113.20"],
                        [host.ipv6, 80, STRANGER.ipv6],
                        [host.ipv6, 3306, STRANGER.ipv6],
                        [host.ipv4, 9007, "203.0.113.20"],
                    ] as const
                ).map(([to, port, from]) => lab.connect({ to, port, from })),
            );
        expect(await reached()).toEqual(["open", "open", "open", "open", "open"]);

        const { provider, check } = openDeployment(lab);
        const created = await provider.create(check(host, { backend, rules: RULES }));
        expect(created.outputs.filter).toMatch(new RegExp(`^${filter}`));
        expect(await reached()).toEqual(["timeout", "open", "open", "timeout", "timeout"]);

        const wish = check(host, { backend, rules: { ...RULES, ...many } });
        const changed = await provider.update(created.id, wish, created.outputs);
        expect(await reached()).toEqual(["timeout", "open", "open", "timeout", "timeout"]);
        expect((await provider.read(created.id, changed)).inputs).toEqual(wish);

        await host.reboot();
        await listen();
        expect(await reached()).toEqual(["timeout", "open", "open", "timeout", "timeout"]);
        expect((await provider.read(created.id, changed)).inputs).toEqual(wish);

        await provider.delete(created.id, changed);
        expect(await reached()).toEqual(["open", "open", "open", "open", "open"]);
        const left = await host.run(
            "nft list ruleset; iptables-save; ip6tables-save; find /etc -name '*vps-firewall*'",
        );
        expect(left.stdout).not.toMatch(/VPSFW|vps.firewall/);
        await host.stop();
    }
});
