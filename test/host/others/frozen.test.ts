import { describeLab, type Lab, type LabHost, openLab } from "../../lab";
import { sideBySide } from "../../support/sideBySide";
import { messageOf, openDeployment } from "../deployment";
import { FROZEN_NFT, frozenIptables } from "./frozenRules";
import { listOthers } from "./listing";

jest.setTimeout(120_000);

const SSH = { ssh: { service: "ssh" } };

/** How others are there: as tables of nftables, or in iptables of a variant. */
type Form = "nftables" | "iptables-nft" | "iptables-legacy";

const NAMES = {
    nftables: ["table ip crowdsec", "table ip ts-filter", "table ip kube-proxy", "libvirt_network", "wg-quick-wg0"],
    iptables: ["CROWDSEC_CHAIN", "ts-input", "KUBE-SEP-A", "LIBVIRT_FWI", "wg-quick(8)"],
};

describeLab("the rules of CrowdSec, Tailscale, kube-proxy, libvirt and WireGuard", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await openLab();
    });
    afterAll(() => lab.close());

    const combinations = (["nftables", "iptables"] as const).flatMap((backend) =>
        (["nftables", "iptables-nft", "iptables-legacy"] as const).map((form) => [backend, form] as const),
    );
    sideBySide(
        Object.fromEntries(
            combinations.map(([backend, form]) => [
                `in ${form} are byte-identical after an apply, a change, a revert and a delete: ${backend}`,
                () => stay(backend, form),
            ]),
        ),
    );

    async function stay(backend: "nftables" | "iptables", form: Form): Promise<void> {
        const host = await lab.addHost(`${backend}-${form}`);
        await load(host, form);
        const before = await listOthers(host);
        for (const name of NAMES[form === "nftables" ? "nftables" : "iptables"]) expect(before).toContain(name);

        const { provider, check, said } = openDeployment(lab);
        const wish = (rules: object, rest: object = {}) => check(host, { backend, rules, ...rest });
        const created = await provider.create(wish(SSH));
        expect(said.join("\n")).toMatch(/^VF117 others filter on /m);
        expect(created.outputs.filter).toMatch(backend === "nftables" ? /^nftables / : /^iptables /);
        expect(await listOthers(host)).toBe(before);

        const rules = { ...SSH, web: { service: "https" }, scan: { action: "drop", from: "203.0.113.0/24" } };
        const changed = await provider.update(created.id, wish(rules), created.outputs);
        expect(await listOthers(host)).toBe(before);

        // Nobody gets in any more, so the host takes it back.
        const lockout = wish({ web: { service: "https" } }, { lockoutCheck: "off" });
        expect(await messageOf(provider.update(created.id, lockout, changed))).toMatch(/^VF110 /);
        expect(await listOthers(host)).toBe(before);

        const found = await provider.read(created.id, changed);
        expect(found.outputs.rules).toEqual(changed.rules);
        await provider.delete(created.id, changed);
        expect(await listOthers(host)).toBe(before);
        const left = await host.run("nft list ruleset; iptables-save; ip6tables-save; iptables-legacy-save");
        expect(left.stdout).not.toMatch(/VPSFW|vps_firewall/);
    }
});

async function load(host: LabHost, form: Form): Promise<void> {
    const inputs: [string, string][] =
        form === "nftables"
            ? [["nft -f -", FROZEN_NFT]]
            : ([4, 6] as const).map((family) => [
                  `${form.replace("iptables", family === 4 ? "iptables" : "ip6tables")}-restore`,
                  frozenIptables(family),
              ]);
    for (const [command, input] of inputs) {
        const { code, stderr } = await host.run(command, { input });
        if (code !== 0) throw new Error(`${command}: ${stderr}`);
    }
}
