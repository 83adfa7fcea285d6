import fc from "fast-check";
import { formatRule } from "../../../core/model/formatRule";
import { parseRule } from "../../../core/model/parseRule";
import { checkRule } from "../../../core/model/ruleInput";
import { rule, ruleFields } from "../arbitraries";

/** The rule of a line that must be readable. */
function read(line: string) {
    const parsed = parseRule(line);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.rule;
}

function check(input: unknown) {
    const { rule, problems } = checkRule(input, "templates[0].rules.r");
    expect(problems).toEqual([]);
    return rule!;
}

describe("the canonical line of a rule", () => {
    test("of any rule is read back as the same rule", () => {
        fc.assert(fc.property(rule, (rule) => expect(read(formatRule(rule))).toEqual(rule)));
    });

    test("is printable ASCII without two spaces in a row", () => {
        fc.assert(fc.property(rule, (rule) => expect(formatRule(rule)).toMatch(/^(?! )(?:(?! {2})[ -~])+$/)));
    });

    test("is read the same whatever the spacing", () => {
        const spaces = fc.constantFrom(" ", "  ", "\t");
        fc.assert(
            fc.property(rule, spaces, spaces, (rule, space, aroundCommas) => {
                // A set's count and digest in brackets are one word of the line, and so is a text in quotes.
                const words = formatRule(rule).split(/(\([^)]*\)|"[^"]*")/);
                const respaced = words.map((word) =>
                    /^[("]/.test(word) ? word : word.replaceAll(", ", `${aroundCommas},`).replaceAll(" ", space),
                );
                expect(read(` ${respaced.join("")} `)).toEqual(rule);
            }),
        );
    });

    test("means the same as the object it was made from", () => {
        fc.assert(
            fc.property(ruleFields, (fields) => {
                const rule = check(fields);
                expect(check(formatRule(rule))).toEqual(rule);
                expect(read(formatRule(rule))).toEqual(rule);
            }),
        );
    });

    test("does not depend on the order of keys and lists of the object", () => {
        const reversed = (value: unknown) => (Array.isArray(value) ? [...value].reverse() : value);
        fc.assert(
            fc.property(ruleFields, (fields) => {
                const other = Object.fromEntries(
                    Object.entries(fields)
                        .reverse()
                        .map(([key, value]) => [key, reversed(value)]),
                );
                expect(check(other)).toEqual(check(fields));
            }),
        );
    });

    test.each([
        "accept tcp from anywhere to port 22",
        "accept tcp + udp from anywhere to port 53",
        "accept tcp from set office (2, 3f9c1a2b) to 192.0.2.10 port 443",
        "egress accept udp to 9.9.9.9 port 53",
        "egress reject any from 192.0.2.10 to anywhere IPv6",
        "drop any from 203.0.113.7",
        "accept icmp echo-request, time-exceeded + icmpv6 from anywhere IPv4",
        "accept protocol 47 from 192.0.2.1",
        "accept tcp from 10.0.0.0/8 port 1024-65535 to port 9100 priority 900",
        "accept tcp from port 53 to port 1024-65535",
        "accept tcp from 192.0.2.1, (not known yet) to port 22, (not known yet) disabled",
        "accept udp from set web/wireguard (9, 0a1b2c3d) to port 51820",
        "drop tcp from 0.0.0.0/0, set office to port 22",
        "accept tcp from nobody to port none",
        "accept tcp from anywhere except 203.0.113.0/24 to port 22",
        "accept tcp from 10.0.0.0/8 except 10.1.0.0/16, set office (2, 3f9c1a2b), (not known yet) to anywhere IPv6 except 2001:db8::/32 port 443",
        "accept tcp from anywhere except 10.0.0.0/8 port 53",
        "accept icmp destination-unreachable/port-unreachable, destination-unreachable/250, 200/0 from anywhere",
        "accept tcp from anywhere to port 22 in eth0, wg*",
        "egress drop udp to anywhere out eth1.100",
        "drop any from anywhere state related, invalid, untracked",
        "drop tcp from anywhere flags null, xmas",
        "drop tcp from anywhere state new flags not-syn",
        "accept icmp echo-request from anywhere limit 10/second burst 20",
        "accept tcp from anywhere to port 22 limit 6/minute burst 5 per source",
        "drop any from 203.0.113.7 log",
        'drop any from 203.0.113.7 log prefix "bad, (or) + worse: "',
        "reject tcp from anywhere to port 113 with tcp-reset",
        "reject any from anywhere with admin-prohibited",
        'accept tcp from anywhere to port 22 in eth0 state new flags syn limit 1/day burst 1 log prefix "x" priority 900 expires 2028-02-29 disabled',
    ])("%s is canonical", (line) => {
        expect(formatRule(read(line))).toBe(line);
    });

    test.each([
        ["ingress accept tcp from anywhere to anywhere port 22", "accept tcp from anywhere to port 22"],
        ["accept protocol 6 from 0.0.0.0/0, ::/0 to port 22", "accept tcp from anywhere to port 22"],
        ["accept tcp from anywhere to port 81,80, 79-82", "accept tcp from anywhere to port 79-82"],
        ["drop udp+tcp + udp from 10.0.0.1", "drop tcp + udp from 10.0.0.1"],
        ["drop any + tcp from 10.0.0.0-10.0.0.255", "drop any from 10.0.0.0/24"],
        ["drop any from 2001:DB8:0::1, 10.0.0.1, 10.0.0.0", "drop any from 10.0.0.0/31, 2001:db8::1"],
        ["accept icmp 8, echo-reply from anywhere", "accept icmp echo-reply, echo-request from anywhere"],
        ["accept tcp from anywhere disabled priority 1000", "accept tcp from anywhere disabled"],
        [
            "accept icmp 3/3, 3/4, 3, 8/0 from anywhere",
            "accept icmp destination-unreachable, echo-request/0 from anywhere",
        ],
        ["accept icmpv6 1/4 from anywhere", "accept icmpv6 destination-unreachable/port-unreachable from anywhere"],
        [
            "accept tcp from anywhere expires 2027-01-31 in wg*,eth0,wg*",
            "accept tcp from anywhere in eth0, wg* expires 2027-01-31",
        ],
        ["accept tcp from anywhere limit 10/second", "accept tcp from anywhere limit 10/second burst 5"],
        ["accept tcp from 10.0.0.0/8 except nobody", "accept tcp from 10.0.0.0/8"],
    ])("%s is read as %s", (line, canonical) => {
        expect(formatRule(read(line))).toBe(canonical);
    });

    test.each([
        ["", 'VF013 the rule "" can\'t be read: expected accept, drop or reject at its end.'],
        ["allow tcp from anywhere", 'expected accept, drop or reject at "allow"'],
        ["accept tcp", 'expected "from" and who ("from anywhere") at its end'],
        ["egress accept tcp from 10.0.0.1", 'expected "to" and where ("to anywhere") at its end'],
        ["accept tcp from", "expected an address at its end"],
        ["accept tcp from 10.0.0.1,", "expected an address at its end"],
        ["accept icmp echo-request, from anywhere", 'VF017 icmp has no type "from".'],
        ["accept protocol 256 from anywhere", 'expected a protocol number from 0 to 255 at "256"'],
        ["accept tcp from set Office to port 22", 'expected the name of an address set at "Office"'],
        ["accept tcp from anywhere please", 'or the end at "please"'],
        ["accept tcp from anywhere except", "expected an address at its end"],
        ["accept tcp from anywhere limit 10/fortnight", 'VF036 "10/fortnight" is not a rate limit. Write "10/second"'],
        ["accept tcp from anywhere limit 0/second", 'VF036 "0/second"'],
        ["accept tcp from anywhere limit 1/second burst 65536", "VF036"],
        ["drop tcp from anywhere limit 1/second", "VF039 limit does not fit: this rule says drop, and what is beyond"],
        ["accept tcp from anywhere out eth0", 'an option (docs/rules.md) or the end at "out"'],
        ["accept tcp from anywhere in lo", 'VF035 "lo" is not an interface.'],
        ["accept tcp from anywhere in a123456789012345", "VF035"],
        ["accept tcp from anywhere state established", 'expected new, related, invalid or untracked at "established"'],
        [
            "accept udp from anywhere flags syn",
            "VF039 tcpFlags does not fit: only tcp has flags, and this rule says udp.",
        ],
        ["accept tcp from anywhere with tcp-reset", "VF039 rejectWith does not fit: this rule says accept."],
        ["reject any from anywhere with tcp-reset", "VF039 rejectWith does not fit: a reset answers tcp only"],
        ['drop any from anywhere log prefix "a\\"b"', "VF037"],
        ['drop any from anywhere log prefix "$x"', "VF037"],
        ["drop any from anywhere log prefix x", "expected a text in quotes"],
        ["accept tcp from anywhere expires 2027-02-29", 'VF038 "2027-02-29" is not a day.'],
        ["accept icmp 3/256 from anywhere", 'VF017 icmp has no type "3/256".'],
        ["accept tcp from anywhere priority 1 priority 2", "expected each word once"],
        ["accept icmp from anywhere to port 22", 'VF007 ports need protocol tcp or udp, and this rule says "icmp".'],
        ["accept gre from anywhere", 'VF014 protocol can\'t be "gre". Say "protocol 47".'],
        ["accept tpc from anywhere", 'VF014 protocol can\'t be "tpc". Did you mean "tcp"?'],
        ["accept tcp from 10.0.0.1/8", 'VF002 "10.0.0.1/8" has host bits set. Write "10.0.0.0/8" for the network'],
        ["accept tcp from anywhere priority 1000001", 'VF018 priority "1000001"'],
        ["accept tcp from anywhere to port 90-80", 'VF004 the range "90-80" runs backwards. Write "80-90".'],
    ])("%s is refused", (line, message) => {
        const parsed = parseRule(line, "templates[0].rules.ssh");
        expect("problem" in parsed && parsed.problem.message).toContain(message);
        expect("problem" in parsed && parsed.problem.property).toBe("templates[0].rules.ssh");
    });

    test("a line that is made of its own words never throws, and reads as canonical if it reads at all", () => {
        const words =
            'egress accept drop tcp udp icmp any + , from to port set office anywhere IPv4 10.0.0.1 22 8-9 priority 5 except in eth0 state invalid limit 1/day log prefix "x" expires 3/4'.split(
                " ",
            );
        fc.assert(
            fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (said) => {
                const parsed = parseRule(said.join(" "));
                if ("rule" in parsed) expect(read(formatRule(parsed.rule))).toEqual(parsed.rule);
                else expect(parsed.problem.code).toMatch(/^VF0\d\d$/);
            }),
            { numRuns: 2000 },
        );
    });
});
