import { describeLab, type Lab, type LabHost, openLab } from "../../lab";
import { sideBySide } from "../../support/sideBySide";
import { openDeployment } from "../deployment";
import { MANAGERS, type Manager, mustRun, traceOf } from "./managers";
import { addRedHatHost, REDHAT_MANAGERS } from "./redhatHost";
import { BACKENDS, type Backend } from "./takenOver";

// A machine without the userland makes it first.
jest.setTimeout(300_000);

const STRANGER = "203.0.113.9";
/** With iptables it is a set of ipset, under another name once it holds another network. */
const scanners = (count: number) => [
    "203.0.113.0/24",
    ...Array.from({ length: count }, (_, i) => `198.18.${2 * i}.0/24`),
];
const RULES = {
    ssh: { service: "ssh" },
    scan: { action: "drop", from: scanners(10) },
    mail: { service: "smtp" },
    web: { service: "https" },
    dns: { service: "dns" },
};
const OWN = {
    nftables: "nft -s list table inet vps_firewall",
    iptables: `for family in iptables ip6tables; do $family-save -t filter | grep VPSFW-; done | sed 's/ \\[.*//'`,
};

/** What else loads a packet filter at boot, how it is told to, and how it saves what is there. */
interface Beside {
    readonly manager: Manager;
    readonly units: readonly string[];
    readonly host: (lab: Lab, name: string) => Promise<LabHost>;
    readonly save: string;
    /** Of nft, which can't load again what iptables has written. */
    readonly savesIptables: boolean;
}

const named = (managers: readonly Manager[], name: string) => managers.find((each) => each.name === name)!;
const BESIDE: readonly Beside[] = [
    {
        manager: named(MANAGERS, "netfilter-persistent"),
        units: ["netfilter-persistent"],
        host: (lab, name) => lab.addHost(name, { kind: "systemd", userland: "managers" }),
        save: "netfilter-persistent save",
        savesIptables: true,
    },
    {
        manager: named(REDHAT_MANAGERS, "iptables-services"),
        units: ["iptables", "ip6tables"],
        host: addRedHatHost,
        save: "for family in iptables ip6tables; do /usr/libexec/iptables/$family.init save; done",
        savesIptables: true,
    },
    {
        manager: named(REDHAT_MANAGERS, "nftables"),
        units: ["nftables"],
        host: addRedHatHost,
        save: "nft list ruleset >/etc/sysconfig/nftables.conf",
        savesIptables: false,
    },
];

describeLab("beside another firewall that is loaded at boot", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await openLab();
        await lab.addAddress(STRANGER);
    });
    afterAll(() => lab.close());

    const combinations = BACKENDS.flatMap((backend) => BESIDE.map((beside) => [beside, backend] as const));
    sideBySide(
        Object.fromEntries(
            combinations.map(([beside, backend]) => [
                `EA-42, EA-45, EA-46, EA-48: ${beside.manager.name}: neither undoes the other, whatever is started, saved, deleted or rebooted: ${backend}`,
                () => stays(beside, backend),
            ]),
        ),
    );

    async function stays({ manager, units, host: add, save, savesIptables }: Beside, backend: Backend): Promise<void> {
        const host = await add(lab, `${manager.name}-${backend}`);
        await mustRun(host, manager.start);
        const ssh = (from: string) => lab.connect({ to: host.ipv4, port: 22, from, timeout: 1500 });
        const theirs = await traceOf(host, manager);
        expect(theirs.state).toBe(manager.on);
        expect(await ssh(STRANGER)).toBe("open");

        const { provider, check, said } = openDeployment(lab);
        const created = await provider.create(check(host, { backend, rules: RULES }));
        const own = () => mustRun(host, OWN[backend]);
        const before = await own();
        const bothAre = async (moment: string, ours = before) => {
            expect([moment, await ssh(STRANGER), await ssh(lab.deployer.ipv4)]).toEqual([moment, "timeout", "open"]);
            expect([moment, await own()]).toEqual([moment, ours]);
            expect([moment, await traceOf(host, manager)]).toEqual([moment, theirs]);
        };
        await bothAre("after the first apply");

        for (const command of ["restart", "reload", "stop", "start"]) {
            await mustRun(host, `systemctl ${command} ${units.join(" ")}`);
            expect([command, await own()]).toEqual([command, before]);
        }
        await host.reboot();
        await bothAre("after a reboot");
        expect((await provider.read(created.id, created.outputs)).inputs).toEqual(
            check(host, { backend, rules: RULES }),
        );

        // Their file has ours in it from now on, and one rule of ours is deleted behind it.
        const savesOurs = (backend === "iptables") === savesIptables;
        if (savesOurs || backend === "nftables") await mustRun(host, save);
        const { mail: _, ...rest } = RULES;
        const four = { ...rest, scan: { action: "drop", from: scanners(11) } };
        const wish = check(host, { backend, rules: four });
        const changed = await provider.update(created.id, wish, created.outputs);
        const after = await own();
        expect(after).not.toContain("web/mail");
        for (const key of ["ssh", "scan", "web", "dns"]) expect(after).toContain(`web/${key}`);
        for (const command of ["restart", "reload"]) {
            await mustRun(host, `systemctl ${command} ${units.join(" ")}`);
            expect([command, await own()]).toEqual([command, after]);
        }
        await host.reboot();
        await bothAre("after a reboot with what was saved", after);
        expect((await provider.read(created.id, changed)).inputs).toEqual(wish);

        said.length = 0;
        await provider.delete(created.id, changed);
        expect(await traceOf(host, manager)).toEqual(theirs);
        expect(await ssh(STRANGER)).toBe("open");
        const left = await host.run("nft list ruleset; iptables-save; ip6tables-save");
        expect(left.stdout).not.toMatch(/VPSFW|vps_firewall/);
        expect(said.join("\n").includes("was saved with rules of ours in it")).toBe(savesOurs);
        await host.stop();
    }
});
