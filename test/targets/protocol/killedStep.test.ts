import type { ProtocolSession } from "../../../targets/ssh/protocol";
import { removeRuleset } from "../../../targets/ssh/removeRuleset";
import { describeBare, startBareHost, type BareHost } from "./bareHost";
import { apply, mustBe, openPort, optionsFor, probe, staged, killSteps } from "./kit";
import { RESOURCE } from "./rulesets";

/** The script on the host itself, killed with SIGKILL at moments spread over a step. */
describeBare("a step that is killed on the host", () => {
    let host: BareHost;
    beforeEach(async () => {
        host = await startBareHost();
        mustBe(await apply(host, 80), "confirmed");
    });
    afterEach(() => host.stop());

    /** Sessions of which the step with `name` is killed once, so many milliseconds after it was sent. */
    function killing(name: string, milliseconds: number): () => Promise<ProtocolSession> {
        let killed = false;
        return async () => {
            const session = await host.connect();
            return {
                ...session,
                async run(command, stdin, limits) {
                    if (!killed && stdin.includes(`\nstep_${name}\n`)) {
                        killed = true;
                        setTimeout(() => killSteps(host), milliseconds);
                    }
                    return session.run(command, stdin, limits);
                },
            };
        };
    }

    test.each(["probe", "arm", "confirm"])(
        "%s: the host runs the old or the confirmed ruleset, and the client knows which",
        async (name) => {
            for (let moment = 0; moment <= 320; moment += 40) {
                const before = openPort(host);
                const outcome = await apply(host, before === 80 ? 81 : 80, {
                    connect: killing(name, moment),
                    confirmSeconds: 3,
                }).catch((error: Error) => error);
                // The kill may have come after the step had ended.
                await new Promise((resolve) => setTimeout(resolve, moment));
                const found = await probe(host);
                expect(host.sh(staged)).toBe("");
                expect(found.confirmed?.manifest).toEqual({ port: openPort(host) });
                expect(found.mark?.applyId).toBe(found.confirmed?.applyId);
                if (outcome instanceof Error) {
                    // Nothing had been begun.
                    expect(openPort(host)).toBe(before);
                } else {
                    expect({ moment, changed: openPort(host) !== before }).toEqual({
                        moment,
                        changed: outcome.kind === "confirmed",
                    });
                }
            }
        },
    );

    test("remove: done again, it ends with nothing of ours", async () => {
        for (let moment = 0; moment <= 200; moment += 50) {
            await removeRuleset({ ...optionsFor(host), connect: killing("remove", moment), resource: RESOURCE }).catch(
                () => undefined,
            );
            await new Promise((resolve) => setTimeout(resolve, moment));
            await removeRuleset({ ...optionsFor(host), resource: RESOURCE });
            expect(host.sh("nft list ruleset; ls /var/lib")).toBe("");
            mustBe(await apply(host, 80), "confirmed");
        }
    });
});
