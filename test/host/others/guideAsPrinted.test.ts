import { describeLab, type Lab, type LabHost, openLab } from "../../lab";
import { openDeployment } from "../deployment";
import { mustRun } from "./managers";

const STRANGER = "203.0.113.9";
const STRANGER6 = "2001:db8:77::9";

/** The eApps guide to the letter, but for its rule for localhost, which iptables refuses. */
const PRINTED = `
iptables -A INPUT -j ACCEPT -p tcp --destination-port 22
iptables -A INPUT -j ACCEPT -p tcp --destination-port 80
iptables -A INPUT -j ACCEPT -p tcp --destination-port 25
iptables -A INPUT -j ACCEPT -p tcp --source-port 25
iptables -A INPUT -j ACCEPT -p tcp --source-port 53
iptables -A INPUT -j ACCEPT -p udp --source-port 53
iptables -A INPUT -j ACCEPT -p icmp
iptables -A INPUT -j DROP -p all`;
/** What it means, as a template says it. */
const MEANT = { ssh: { service: "ssh" }, http: { service: "http" }, smtp: { service: "smtp" } };
/** Chains that a server which does not route and lets everything out leaves alone. */
const OTHER_CHAINS = `for program in iptables ip6tables; do $program -S OUTPUT; $program -S FORWARD; $program-save -t nat; done |
    grep -v '^[#:]'`;

describeLab("a host whose owner followed the eApps guide as it is printed", () => {
    describe.each([
        ["nftables", "nft"],
        ["iptables", "nft"],
        ["iptables", "legacy"],
    ] as const)("ours in %s, the guide's in iptables-%s", (backend, variant) => {
        let lab: Lab;
        let host: LabHost;

        beforeAll(async () => {
            lab = await openLab();
            host = await lab.addHost("web1", { iptables: variant });
            for (const port of [25, 80, 3306]) await host.listen(port);
            for (const address of [host.ipv4, host.ipv6]) await host.listen(161, { protocol: "udp", host: address });
            for (const address of [STRANGER, STRANGER6]) await lab.addAddress(address);
            await mustRun(host, `set -e; ${PRINTED}`);
        });
        afterAll(() => lab.close());

        const tcp = (port: number, fromPort?: number, to = host.ipv4) => {
            const from = to.includes(":") ? STRANGER6 : STRANGER;
            return lab.connect({ to, port, from, ...(fromPort === undefined ? {} : { fromPort }) });
        };
        const udp = (port: number, fromPort: number, to = host.ipv4) =>
            lab.askUdp({ to, port, fromPort, from: to.includes(":") ? STRANGER6 : STRANGER });
        const holes = async () => ({
            "EA-29": await tcp(3306, 25),
            "EA-30": await tcp(3306, 53),
            "EA-31": await udp(161, 53),
            "EA-8": [await tcp(3306, undefined, host.ipv6), await udp(161, 53, host.ipv6)],
        });

        test("EA-35: its rule for localhost, which lacks the address, is refused by iptables too", async () => {
            const before = await mustRun(host, "iptables -S INPUT");
            expect((await host.run("iptables -A INPUT -j ACCEPT -p all -s")).code).not.toBe(0);
            expect(await mustRun(host, "iptables -S INPUT")).toBe(before);
        });

        test("EA-8, EA-29, EA-30, EA-31: is open by three source ports and over IPv6; EA-32: its own questions stay without answer", async () => {
            expect(await tcp(3306)).toBe("timeout");
            expect(await holes()).toEqual({
                "EA-29": "open",
                "EA-30": "open",
                "EA-31": "answer",
                "EA-8": ["open", "answer"],
            });
            expect(await asksOutside()).toBe("timeout");
        });

        test("EA-7, EA-8, EA-28 to EA-32: ours closes all of them over both families, and touches no other chain", async () => {
            const others = await mustRun(host, OTHER_CHAINS);
            const { provider, check, said } = openDeployment(lab);
            const created = await provider.create(check(host, { backend, rules: MEANT }));
            const closed = {
                "EA-29": "timeout",
                "EA-30": "timeout",
                "EA-31": "timeout",
                "EA-8": ["timeout", "timeout"],
            };
            expect(await holes()).toEqual(closed);
            expect([await tcp(80), await tcp(25), await tcp(80, undefined, host.ipv6)]).toEqual([
                "open",
                "open",
                "open",
            ]);
            expect(await mustRun(host, OTHER_CHAINS)).toBe(others);
            expect(said.join("\n")).not.toMatch(/^VF190/m);

            // The host's own drop still eats the answers; without it they come.
            expect(await asksOutside()).toBe("timeout");
            await mustRun(host, "iptables -D INPUT -j DROP -p all");
            expect(await asksOutside()).toBe("open");
            expect(await holes()).toEqual(closed);
            await provider.delete(created.id, created.outputs);
            expect(await mustRun(host, OTHER_CHAINS)).toBe(others);
        });

        /** The server's own connection to a web server. */
        async function asksOutside(): Promise<string> {
            const listener = await lab.listen(443);
            try {
                return await host.connect({ to: lab.deployer.ipv4, port: 443 });
            } finally {
                await listener.close();
            }
        }
    });
});
