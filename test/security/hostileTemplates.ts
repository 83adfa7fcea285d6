import fc from "fast-check";
import { name, ruleFields } from "../core/arbitraries";

/** What `check` is given for one host, as the components make it. */
export type RawInputs = Readonly<Record<string, unknown>>;

/** File that no test may find afterwards: each way to run a command tries to make it. */
export const CANARY = "/tmp/vpsfw-canary";

/** What somebody might write to get at a shell, a packet filter, a script, a terminal, or at JavaScript itself. */
export const hostileTexts: readonly string[] = [
    `$(touch ${CANARY})`,
    `\`touch ${CANARY}\``,
    `'; touch ${CANARY}; '`,
    `"; touch ${CANARY}; "`,
    `\ntouch ${CANARY}\n`,
    `\n}\ntouch ${CANARY}\n{\n`,
    `\nEND\nEOF\nstep_arm\n} </dev/null\ntouch ${CANARY}\n`,
    `| touch ${CANARY} &`,
    `\${IFS}touch\${IFS}${CANARY}`,
    "accept; flush ruleset",
    '" accept }\n}\nflush ruleset\n',
    'x" accept comment "',
    "}",
    "{ 0.0.0.0/0 }",
    "@vpsfw_no_port",
    "$variable",
    'include "/etc/shadow"',
    "define x = 1",
    "/* comment",
    "# comment",
    "\\",
    "\\\n",
    "*",
    "-",
    "--",
    "-f",
    "!= 22",
    "drop",
    "accept",
    "jump input",
    "meta",
    "fwd",
    "inet",
    "table",
    "default:accept",
    "base:loopback",
    "web/ssh priority 1",
    "vpsfw1 o=0123456789abcdef",
    "\0",
    "\u0000\u0001\u001b[2J\u001b]0;owned\u0007",
    "\r",
    "\t",
    "\v\f",
    "\u0085\u2028\u2029\ufeff\u200b\u00a0",
    "\u202e\u2066right to left",
    "\ud800",
    "\ud83d\udd25",
    "\u0662\u0662",
    "\uff12\uff12",
    "0x16",
    "1e1",
    "22.0",
    "+22",
    "022",
    "-1",
    "65536",
    "4294967318",
    "1-",
    "22-21",
    "0-65535",
    "010.0.0.1",
    "0x7f.1",
    "1.2.3",
    "::ffff:10.0.0.1",
    "fe80::1%eth0",
    "10.0.0.0/33",
    "10.0.0.1/8",
    "0.0.0.0/0",
    "%s%n%x",
    "{value} {proposal}",
    "$& $1 $`",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "../../etc/passwd",
    "/",
    "//",
    "a/b/c",
    "(not known yet)",
    "set office",
    "anywhere except 10.0.0.0/8",
    "4dabf18193072939515e22adb298388d",
    "1b47061264138c4ac30d75fd1eb44270",
    "x".repeat(49),
    "x".repeat(5000),
    "\n".repeat(1000),
    '"'.repeat(1000),
    "",
    " ",
];

const lines = [
    "accept tcp from anywhere to port 22",
    "accept tcp + udp from 10.0.0.0/8, 2001:db8::/32 to port 53, 8000-8010",
    "egress accept udp to 9.9.9.9 port 53",
    "drop any from set office",
    "reject icmp echo-request from anywhere IPv4 priority 900",
    'drop tcp from anywhere except 10.0.0.0/8 in wg* flags null log prefix "scan: "',
    "accept tcp from anywhere to port 22 limit 6/minute burst 5 per source expires 2027-01-31",
];
const oddValues: readonly unknown[] = [null, NaN, Infinity, -0, 1e21, 0.5, true, [], {}, [[]], [null]];

/** Numbers from 0 to `below`, the same for the same seed (mulberry32). */
export type Dice = (below: number) => number;
export function diceOf(seed: number): Dice {
    let state = seed;
    return (below) => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) % below;
    };
}

/**
 * Inputs of which nothing, one or two places are hostile: enough are still accepted, so that these can be looked at.
 * Their parts are drawn once and then only combined, since ten thousand are wanted in seconds.
 */
export function hostileInputs(count: number, seed: number): RawInputs[] {
    const dice = diceOf(seed);
    const one = <T>(items: readonly T[]): T => items[dice(items.length)]!;
    const names = fc.sample(name, { numRuns: 60, seed });
    // An unaligned range of IPv6 is hundreds of prefixes, which other tests look at.
    const fields = fc
        .sample(ruleFields, { numRuns: 400, seed })
        .filter((rule) => !/:[^",]*-/.test(JSON.stringify([rule.from, rule.to])));
    const noise = fc.sample(fc.string({ unit: "binary", maxLength: 20 }), { numRuns: 100, seed });
    const values = fc.sample(fc.jsonValue({ maxDepth: 2 }), { numRuns: 100, seed });
    const text = () => one(dice(6) ? hostileTexts : noise);
    const value = () => (dice(6) ? text() : one(dice(2) ? oddValues : values));
    const rule = () => {
        if (dice(4) === 0) return one(lines);
        return dice(2) ? one(fields) : { ...one(fields), description: text() };
    };
    const many = <T>(most: number, make: () => T): T[] => Array.from({ length: 1 + dice(most) }, make);
    const inputs = (): RawInputs => ({
        target: { host: "192.0.2.1", user: "root", port: 22 },
        owner: dice(2) ? "acme/web/prod" : text(),
        templates: many(2, () => ({
            name: one(names),
            rules: Object.fromEntries(many(3, () => [one(names), rule()])),
        })),
        addressSets: {
            office: { entries: ["198.51.100.0/24", "2001:db8:77::/48"] },
            vpn: { entries: ["10.8.0.1-10.8.0.9"] },
        },
        defaults: { ingress: one(["drop", "accept"]), egress: one(["accept", "drop"]) },
        adopt: text(),
    });
    return Array.from({ length: count }, () => {
        let raw = inputs();
        for (let places = dice(3); places > 0; places--) raw = spoiled(raw, dice, text(), value());
        return raw;
    });
}

type Path = readonly (string | number)[];

/** One place spoiled: a value replaced, a text lengthened or broken into, or a key replaced. */
function spoiled(raw: RawInputs, dice: Dice, text: string, value: unknown): RawInputs {
    const paths = ["templates", "addressSets", "defaults"].flatMap((key) => pathsOf(raw[key], [key]));
    const path = paths[dice(paths.length)]!;
    const keyAt = dice(4) === 0 ? dice(path.length) : -1;
    return changed(raw, path, keyAt, { dice, text, value }) as RawInputs;
}

function pathsOf(value: unknown, path: Path): Path[] {
    if (typeof value !== "object" || value === null) return [path];
    return Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]));
}

interface Spoil {
    readonly dice: Dice;
    readonly text: string;
    readonly value: unknown;
}

function changed(old: unknown, [key, ...rest]: Path, keyAt: number, spoil: Spoil): unknown {
    const { dice, text, value } = spoil;
    if (key === undefined) {
        const isWord = typeof old === "string" || typeof old === "number";
        if (!isWord || dice(3) === 0) return value;
        const word = String(old);
        const at = [0, word.length, dice(word.length + 1)][dice(3)]!;
        return word.slice(0, at) + text + word.slice(at);
    }
    const entries = Object.entries(old as object).map(([name, item]): [string, unknown] => {
        if (name !== String(key)) return [name, item];
        // The name of a rule, of a set, of a field.
        if (keyAt === 0) return [dice(2) ? text : name + text, item];
        return [name, changed(item, rest, keyAt - 1, spoil)];
    });
    return Array.isArray(old) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}
