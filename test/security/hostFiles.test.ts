import { nftables } from "../../core/dialects/nftables";
import { notKnownYet, policyOf } from "../../core/model/storedPolicy";
import { planApply, wishOf } from "../../provider/applyHost";
import { checkHost } from "../../provider/checkHost";
import { openClaims } from "../../provider/machineClaims";
import { applyRuleset } from "../../targets/ssh";
import type { Plan, ProtocolSession } from "../../targets/ssh/protocol";
import { removeRuleset } from "../../targets/ssh/removeRuleset";
import { type BareHost, describeBare, startBareHost, type Userland } from "../targets/protocol/bareHost";
import { apply, mustBe, optionsFor, probe } from "../targets/protocol/kit";
import { CANARY, hostileInputs, hostileTexts } from "./hostileTemplates";

const seen = "ls -1R /var/lib; cat /var/lib/precious 2>/dev/null || true";
const resource = "11111111-2222-4333-8444-555555555555";
const state = "/var/lib/vps-firewall";
const run = "/run/vps-firewall";

/** The same host through a login shell that leaves its files to everybody. */
function careless(host: BareHost): () => Promise<ProtocolSession> {
    return async () => {
        const session = await host.connect();
        return { ...session, run: (command, ...rest) => session.run(`umask 000; ${command}`, ...rest) };
    };
}

/** A file that another user could read, write or replace. */
const exposed = `for file in $(find ${state} ${run}); do
    [ -h "$file" ] && continue
    case "$(stat -c '%a %u' "$file")" in 700\\ 0 | 600\\ 0) ;; *) stat -c '%a %u %n' "$file" ;; esac
done`;

for (const userland of ["debian", "busybox"] as const satisfies readonly Userland[])
    describeBare(`on a host of ${userland}`, () => {
        let host: BareHost;
        beforeAll(async () => {
            host = await startBareHost(userland);
        });
        afterAll(() => host.stop());

        test("hostile templates, names and owners do nothing there but what they say, and stay root's alone", async () => {
            const seed = Math.floor(Math.random() * 2 ** 31);
            process.stdout.write(`    seed ${seed}\n`);
            // What is not known yet is no mistake in a preview, and nothing that an apply would send.
            const accepted = hostileInputs(60, seed).filter((raw) => {
                const { failures, inputs } = checkHost(raw);
                return failures.length === 0 && notKnownYet(policyOf(inputs)) === undefined;
            });
            const before = host.sh("ls -A /root /var /etc");
            for (const raw of accepted.slice(0, 2)) {
                // Everything that is nobody's mistake and gets as far as the host.
                const owner = `${hostileTexts.join("")}${String(raw.owner)}`;
                const { inputs } = checkHost({ ...raw, owner, lockoutCheck: "off", adopt: owner });
                const wish = wishOf({
                    resource,
                    inputs,
                    known: undefined,
                    claims: openClaims(),
                    tell: () => undefined,
                });
                const sent: Plan[] = [];
                const outcome = await applyRuleset({
                    ...optionsFor(host),
                    connect: careless(host),
                    withText: true,
                    confirmSeconds: 20,
                    plan: (probe, applyId) => {
                        const plan = planApply(wish, { ...probe, mark: undefined, confirmed: undefined }, applyId);
                        if (plan !== "unchanged") sent.push(plan);
                        return plan;
                    },
                    verify: (_, listing) => nftables.difference(listing, wish.policy),
                    onStage: (stage, applyId) => {
                        if (stage !== "loaded") return;
                        const plan = sent.at(-1)!;
                        expect(host.sh(`cat ${state}/${applyId}.forward.nft`)).toBe(plan.forward);
                        expect(host.sh(`cat ${state}/${applyId}.boot.nft`)).toBe(plan.boot);
                        const kept = JSON.parse(host.sh(`cat ${state}/${applyId}.json`)) as { manifest: unknown };
                        expect(kept.manifest).toEqual(JSON.parse(JSON.stringify(plan.manifest)));
                        expect(host.sh(exposed)).toBe("");
                    },
                });
                const confirmed = mustBe(outcome, "confirmed");
                expect(nftables.difference(confirmed.listing, wish.policy)).toBeUndefined();
                expect(host.sh("nft list tables")).toBe("table inet vps_firewall\n");
            }
            expect(accepted.length).toBeGreaterThan(3);
            expect(host.sh(exposed)).toBe("");
            expect((await removeRuleset({ ...optionsFor(host), resource })).kind).toBe("removed");
            expect(host.sh(`ls ${CANARY} 2>/dev/null || true`)).toBe("");
            expect(host.sh("ls -A /root /var /etc")).toBe(before);
        });

        const planted: Readonly<Record<string, string>> = {
            "a folder of another user": `mkdir ${state}; chown 1500 ${state}`,
            "a link to a folder": `mkdir /var/lib/theirs; ln -s /var/lib/theirs ${state}`,
            "a link to nothing": `ln -s /var/lib/nothing ${state}`,
            "a file": `echo x >${state}`,
            "a ruleset of another user": `mkdir ${state}; echo 'include "/etc/shadow"' >${state}/confirmed.nft; chown 1500 ${state}/confirmed.nft`,
            "a link in place of the ruleset": `mkdir ${state}; ln -s /etc/shadow ${state}/confirmed.nft`,
            "a link in place of the lock": `rm -rf ${run}; mkdir -p ${run}; echo precious >/var/lib/precious; ln -s /var/lib/precious ${run}/lock`,
            "a link in place of /run/vps-firewall": `rm -rf ${run}; mkdir /var/lib/theirs; ln -s /var/lib/theirs ${run}`,
        };

        test.each(Object.keys(planted))(
            "%s, made there by somebody else, is neither read nor written through (VF177)",
            async (what) => {
                const clean = `rm -rf ${state} ${run} /var/lib/theirs /var/lib/precious; nft flush ruleset`;
                host.sh(`${clean}; ${planted[what]}`);
                const before = host.sh(seen);
                await expect(apply(host, 80)).rejects.toThrow(
                    /^VF177 \/(run|var\/lib)\/vps-firewall on web1 is not root's alone/,
                );
                expect(host.sh("nft list ruleset")).toBe("");
                expect(host.sh(seen)).toBe(before);
                host.sh(clean);
            },
        );

        test("a folder of root's that everybody may enter is closed, and used", async () => {
            host.sh(`mkdir -p ${state} ${run}; chmod 777 ${state} ${run}`);
            mustBe(await apply(host, 80), "confirmed");
            expect(host.sh(exposed)).toBe("");
            expect((await probe(host)).confirmed?.generation).toBe(1);
        });
    });
