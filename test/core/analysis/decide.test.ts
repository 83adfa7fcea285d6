import { decide, type Packet } from "../../../core/analysis/decide";
import { deciderOf } from "../../../core/analysis/decider";
import type { Family } from "../../../core/model/addresses";
import { parseAddressRange } from "../../../core/model/parseAddress";
import type { Policy } from "../../../core/model/policy";
import { policyFrom } from "./exposureOf";

/** `tcp 10.0.0.1 port 5 > 192.0.2.10 port 22`, `icmp 8 10.0.0.1 > 192.0.2.10`, `protocol 47 ...`; `egress` in front where it leaves. */
function packet(words: string): Packet {
    const end = /([0-9a-f.:]+)(?: port (\d+))?/.source;
    const form = new RegExp(`^(egress )?(tcp|udp|icmp|icmpv6|protocol) ?(\\d*) ${end} > ${end}$`);
    const [, egress, name, number, source, sourcePort, destination, destinationPort] = form.exec(words)!;
    const { family, first } = address(source!);
    const numbers: Record<string, number> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 };
    return {
        direction: egress ? "egress" : "ingress",
        family,
        protocol: numbers[name!] ?? Number(number),
        source: first,
        destination: address(destination!).first,
        ...(sourcePort && { sourcePort: Number(sourcePort) }),
        ...(destinationPort && { destinationPort: Number(destinationPort) }),
        ...(name!.startsWith("icmp") && { icmpType: Number(number), icmpCode: 0 }),
    };
}

function address(text: string): { family: Family; first: bigint } {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
}

const says = (policy: Policy, words: string) => Object.values(decide(policy, packet(words))).join(" by ");

const web = policyFrom(
    {
        scanners: "drop any from 203.0.113.0/24",
        ssh: "accept tcp from set office to port 22",
        tunnel: "accept protocol 47 from 192.0.2.1",
        ping: "accept icmp echo-request + icmpv6 echo-request from anywhere",
        web: "accept tcp + udp from anywhere to 192.0.2.10, 2001:db8::a port 80, 443, 8000-8010",
        ntp: "accept udp from anywhere port 123 to port 1024-65535",
        ident: "reject tcp from anywhere to port 113",
        never: "egress drop tcp to anywhere port 25",
        six: "egress reject any to anywhere IPv6",
    },
    { sets: { office: { entries: ["198.51.100.0/24", "2001:db8:77::/48"] } } },
);

test.each([
    ["tcp 203.0.113.0 port 5 > 192.0.2.10 port 80", "drop by web/scanners"],
    ["tcp 203.0.113.255 port 5 > 192.0.2.10 port 80", "drop by web/scanners"],
    ["tcp 203.0.114.0 port 5 > 192.0.2.10 port 80", "accept by web/web"],
    ["tcp 203.0.112.255 port 5 > 192.0.2.10 port 80", "accept by web/web"],
    ["protocol 50 203.0.113.1 > 192.0.2.10", "drop by web/scanners"],
    ["protocol 50 203.0.112.1 > 192.0.2.10", "drop by default action"],
    ["tcp 198.51.100.9 port 5 > 192.0.2.99 port 22", "accept by web/ssh"],
    ["tcp 198.51.101.0 port 5 > 192.0.2.99 port 22", "drop by default action"],
    ["udp 198.51.100.9 port 5 > 192.0.2.99 port 22", "drop by default action"],
    ["tcp 2001:db8:77::1 port 5 > 2001:db8::b port 22", "accept by web/ssh"],
    ["tcp 2001:db8:78:: port 5 > 2001:db8::b port 22", "drop by default action"],
    ["protocol 47 192.0.2.1 > 192.0.2.99", "accept by web/tunnel"],
    ["protocol 48 192.0.2.1 > 192.0.2.99", "drop by default action"],
    ["icmp 8 192.0.2.1 > 192.0.2.99", "accept by web/ping"],
    ["icmp 13 192.0.2.1 > 192.0.2.99", "drop by default action"],
    ["icmpv6 128 2001:db8::1 > 2001:db8::2", "accept by web/ping"],
    ["icmpv6 8 2001:db8::1 > 2001:db8::2", "drop by default action"],
    ["udp 192.0.2.1 port 1 > 192.0.2.10 port 443", "accept by web/web"],
    ["udp 192.0.2.1 port 1 > 192.0.2.11 port 443", "drop by default action"],
    ["tcp 2001:db8::1 port 1 > 2001:db8::a port 8010", "accept by web/web"],
    ["tcp 2001:db8::1 port 1 > 2001:db8::a port 8011", "drop by default action"],
    ["tcp 2001:db8::1 port 1 > 2001:db8::a port 7999", "drop by default action"],
    ["udp 9.9.9.9 port 123 > 192.0.2.99 port 1024", "accept by web/ntp"],
    ["udp 9.9.9.9 port 123 > 192.0.2.99 port 1023", "drop by default action"],
    ["udp 9.9.9.9 port 124 > 192.0.2.99 port 1024", "drop by default action"],
    ["tcp 9.9.9.9 port 5 > 192.0.2.99 port 113", "reject by web/ident"],
    ["egress tcp 192.0.2.10 port 5 > 9.9.9.9 port 25", "drop by web/never"],
    ["egress tcp 192.0.2.10 port 25 > 9.9.9.9 port 80", "accept by default action"],
    ["egress tcp 2001:db8::a port 5 > 2001:db8::1 port 25", "drop by web/never"],
    ["egress protocol 47 2001:db8::a > 2001:db8::1", "reject by web/six"],
])("%s: %s", (words, decision) => expect(says(web, words)).toBe(decision));

test("an ICMP rule is for its own family", () => {
    const both = policyFrom({ ping: "accept icmp + icmpv6 from anywhere" });
    expect(says(both, "icmp 8 192.0.2.1 > 192.0.2.2")).toBe("accept by web/ping");
    expect(says(both, "protocol 58 2001:db8::1 > 2001:db8::2")).toBe("accept by web/ping");
    expect(says(both, "protocol 58 192.0.2.1 > 192.0.2.2")).toBe("drop by default action");
    expect(says(both, "protocol 1 2001:db8::1 > 2001:db8::2")).toBe("drop by default action");
});

test("a rule with ports is for packets with ports, port 0 among none", () => {
    const every = policyFrom({
        all: "accept tcp from anywhere to port 1-65535 priority 1",
        tcp: "reject tcp from anywhere",
    });
    expect(says(every, "tcp 192.0.2.1 port 1 > 192.0.2.2 port 1")).toBe("accept by web/all");
    expect(says(every, "tcp 192.0.2.1 port 0 > 192.0.2.2 port 65535")).toBe("accept by web/all");
    expect(says(every, "tcp 192.0.2.1 port 1 > 192.0.2.2 port 0")).toBe("reject by web/tcp");
    expect(says(every, "protocol 132 192.0.2.1 > 192.0.2.2")).toBe("drop by default action");
});

test("the first rule that matches decides", () => {
    const some = policyFrom({ a: "accept any from anywhere priority 2", b: "drop tcp from anywhere priority 1" });
    expect(says(some, "tcp 192.0.2.1 port 1 > 192.0.2.2 port 1")).toBe("drop by web/b");
    expect(says(some, "udp 192.0.2.1 port 1 > 192.0.2.2 port 1")).toBe("accept by web/a");
});

test("an empty set holds nobody", () => {
    const empty = policyFrom({ a: "accept any from set nobody" }, { sets: { nobody: { entries: [] } } });
    expect(says(empty, "tcp 192.0.2.1 port 1 > 192.0.2.2 port 1")).toBe("drop by default action");
});

test("what is not known yet can't be decided", () => {
    const later = policyFrom({ ssh: "accept tcp from (not known yet) to port 22" });
    expect(() => says(later, "tcp 192.0.2.1 port 1 > 192.0.2.2 port 80")).toThrow("web/ssh is not known yet");
});

test("many packets of one policy are decided alike", () => {
    const wide = policyFrom({
        many: "drop tcp from anywhere to port 1-2000 priority 1",
        some: "accept tcp from anywhere to port 64-127, 5000",
        rest: "reject any from 203.0.113.0/24",
        late: "accept tcp + udp from anywhere to port 5000-60000 priority 2000",
    });
    const [one, two] = [deciderOf(wide), deciderOf(web)];
    for (const port of [1, 63, 64, 127, 128, 443, 2000, 2001, 4999, 5000, 5001, 60000, 60001])
        for (const protocol of ["tcp", "udp"])
            for (const from of ["203.0.113.9", "198.51.100.9"]) {
                const each = packet(`${protocol} ${from} port 5 > 192.0.2.10 port ${port}`);
                expect(one(each)).toEqual(decide(wide, each));
                expect(two(each)).toEqual(decide(web, each));
            }
    const ping = packet("icmp 8 203.0.113.9 > 192.0.2.10");
    expect(one(ping)).toEqual(decide(wide, ping));
});
