import fc from "fast-check";
import { TooMuchWork } from "../../core/analysis/diagram";
import { formatPacket } from "../../core/analysis/witness";
import { nftables } from "../../core/dialects/nftables";
import { UnreadableListing, UnreadableRuleset } from "../../core/dialects/unreadable";
import { printable } from "../../core/model/diagnostics";
import { liveState } from "../../provider/hostState";
import { policy } from "../core/dialects/nftables/build";
import { accept, chain, hostileListings, input, json, match, payload, rule, table } from "./hostileListings";

/**
 * What a compromised host says that it runs. Whatever it is: it ends in bounded time, in the one error that says so or
 * in a state of printable text, and nothing of it is taken for the ruleset that was meant.
 */
const PRINTABLE = /^[\x20-\x7e]*$/;
/** Milliseconds of the processor, to which other work on the machine adds nothing; most take less than a second. */
const LONGEST = 15_000;

const web = policy({ "web/ssh": "accept tcp from anywhere to port 22" });

const readers: Readonly<Record<string, (text: string) => unknown>> = {
    "the state": (text) => liveState(nftables.read(text), undefined),
    "the comparison": (text) => nftables.difference(text, web),
    "the proof": (text) => proof(text),
    "what others wrote": (text) => nftables.keepForeign("", text, text.slice(0, 1_000_000)),
};

/** What the packets of a listing do, or that it says nothing to be proved. */
function proof(text: string): unknown {
    try {
        const { packet, conditions, ...verdicts } = nftables.prove({ listing: text }, web) ?? {};
        return [packet && formatPacket(packet), printable(conditions?.join(", ") ?? ""), verdicts];
    } catch (error) {
        if (!(error instanceof UnreadableRuleset || error instanceof TooMuchWork)) throw error;
        return error.message;
    }
}

/** The text in a result, or undefined where it is unreadable. Anything else that is thrown is a mistake. */
function read(reader: (text: string) => unknown, text: string): string[] | undefined {
    try {
        return textsIn(reader(text));
    } catch (error) {
        if (!(error instanceof UnreadableListing)) throw error;
        expect(error.message).toMatch(PRINTABLE);
        return undefined;
    }
}

function textsIn(value: unknown): string[] {
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, item]) => [key, ...textsIn(item)]);
}

describe("a listing that no nft wrote", () => {
    test.each(Object.keys(hostileListings))("%s", (name) => {
        const text = hostileListings[name]!();
        for (const [what, reader] of Object.entries(readers)) {
            const began = process.cpuUsage();
            const texts = read(reader, text) ?? [];
            const { user, system } = process.cpuUsage(began);
            expect((user + system) / 1000).toBeLessThan(LONGEST);
            if (what === "what others wrote") continue;
            for (const said of texts) {
                if (!PRINTABLE.test(said)) expect(said).toMatch(PRINTABLE);
                expect(said.length).toBeLessThan(20_000);
            }
            // There is a difference, and it is said.
            if (what === "the comparison") expect(texts).not.toEqual([""]);
        }
    });

    test("is never the ruleset that was meant", () => {
        for (const [name, make] of Object.entries(hostileListings)) {
            if (/fit|million|,000|long/.test(name)) continue;
            const texts = read(readers["the comparison"]!, make());
            if (texts?.length === 0) throw new Error(`${name} passes for it`);
        }
    });

    test("any JSON where an expression, a rule, a chain, a set or a table belongs", () => {
        const wild = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });
        const nearly = fc.oneof(
            wild.map((value) => [rule("input", [value])]),
            wild.map((value) => [rule("input", [match(payload("tcp", "dport"), value), accept], "web/ssh")]),
            fc
                .tuple(wild, wild)
                .map(([left, right]) => [rule("input", [{ match: { op: "==", left, right } }, accept])]),
            wild.map((value) => [{ chain: { ...chain("x").chain, hook: value, prio: value } }]),
            wild.map((elem) => [{ set: { ...chain("s").chain, type: "ipv4_addr", elem, flags: elem } }]),
            wild.map((value) => [value]),
        );
        fc.assert(
            fc.property(nearly, (objects) => {
                for (const reader of Object.values(readers))
                    for (const said of read(reader, json([table, input, ...objects])) ?? [])
                        expect(said).toMatch(PRINTABLE);
            }),
            { numRuns: 500 },
        );
    });
});
