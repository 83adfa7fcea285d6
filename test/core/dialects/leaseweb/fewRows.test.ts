import { proveVpsRows, renderVpsRows } from "../../../../core/dialects/leaseweb";
import { policy } from "../nftables/build";
import { rowsOf } from "./vps";

// What drops leave is cut by people or by ports, whichever takes fewer rows.

test("two ports of which one is closed to half of a network: a row for each port", () => {
    const wanted = policy({
        "web/drop": "drop tcp from 10.0.0.0/9 to port 80",
        "web/in": "accept tcp from 10.0.0.0/8 to port 80, 443",
    });
    expect(rowsOf(wanted)).toEqual(["TCP 10.128.0.0/9 80 web/in", "TCP 10.0.0.0/8 443 web/in"]);
    expect(proveVpsRows(renderVpsRows(wanted).rows, wanted)).toBeUndefined();
});

test("two networks of which one is closed at a port: the ports of each network", () => {
    const wanted = policy({
        "web/drop": "drop tcp from 10.0.0.0/8 to port 25",
        "web/in": "accept tcp from 10.0.0.0/8, 192.0.2.0/24 to port 20-30",
    });
    expect(rowsOf(wanted)).toEqual([
        "TCP 192.0.2.0/24 20-30 web/in",
        "TCP 10.0.0.0/8 20-24 web/in",
        "TCP 10.0.0.0/8 26-30 web/in",
    ]);
    expect(proveVpsRows(renderVpsRows(wanted).rows, wanted)).toBeUndefined();
});

test("hundreds of rules with as many drops before them take a moment", () => {
    const lines = Array.from({ length: 600 }, (_, i): [string, string][] => [
        [`web/drop${i}`, `drop tcp from 10.${i >> 8}.${i & 255}.7 to port ${1000 + (i % 50)}`],
        [`web/in${i}`, `accept tcp from 10.${i >> 8}.${i & 255}.0/24 to port 900-2000`],
    ]);
    const wanted = policy(Object.fromEntries(lines.flat()));
    const start = performance.now();
    const { rows, notes } = renderVpsRows(wanted);
    expect(performance.now() - start).toBeLessThan(5000);
    // Of each network all but one address in eight prefixes, and of that address the ports below and above one.
    expect(rows).toHaveLength(600 * 10);
    expect(notes.filter(({ about }) => about === "exclusion")).toHaveLength(600);
    expect(proveVpsRows(rows, wanted)).toBeUndefined();
});

test("a note names the first of many rules, and has all of their keys", () => {
    const drops = Array.from({ length: 8 }, (_, i): [string, string] => [`web/d${i}`, `drop any from 10.0.0.${2 * i}`]);
    const { notes } = renderVpsRows(policy({ ...Object.fromEntries(drops), "web/in": "accept tcp from 10.0.0.0/8" }));
    const [note] = notes.filter(({ about }) => about === "exclusion");
    expect(note!.text).toBe(
        "The rows of web/in cover exactly what web/d0, web/d1, web/d2, web/d3, web/d4 and 3 more leave of it: rows only allow.",
    );
    expect(note!.keys).toEqual(["web/in", ...drops.map(([key]) => key)]);
});

test("what is not known yet can't be rows", () => {
    const [rule] = policy({ "web/a": "accept tcp from 10.0.0.0/8 to port 22" }).rules;
    const from = { addresses: { kind: "list", ranges: [], sets: [], unknown: true } } as const;
    const open = { ...policy({}), rules: [{ ...rule!, rule: { ...rule!.rule, from } }] };
    expect(() => renderVpsRows(open)).toThrow("web/a is not known yet");
});
