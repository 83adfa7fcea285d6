import { renderFamilies } from "../../../../core/dialects/iptables/render";
import { policy, web } from "../nftables/build";

const rendered = (wanted = web) => renderFamilies(wanted, "vpsfw1 mark");

test("own chains only, and a jump to each at the first place", () => {
    expect(rendered()[4]).toBe(
        [
            "*filter",
            ":VPSFW-IN - [0:0]",
            '-A VPSFW-IN -m comment --comment "vpsfw1 mark"',
            '-A VPSFW-IN -i lo -m comment --comment "base:loopback" -j RETURN',
            '-A VPSFW-IN -m conntrack --ctstate ESTABLISHED -m comment --comment "base:replies" -j RETURN',
            ...[3, 11, 12].map(
                (type) =>
                    `-A VPSFW-IN -p icmp -m conntrack --ctstate RELATED -m icmp --icmp-type ${type} -m comment --comment "base:icmp-errors" -j RETURN`,
            ),
            '-A VPSFW-IN -p udp -m udp --sport 67 --dport 68 -m comment --comment "base:dhcp-client" -j RETURN',
            '-A VPSFW-IN -s 203.0.113.0/24 -m comment --comment "web/scanners" -j DROP',
            '-A VPSFW-IN -s 10.0.0.0/8 -p tcp -m tcp --dport 9100 -m comment --comment "web/metrics" -j RETURN',
            '-A VPSFW-IN -p udp -m udp --dport 443 -m comment --comment "web/quic" -j RETURN',
            '-A VPSFW-IN -s 198.51.100.0/24 -p tcp -m tcp --dport 22 -m comment --comment "web/ssh" -j RETURN',
            '-A VPSFW-IN -p tcp -m multiport --dports 80,443 -m comment --comment "web/web" -j RETURN',
            '-A VPSFW-IN -m comment --comment "default:drop" -j DROP',
            "-I INPUT 1 -j VPSFW-IN",
            "COMMIT",
            "",
        ].join("\n"),
    );
    const ssh = '-A VPSFW-IN -s 2001:db8:77::/48 -p tcp -m tcp --dport 22 -m comment --comment "web/ssh" -j RETURN';
    expect(rendered()[6]).toContain(`\n${ssh}\n`);
    // Nothing of IPv6 is meant.
    expect(rendered()[6]).not.toMatch(/scanners|metrics/);
});

test.each([
    ["accept protocol 0 from anywhere", "rule web/a: iptables takes protocol 0 for every protocol"],
    ["accept icmp 255 from anywhere", "rule web/a: iptables takes ICMP type 255 for every type"],
    [
        "accept tcp from anywhere to port 22 limit 1/day burst 5",
        "rule web/a: iptables needs a burst that is there again within a day",
    ],
])("%s can't be said", (line, message) => {
    expect(() => rendered(policy({ "web/a": line }))).toThrow(message);
});

test("many ports are several lists, a range that is no prefix is a range, an exception is what is left", () => {
    const lines = (line: string) =>
        rendered(policy({ "web/a": line }))[4]
            .split("\n")
            .filter((each) => each.includes('"web/a"'))
            .map((each) => each.replace("-A VPSFW-IN ", "").replace(' -m comment --comment "web/a" -j RETURN', ""));
    const ports = Array.from({ length: 17 }, (_, i) => String(10 * i + 1)).join(", ");
    expect(lines(`accept tcp from anywhere to port ${ports}`)).toEqual([
        "-p tcp -m multiport --dports 1,11,21,31,41,51,61,71,81,91,101,111,121,131,141",
        "-p tcp -m multiport --dports 151,161",
    ]);
    expect(lines("accept tcp from 192.0.2.3-192.0.2.9 to port 22")).toEqual([
        "-m iprange --src-range 192.0.2.3-192.0.2.9 -p tcp -m tcp --dport 22",
    ]);
    expect(lines("accept tcp from 10.0.0.0/8 except 10.0.0.0/9 to port 22 in wg*")).toEqual([
        "-i wg+ -s 10.128.0.0/9 -p tcp -m tcp --dport 22",
    ]);
    expect(lines("accept tcp from 2001:db8::/32 to port 22")).toEqual([]);
});

test("a limit has a name of its own for each rate, since the kernel keeps the rate of a name", () => {
    const nameOf = (rate: string) =>
        /--hashlimit-name (\w+)/.exec(
            rendered(policy({ "web/a": `accept udp from anywhere to port 53 limit ${rate}` }))[4],
        )![1];
    expect(nameOf("10/second burst 5")).not.toBe(nameOf("20/second burst 5"));
    expect(nameOf("10/second burst 5")).toBe(nameOf("10/second burst 5"));
});
