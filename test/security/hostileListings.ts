/** Listings that no nft would write: what a host may answer instead, to hurt or to deceive whoever reads it. */

export const json = (objects: readonly unknown[]): string => JSON.stringify({ nftables: objects });

const family = { family: "inet", table: "vps_firewall" };
export const table = { table: { family: "inet", name: "vps_firewall", handle: 1 } };
export const chain = (name: string, more: object = {}) => ({ chain: { ...family, name, handle: 1, ...more } });
export const input = chain("input", { type: "filter", hook: "input", prio: 0, policy: "drop" });
export const rule = (inChain: string, expr: readonly unknown[], comment?: string) => ({
    rule: { ...family, chain: inChain, handle: 1, expr, ...(comment !== undefined && { comment }) },
});
export const match = (left: object, right: unknown, op = "==") => ({ match: { op, left, right } });
export const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
export const accept = { accept: null };
export const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => make(i));
const escapes = "\u001b]0;owned\u0007\u001b[2J\u001b[31m\u202e\u0000\r\n";

const port = (n: number) => match(payload("tcp", "dport"), { range: [1 + (n % 30_000), 30_001 + (n % 35_000)] });
const sport = (n: number) => match(payload("tcp", "sport"), { range: [1 + (n % 20_000), 20_001 + (n % 9000)] });
const own = (n: number) =>
    match(payload("ip", "daddr"), { range: [`172.16.${n % 200}.1`, `172.16.${n % 200}.${2 + (n % 250)}`] });
const source = (n: number) =>
    match(payload("ip", "saddr"), {
        range: [`10.${n % 200}.${(n >> 3) % 256}.1`, `10.${n % 200}.${(n >> 3) % 256}.${2 + (n % 250)}`],
    });

/** Name -> the text of a listing, made when it is asked for: some are large. */
export const hostileListings: Readonly<Record<string, () => string>> = {
    "no JSON": () => "Segmentation fault",
    "cut JSON": () => json([table, input]).slice(0, -5),
    "no list": () => '{"nftables": {}}',
    "200,000 empty objects": () => `{"nftables":[${"{},".repeat(200_000)}{}]}`,
    "as many empty objects as fit": () => `{"nftables":[${"{},".repeat(20_000_000)}{}]}`,
    "as many numbers as fit": () => `{"nftables":[${"1,".repeat(30_000_000)}1]}`,
    "nested a million deep": () => `{"nftables":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`,
    "an expression nested 50 deep": () =>
        json([table, input, rule("input", [JSON.parse(`${'{"a":'.repeat(50)}1${"}".repeat(50)}`)])]),
    "an expression nested 5,000 deep": () =>
        `{"nftables":[${JSON.stringify(table)},${JSON.stringify(input)},{"rule":{"family":"inet","table":"vps_firewall","chain":"input","expr":[${'{"a":'.repeat(5000)}1${"}".repeat(5000)}]}}]}`,
    "a string that does not end": () => `{"nftables":["${"\\\\".repeat(2_000_000)}`,
    "50,000 tables": () => json(many(50_000, (n) => ({ table: { family: "inet", name: `t${n}` } }))),
    "30,000 chains": () => json([table, input, ...many(30_000, (n) => chain(`c${n}`))]),
    "10,000 chains with a rule each": () =>
        json([table, input, ...many(9_900, (n) => chain(`c${n}`)), ...many(9_900, (n) => rule(`c${n}`, [accept]))]),
    "19,000 rules that are not understood": () =>
        json([table, input, ...many(19_000, (n) => rule("input", [{ xt: { name: `x${n}` } }]))]),
    "rules for 300 interfaces": () =>
        json([
            table,
            input,
            ...many(300, (n) => rule("input", [match({ meta: { key: "iifname" } }, `eth${n}`), accept])),
        ]),
    "rules for 300 interfaces, and one that is not understood": () =>
        json([
            table,
            input,
            ...many(300, (n) => rule("input", [match({ meta: { key: "iifname" } }, `eth${n}`), accept])),
            rule("input", [{ xt: { name: "x" } }, accept]),
        ]),
    "900 rules of which half are not understood": () =>
        json([
            table,
            input,
            ...many(900, (n) =>
                rule("input", [source(n), port(n), ...(n % 2 ? [{ xt: { name: `x${n}` } }] : []), accept]),
            ),
        ]),
    "250 rules that are understood": () =>
        json([table, input, ...many(250, (n) => rule("input", [source(n), port(n), accept]))]),
    "250 rules that drop and accept in part": () =>
        json([
            table,
            input,
            ...many(250, (n) => rule("input", [source(n), sport(n), port(n), n % 2 ? accept : { drop: null }])),
        ]),
    "120 rules for some of its own addresses": () =>
        json([table, input, ...many(120, (n) => rule("input", [source(n), own(n), sport(n), port(n), accept]))]),
    "1,000 rules with keys of their own": () =>
        json([table, input, ...many(1000, (n) => rule("input", [source(n), port(n), accept], `web/r${n}`))]),
    "a set of 200,000 addresses": () =>
        json([
            table,
            input,
            {
                set: {
                    ...family,
                    name: "s6a1b2c3d_4",
                    type: "ipv4_addr",
                    elem: many(200_000, (n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`),
                },
            },
        ]),
    "absurd numbers": () =>
        `{"nftables":[${JSON.stringify(table)},{"chain":{"family":"inet","table":"vps_firewall","name":"input","hook":"input","type":"filter","prio":1e999,"policy":"drop"}},` +
        `{"rule":{"family":"inet","table":"vps_firewall","chain":"input","handle":-1e308,"expr":[` +
        `{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"range":[-1,1e300]}}},{"accept":null}]}},` +
        `{"rule":{"family":"inet","table":"vps_firewall","chain":"input","expr":[` +
        `{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"range":[0.5,70000]}}},{"accept":null}],"comment":"web/a priority 9999999"}},` +
        `{"rule":{"family":"inet","table":"vps_firewall","chain":"input","expr":[` +
        `{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":{"range":[0,4000000000]}}},{"accept":null}]}},` +
        `{"rule":{"family":"inet","table":"vps_firewall","chain":"input","expr":[` +
        `{"match":{"op":"==","left":{"payload":{"protocol":"icmp","field":"type"}},"right":{"range":[0,4000000000]}}},{"accept":null}]}},` +
        `{"rule":{"family":"inet","table":"vps_firewall","chain":"input","expr":[` +
        `{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"10.0.0.0","len":-1}}}},{"accept":null}]}},` +
        `{"rule":{"family":"inet","table":"vps_firewall","chain":"input","expr":[` +
        `{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"10.0.0.0","len":1.5}}}},{"accept":null}]}}]}`,
    "prototype keys": () =>
        `{"nftables":[{"__proto__":{"family":"inet","name":"vps_firewall"}},${JSON.stringify(table)},{"constructor":{"family":"inet","table":"vps_firewall"}},` +
        `{"chain":{"__proto__":{"hook":"input"},"family":"inet","table":"vps_firewall","name":"__proto__"}},` +
        `{"rule":{"family":"inet","table":"vps_firewall","chain":"__proto__","expr":[{"__proto__":{"accept":null}}],"comment":"__proto__/constructor"}},` +
        `{"set":{"family":"inet","table":"vps_firewall","name":"toString","type":"__proto__","comment":"constructor","elem":["hasOwnProperty"]}},` +
        `{"set":{"family":"inet","table":"vps_firewall","name":"x","type":"constructor","comment":"valueOf"}}]}`,
    "one chain 10,000 times": () =>
        json([table, ...many(9900, () => input), ...many(9900, () => rule("input", [accept]))]),
    "objects where words belong": () => {
        const word = { toString: 1, valueOf: 2, toJSON: 3, length: 1e9, then: 4 };
        return json([
            { table: { ...table.table, flags: [word, ...many(50_000, () => "x")] } },
            chain("input", { type: word, hook: word, prio: word, policy: word }),
            { chain: { ...family, name: word } },
            { rule: { ...family, chain: word, handle: word, comment: word, expr: word } },
            rule("input", [match(word, word), match({ meta: word }, { set: word }), { reject: word }, word as never]),
            { set: { ...family, name: word, type: word, comment: word, flags: word, elem: word } },
            { set: { ...family, name: "s", type: [word], elem: [word, { elem: word }, { elem: { val: word } }] } },
            { map: { ...family, name: word } },
        ]);
    },
    "terminal escapes": () =>
        json([
            { metainfo: { version: escapes } },
            { table: { ...table.table, flags: [escapes] } },
            input,
            chain(escapes, { type: escapes, hook: escapes, prio: 0, policy: escapes }),
            rule("input", [{ [escapes]: escapes }], escapes),
            rule("input", [match({ meta: { key: escapes } }, escapes, escapes), { accept: null }]),
            rule("input", [{ reject: { type: escapes, expr: escapes } }]),
            rule(escapes, [accept], `web/${escapes}`),
            { set: { ...family, name: escapes, type: escapes, comment: escapes, flags: [escapes], elem: [escapes] } },
            { map: { ...family, name: escapes } },
        ]),
    "long texts": () =>
        json([
            { table: { ...table.table, flags: ["f".repeat(3_000_000)] } },
            chain("c".repeat(3_000_000)),
            input,
            chain("input", { type: "t".repeat(3_000_000), hook: "input", prio: 0, policy: "p".repeat(3_000_000) }),
            rule("input", [{ xt: "x".repeat(3_000_000) }], "y".repeat(3_000_000)),
            {
                set: {
                    ...family,
                    name: "s".repeat(3_000_000),
                    type: "t".repeat(3_000_000),
                    comment: "a/".repeat(1_000_000),
                },
            },
            { ["o".repeat(1_000_000)]: { ...family, name: "n".repeat(3_000_000) } },
        ]),
};
