import { iptables } from "../../../../core/dialects/iptables";
import { splitFamilies } from "../../../../core/dialects/iptables/families";
import { web } from "../nftables/build";
import { ownership } from "../nftables/policies";
import { before, behind, changed, edited, saveOf, without } from "./save";

const rendered = iptables.render(web, ownership);
const IN = "-A VPSFW-IN";
const kept = (listing: string) => iptables.keepForeign(rendered, listing, "");

test("nothing of others, nothing to keep", () => {
    expect(kept(saveOf(web))).toBeUndefined();
    expect(kept("")).toBeUndefined();
    // What we had lost, or what was changed of ours, our own text restores.
    expect(kept(edited(saveOf(web), "both", without('"web/quic"')))).toBeUndefined();
    expect(
        kept(
            edited(
                saveOf(web),
                4,
                changed('"web/quic"', (line) => line.replace("443", "444")),
            ),
        ),
    ).toBeUndefined();
    expect(
        kept(
            edited(
                saveOf(web),
                4,
                changed("vpsfw1", (line) => line.replace("a=f", "a=x")),
            ),
        ),
    ).toBeUndefined();
});

test("what others wrote into our chains comes back behind the same line of ours", () => {
    const first = `${IN} -p tcp -m tcp --dport 1 -j DROP`;
    const inBase = `${IN} -s 192.0.2.1/32 -m comment --comment "by \\"hand\\"" -j DROP`;
    const inside = `${IN} -p tcp -m tcp --dport 3306 -j f2b`;
    const last = `${IN} -p tcp -m tcp --dport 3307 -j ACCEPT`;
    const listing = edited(saveOf(web), 4, (lines) =>
        [
            before("vpsfw1", first),
            behind("--icmp-type 11", inBase),
            behind('"web/quic"', inside, `[3:4] ${inside}`),
            behind("default:drop", last),
            without('"base:replies"'),
            before("-A INPUT -j VPSFW-IN", "-A INPUT -i virbr0 -j ACCEPT"),
        ].reduce((some, edit) => edit(some), lines),
    );
    const back = kept(listing)!;
    expect(splitFamilies(back)[6]).toBe(splitFamilies(rendered)[6]);
    const lines = splitFamilies(back)[4].split("\n");
    const behindOf = (text: string, at = 1) => lines[lines.findIndex((line) => line.includes(text)) + at];
    expect(behindOf(":VPSFW-IN")).toBe(first);
    expect(behindOf("--icmp-type 11")).toBe(inBase);
    expect([behindOf('"web/quic"'), behindOf('"web/quic"', 2)]).toEqual([inside, inside]);
    expect(behindOf("default:drop")).toBe(last);
    expect(lines.filter((line) => !splitFamilies(rendered)[4].split("\n").includes(line))).toEqual([
        first,
        inBase,
        inside,
        inside,
        last,
    ]);
});

test("each of several lines under one comment keeps what stood behind it", () => {
    const drop = `${IN} -p tcp -m tcp --dport 1 -j DROP`;
    const back = kept(edited(saveOf(web), 6, behind("--icmpv6-type 135", drop)))!;
    const lines = splitFamilies(back)[6].split("\n");
    expect(lines[lines.indexOf(drop) - 1]).toContain("--icmpv6-type 135");
});

test("what no line of plain text can hold is left out", () => {
    const strange = ['"a\nb"', '"\u00fc"', '"\u001b[2J"', '"a\rb"'];
    for (const comment of strange) {
        const line = `${IN} -p tcp -m comment --comment ${comment} -j DROP`;
        expect(kept(edited(saveOf(web), 4, behind('"web/quic"', ...line.split("\n"))))).toBeUndefined();
    }
});

test("what stood in a chain that we do not render is lost with it", () => {
    const chain = [":VPSFW-OUT - [0:0]", "-A OUTPUT -j VPSFW-OUT", "-A VPSFW-OUT -p tcp -j DROP"];
    expect(kept(edited(saveOf(web), 4, before("-A INPUT", ...chain)))).toBeUndefined();
});
