import { createHash } from "node:crypto";
import { nftables, render } from "../../../core/dialects/nftables";
import { setIdentifier } from "../../../core/dialects/nftables/identifiers";
import { mergeRanges } from "../../../core/model/addresses";
import { parseAddressRange } from "../../../core/model/parseAddress";
import { storeSet } from "../../../core/model/addressSets";
import type { Policy } from "../../../core/model/policy";
import { probeHost } from "../../../targets/ssh/probeHost";
import type { ApplyOptions, Plan, ProtocolSession } from "../../../targets/ssh/protocol";
import { storedText } from "../../../targets/ssh/stored";
import { policy } from "../../core/dialects/nftables/build";
import { crowdOf } from "../../core/dialects/nftables/crowd";
import { describeBare, startBareHost, type BareHost } from "./bareHost";
import { apply, confirmedFile, mustBe, optionsFor, probe, staged, until, killSteps } from "./kit";
import { RESOURCE } from "./rulesets";

const crowd = crowdOf(4, 5000);
const ID = `${setIdentifier("blocked", 4)}_24`;

/** As it is kept beside the ruleset: some 20 lines. */
const entriesOf = ({ sets }: Policy) => storeSet(sets[0]!).entries!.split("\n");

/** Many networks, those in `more` beside them, and what is open. */
function blocking(more: readonly string[], port = 22): Policy {
    const ranges = more.flatMap((entry) => {
        const parsed = parseAddressRange(entry);
        return "range" in parsed ? [parsed.range] : [];
    });
    const rules = policy({
        "web/blocked": "drop any from set blocked",
        "web/ssh": `accept tcp from anywhere to port ${port}`,
    });
    return { ...rules, sets: [{ name: "blocked", ranges: mergeRanges([...crowd, ...ranges]) }] };
}

const ONE = ["203.0.113.0/24"];
const OTHER = ["198.51.100.0/24"];
const marked = (applyId: string) => ({ owner: "0123456789abcdef", resource: RESOURCE, applyId });

for (const userland of ["debian", "busybox"] as const)
    describeBare(`a change of a few elements (${userland})`, () => {
        let host: BareHost;
        beforeEach(async () => {
            host = await startBareHost(userland);
            mustBe(await apply(host, 0, planning(blocking([]), undefined)), "confirmed");
        });
        afterEach(() => host.stop());

        let confirmedText = "";
        /** A plan for `wanted`, by what differs from `from`; remembers what was sent. */
        function planning(wanted: Policy, from: Policy | undefined, sent: string[] = []): Partial<ApplyOptions> {
            return {
                plan: (found, applyId): Plan => {
                    const text = render(wanted, marked(applyId));
                    const before = from && render(from, marked(found.confirmed!.applyId));
                    const delta = before === undefined ? undefined : nftables.delta!(before, text);
                    confirmedText = text;
                    return {
                        forward: text,
                        boot: text,
                        manifest: entriesOf(wanted),
                        ...(delta && { delta: { ...delta, from: createHash("sha256").update(before!).digest("hex") } }),
                    };
                },
                verify: (_, listing) => nftables.difference(listing, wanted),
                connect: () => host.connect().then((session) => watched(session, sent)),
            };
        }

        function watched(session: ProtocolSession, sent: string[]): ProtocolSession {
            return {
                ...session,
                run(command, stdin, limits) {
                    if (stdin.includes("\nstep_arm\n")) sent.push(stdin);
                    return session.run(command, stdin, limits);
                },
            };
        }

        /** In which the step with this name is killed, so many milliseconds after it was sent. */
        function killedIn(session: ProtocolSession, name: string, milliseconds: number): ProtocolSession {
            return {
                ...session,
                run(command, stdin, limits) {
                    if (stdin.includes(`\nstep_${name}\n`)) setTimeout(() => killSteps(host), milliseconds);
                    return session.run(command, stdin, limits);
                },
            };
        }

        const live = () => nftables.read(host.sh("nft -j -s -p list table inet vps_firewall")).sets[0]!.ranges;
        const has = (network: string) => host.sh(`nft list set inet vps_firewall ${ID}`).includes(network);

        test("sends these, and leaves a whole ruleset for the next boot", async () => {
            const sent: string[] = [];
            mustBe(await apply(host, 0, planning(blocking(ONE), blocking([]), sent)), "confirmed");
            expect(live()).toEqual(blocking(ONE).sets[0]!.ranges);
            expect(host.sh(`cat ${confirmedFile}`)).toBe(confirmedText);
            mustBe(await apply(host, 0, planning(blocking(OTHER), blocking(ONE), sent)), "confirmed");
            expect(live()).toEqual(blocking(OTHER).sets[0]!.ranges);
            expect(host.sh(`cat ${confirmedFile}`)).toBe(confirmedText);
            expect(sent).toHaveLength(2);
            for (const script of sent) {
                expect(script).not.toContain("11.0.1.0");
                const kept = entriesOf(blocking([])).filter((line) => script.includes(`"${line}"`));
                expect(kept.length).toBeLessThan(2);
            }
            const { text, ...kept } = (await probe(host)).confirmed!;
            expect(kept).toMatchObject({ generation: 3, manifest: entriesOf(blocking(OTHER)) });
            expect(text === storedText(kept)).toBe(true);
            expect(host.sh(staged)).toBe("");
            // What the next boot does.
            host.sh("nft delete table inet vps_firewall; sh /var/lib/vps-firewall/load.sh || nft -f " + confirmedFile);
            expect(live()).toEqual(blocking(OTHER).sets[0]!.ranges);
        });

        test("reads it without listing what it knows, and whole where that is not so", async () => {
            const answers: number[] = [];
            const short = {
                ...planning(blocking(ONE), blocking([])),
                complete: (listing: string) => {
                    answers.push(listing.length);
                    return nftables.complete!(listing, blocking(ONE));
                },
            };
            mustBe(await apply(host, 0, short), "confirmed");
            // The first probe found another set, and was made again.
            expect(answers).toHaveLength(3);
            for (const length of answers) expect(length).toBeLessThan(10_000);
            const options = { ...optionsFor(host), withText: true, complete: short.complete };
            const same = await probeHost(options);
            expect(nftables.difference(same.listing, blocking(ONE))).toBeUndefined();
            expect(same.listingText).toContain("chain input { # handle");
            expect(same.listingText.length).toBeLessThan(10_000);
            host.sh(`nft add element inet vps_firewall ${ID} { 198.18.0.0 }`);
            const other = await probeHost(options);
            expect(nftables.difference(other.listing, blocking(ONE))).toBe("set blocked has 198.18.0.0/24 as well");
            host.sh(`nft delete element inet vps_firewall ${ID} { 198.18.0.0 }`);
            host.sh("nft 'add set inet vps_firewall theirs { type ipv4_addr; elements = { 192.0.2.1 }; }'");
            const theirs = await probeHost(options);
            expect(theirs.listingText).toContain("192.0.2.1");
            expect(nftables.read(theirs.listing).unmanaged.map(({ key }) => key)).toEqual(["(unmanaged) set theirs"]);
        });

        test("is taken back as it came where nobody confirms it", async () => {
            const before = host.sh(`cat ${confirmedFile}`);
            const vanished = new Error("vanished");
            const options = planning(blocking(ONE), blocking([]));
            await expect(
                apply(host, 0, {
                    ...options,
                    confirmSeconds: 1,
                    onStage: (stage) => {
                        if (stage === "loaded") throw vanished;
                    },
                }),
            ).rejects.toBe(vanished);
            expect(has("203.0.113.0")).toBe(true);
            await until(() => !has("203.0.113.0") && host.sh(staged) === "");
            expect(live()).toEqual(crowd);
            expect(host.sh(`cat ${confirmedFile}`)).toBe(before);
            expect((await probe(host)).mark?.applyId).toBe((await probe(host)).confirmed?.applyId);
        });

        test("is taken back whole where somebody took an element of it away meanwhile", async () => {
            const vanished = new Error("vanished");
            await expect(
                apply(host, 0, {
                    ...planning(blocking(ONE), blocking([])),
                    confirmSeconds: 2,
                    onStage: (stage) => {
                        if (stage !== "loaded") return;
                        host.sh(`nft delete element inet vps_firewall ${ID} { 203.0.113.0 }`);
                        throw vanished;
                    },
                }),
            ).rejects.toBe(vanished);
            await until(() => host.sh(staged) === "");
            expect(live()).toEqual(crowd);
        });

        test.each(["arm", "confirm"])(
            "killed on the host in the step %s, it is there whole or not at all",
            async (step) => {
                let now: string[] = [];
                for (let moment = 0; moment <= 350; moment += 70) {
                    const next = now === ONE ? OTHER : ONE;
                    const outcome = await apply(host, 0, {
                        ...planning(blocking(next), blocking(now)),
                        confirmSeconds: 3,
                        connect: () => host.connect().then((session) => killedIn(session, step, moment)),
                    }).catch((error: Error) => error);
                    await new Promise((resolve) => setTimeout(resolve, moment));
                    const found = await probe(host);
                    expect(found.mark?.applyId).toBe(found.confirmed?.applyId);
                    expect(host.sh(staged)).toBe("");
                    if (!(outcome instanceof Error) && outcome.kind === "confirmed") now = next;
                    expect(live()).toEqual(blocking(now).sets[0]!.ranges);
                    expect(found.confirmed?.manifest).toEqual(entriesOf(blocking(now)));
                    const whole = render(blocking(now), marked(found.confirmed!.applyId));
                    expect(host.sh(`cat ${confirmedFile}`) === whole).toBe(true);
                }
            },
            120_000,
        );

        test.each([
            [
                "an element that it takes away is gone already",
                OTHER,
                () => `nft delete element inet vps_firewall ${ID} { 203.0.113.0 }`,
            ],
            ["the confirmed file was edited", OTHER, () => `echo '# by hand' >>${confirmedFile}`],
            ["the file beside it was edited", OTHER, () => `echo >>/var/lib/vps-firewall/confirmed.json`],
        ])("the whole is sent where %s", async (_, next, spoil) => {
            mustBe(await apply(host, 0, planning(blocking(ONE), blocking([]))), "confirmed");
            host.sh(spoil());
            const sent: string[] = [];
            mustBe(await apply(host, 0, planning(blocking(next), blocking(ONE), sent)), "confirmed");
            expect(sent.length).toBe(2);
            expect(live()).toEqual(blocking(next).sets[0]!.ranges);
            expect(host.sh(`cat ${confirmedFile}`)).toBe(confirmedText);
            expect(host.sh(staged)).toBe("");
        });
    });
