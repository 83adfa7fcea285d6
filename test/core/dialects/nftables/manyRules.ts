import fc from "fast-check";
import { parseRule } from "../../../../core/model/parseRule";
import type { KeyedRule, Policy } from "../../../../core/model/policy";
import type { Rule } from "../../../../core/model/rule";

const port = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 65535 }));
const ports = fc.oneof(
    { weight: 3, arbitrary: port.map(String) },
    fc.tuple(port, port).map(([a, b]) => (a < b ? `${a}-${b}` : `${b}`)),
    fc.tuple(port, port).map(([a, b]) => `${a}, ${b}`),
);

/** Of which sizes the networks of a policy are. */
interface Sizes {
    readonly ipv4: readonly number[];
    readonly ipv6: readonly string[];
}

const SIZES: readonly Sizes[] = [
    { ipv4: [8, 15, 16, 20, 24, 30, 32], ipv6: ["::/32", "/48", "/63", "/64", "/128"] },
    { ipv4: [24], ipv6: ["/48"] },
    { ipv4: [16, 32], ipv6: ["/64", "/128"] },
];

const ipv4 = ({ ipv4 }: Sizes) =>
    fc.tuple(fc.nat(3), fc.nat(255), fc.constantFrom(...ipv4)).map(([b, d, length]) => masked([10, b, d, d], length));
const ipv6 = ({ ipv6 }: Sizes) =>
    fc
        .tuple(fc.nat(3), fc.nat(3), fc.constantFrom(...ipv6))
        .map(([a, b, end]) =>
            end.startsWith("::") ? `2001:db${a}${end}` : `2001:db${a}:${b}:${2 * b}::${end === "/128" ? b : ""}${end}`,
        );

function masked(bytes: readonly number[], length: number): string {
    const kept = bytes.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))));
    return `${kept.join(".")}${length === 32 ? "" : `/${length}`}`;
}

const address = (sizes: Sizes) =>
    fc.oneof(
        { weight: 4, arbitrary: ipv4(sizes) },
        { weight: 2, arbitrary: ipv6(sizes) },
        fc.tuple(ipv4(sizes), ipv6(sizes)).map((both) => both.join(", ")),
        ...(sizes === SIZES[0]
            ? [fc.constantFrom("10.1.1.3-10.1.2.9", "2001:db1::5-2001:db1::9", "2001:db1::-2001:db2:1::")]
            : []),
    );

const end = (word: string, sizes: Sizes) =>
    fc.option(address(sizes), { freq: 2 }).map((said) => (said === null ? "" : ` ${word} ${said}`));

/** Rules of the few forms that most have, and so many of each that they share sets; a few with more to them. */
const lines = (sizes: Sizes) =>
    fc
        .record({
            action: fc.constantFrom("accept", "accept", "drop", "reject"),
            protocol: fc.constantFrom("tcp", "tcp", "udp", "tcp + udp", "any", "protocol 47", "icmp echo-request"),
            from: end("from", sizes),
            to: fc.oneof({ weight: 6, arbitrary: fc.constant("") }, end("to", sizes)),
            ports,
            more: fc.oneof(
                { weight: 25, arbitrary: fc.constant("") },
                fc.constantFrom(" log", " in eth0", " in eth0, wg*", " state new"),
            ),
        })
        .map(({ action, protocol, from, to, ports, more }) => {
            const withPorts = /tcp|udp/.test(protocol);
            return `${action} ${protocol}${from || " from anywhere"}${to || (withPorts ? " to" : "")}${withPorts ? ` port ${ports}` : ""}${more}`;
        });

/** Actions in any order, or those of one kind after each other, as a template has them. */
export function manyRules(counts: { minLength: number; maxLength: number }): fc.Arbitrary<Policy> {
    const rules = fc
        .constantFrom(...SIZES)
        .chain((sizes) => fc.array(lines(sizes), { size: "max", ...counts }))
        .map((all) => all.flatMap(ruleOf));
    const order = (rule: Rule) => ["drop", "reject", "accept"].indexOf(rule.action);
    return fc
        .record({ rules, sorted: fc.boolean(), direction: fc.constantFrom("ingress" as const, "egress" as const) })
        .map(({ rules, sorted, direction }) => {
            const some = sorted ? rules.toSorted((a, b) => order(a) - order(b)) : rules;
            const turned = direction === "ingress" ? some : some.map(leaving);
            return {
                rules: turned.map((rule, i): KeyedRule => ({ key: `web/r${i}`, rule })),
                sets: [],
                defaults: { ingress: "drop", egress: "drop" },
            };
        });
}

function ruleOf(line: string): Rule[] {
    const parsed = parseRule(line);
    return "rule" in parsed ? [parsed.rule] : [];
}

function leaving({ from, to, ...rest }: Rule): Rule {
    const { ports, ...own } = to;
    return { ...rest, from: own, to: { addresses: from.addresses, ...(ports && { ports }) }, direction: "egress" };
}
