import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { iptables } from "../../../../core/dialects/iptables";
import { formatRule } from "../../../../core/model/formatRule";
import { policy } from "../nftables/build";
import { ownership } from "../nftables/policies";
import { edited } from "./save";
import { openPrograms, type Variant, variants } from "./programs";

/**
 * Listings that this project made by running three versions of both variants of iptables: the policy below, with rules added by
 * hand. VPS_FIREWALL_RECORD=1 makes them again (see versions.test.ts for the folders of the releases).
 */
const folder = join(__dirname, "recorded");
const roots = process.env.VPS_FIREWALL_IPTABLES_ROOTS ?? "/var/cache/vps-firewall-lab";
const versions = { "1.8.7": "bullseye", "1.8.9": "bookworm", "1.8.11": "trixie" };
const cases = Object.keys(versions).flatMap((version) => variants.map((variant) => [version, variant] as const));

/** Every form of a rule. Recorded listings hold it: record again after a change. */
const everything = policy(
    {
        "base/scanners": "drop any from 203.0.113.0/24, 192.0.2.7-192.0.2.12, ::102:304 log",
        "web/office": "accept tcp from set office to 192.0.2.1, 2001:db8::1 port 22 in eth0, wg*",
        "web/odd": "drop any from anywhere state invalid, untracked",
        "web/scans": "drop tcp from anywhere port 1-1023 flags null, not-syn",
        "web/ping": "accept icmp echo-request, 3/4 + icmpv6 echo-request, packet-too-big from anywhere",
        "web/dns": "accept udp from anywhere to port 53 limit 999999/day burst 7 per source priority 900",
        "web/web": "accept tcp + udp from anywhere to port 80, 443, 8000-8010 expires 2027-01-31",
        "web/tunnel": "reject protocol 47 + protocol 2 from anywhere IPv4 with admin-prohibited",
        "web/never": "accept tcp from set nobody to port 1",
        "web/ident": `reject tcp from anywhere to port 113 log prefix "it's %d: " with tcp-reset`,
        "web/out": "egress reject tcp to 9.9.9.9, 2620:fe::/48 port 25 out eth0 with no-route",
    },
    { nobody: [], office: ["198.51.100.0/24", "2001:db8:77::/48", "0.0.0.0-0.0.0.254"] },
    { ingress: "drop", egress: "accept" },
);

const byHand = [
    "-I VPSFW-IN 1 -p tcp --dport 3306 -j ACCEPT",
    "-I VPSFW-IN 1 -p udp -m multiport --dports 1:5,53 -m comment --comment plain -j REJECT",
    `-I VPSFW-IN 1 -p tcp ! --dport 22 -m comment --comment 'two "words"' -j DROP`,
    "-I VPSFW-IN 1 -m state --state NEW -p tcp --syn -j DROP",
    "-I VPSFW-IN 1 -p tcp -m limit --limit 3/minute -j LOG --log-prefix x",
    "-A VPSFW-IN -p tcp --dport 3307 -j ACCEPT",
];
const ipv4 = ["-I VPSFW-IN 1 ! -s 10.0.0.0/8 -p icmp --icmp-type any -j DROP", "-I INPUT 1 -i virbr0 -j ACCEPT"];

const commands = (variant: Variant) => [
    ...byHand.flatMap((command) => [`iptables-${variant} ${command}`, `ip6tables-${variant} ${command}`]),
    ...ipv4.map((command) => `iptables-${variant} ${command}`),
];

if (process.env.VPS_FIREWALL_RECORD)
    for (const [version, variant] of cases) {
        const root = join(roots, versions[version as keyof typeof versions]);
        const programs = openPrograms(variant, existsSync(root) ? root : "/");
        if (!programs.version().includes(`v${version}`)) throw new Error(`iptables ${version} is not in ${root}`);
        const listing = programs.run(iptables.render(everything, ownership), commands(variant));
        writeFileSync(join(folder, `${version}-${variant}.listing`), listing);
        programs.close();
    }

const recorded = (version: string, variant: Variant) =>
    readFileSync(join(folder, `${version}-${variant}.listing`), "utf8");

/** Without what was added by hand. */
const ours = (listing: string) =>
    edited(listing, "both", (lines) =>
        lines.filter(
            (line) => !/^-A (VPSFW-IN|INPUT) /.test(line) || /comment "?(\w+[:/]|vpsfw1)|-j VPSFW-IN$/.test(line),
        ),
    );

describe.each(cases)("iptables %s (%s)", (version, variant) => {
    const listing = recorded(version, variant);

    test("lists the policy so that it reads back exactly", () => {
        expect(iptables.difference(ours(listing), everything)).toBeUndefined();
        const { rules } = iptables.read(ours(listing));
        const told = everything.rules.filter(({ key }) => key !== "web/office" && key !== "web/never");
        for (const { key, rule } of told) expect(formatRule(rules.get(key)!)).toBe(formatRule(rule));
        expect(formatRule(rules.get("web/office")!)).toMatch(
            /^accept tcp from 0.0.0.0\/25, 0.0.0.128\/26, .* in eth0, wg\*$/,
        );
        expect(rules.has("web/never")).toBe(false);
    });

    test("lists what others wrote so that it reads the same as in every version", () => {
        const { unmanaged, rules, base, understood } = iptables.read(listing, everything);
        expect([...rules.keys()]).toEqual(everything.rules.map(({ key }) => key));
        expect(base).toBe(
            `${iptables.baseLine}; changed by hand: rules of others stand before the jump to VPSFW-IN in IPv4`,
        );
        expect(understood).toBe(false);
        const refused = '-p tcp -m tcp ! --dport 22 -m comment --comment "two \\"words\\"" -j DROP';
        expect(unmanaged.map(({ key, line }) => `${key}: ${line}`)).toEqual([
            "(unmanaged) any: accept any from anywhere IPv4 in virbr0 (before our jump)",
            "(unmanaged) icmp: drop icmp from anywhere IPv4 except 10.0.0.0/8",
            expect.stringMatching(/^\(unmanaged\) -p tcp -m limit --limit 3\/min -j LOG --log-prefix "?x"?: /),
            "(unmanaged) tcp: drop tcp from anywhere state new flags syn",
            `(unmanaged) ${refused}: ${refused}`,
            "(unmanaged) udp 1-5, 53: reject udp from anywhere to port 1-5, 53",
            "(unmanaged) tcp 3306: accept tcp from anywhere to port 3306",
            "(unmanaged) tcp 3307: accept tcp from anywhere to port 3307 (no effect: it stands behind the default)",
        ]);
    });
});
