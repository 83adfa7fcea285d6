import { removeRuleset } from "../../../targets/ssh/removeRuleset";
import { describeBare, startBareHost, type BareHost } from "./bareHost";
import { apply, applyAndVanish, confirmedFile, mustBe, openPort, optionsFor, probe } from "./kit";
import { RESOURCE } from "./rulesets";

describeBare("removing", () => {
    let host: BareHost;
    beforeEach(async () => {
        host = await startBareHost();
    });
    afterEach(() => host.stop());

    const remove = (resource = RESOURCE) => removeRuleset({ ...optionsFor(host), resource });

    test("removes the table and every file, and may be repeated", async () => {
        host.sh("nft add table ip theirs");
        const before = host.sh("nft -a list ruleset");
        mustBe(await apply(host, 80), "confirmed");
        const { kind, probe: after } = await remove();
        expect(kind).toBe("removed");
        expect(after.table).toBe("absent");
        expect(host.sh("nft -a list ruleset")).toBe(before);
        expect(host.sh("ls /var/lib")).toBe("");
        expect((await remove()).kind).toBe("absent");
    });

    test("leaves what another resource put there", async () => {
        mustBe(await apply(host, 80), "confirmed");
        expect((await remove("99999999-2222-3333-4444-555555555555")).kind).toBe("foreign");
        expect(openPort(host)).toBe(80);
        host.sh("nft delete table inet vps_firewall");
        expect((await remove("99999999-2222-3333-4444-555555555555")).kind).toBe("foreign");
        expect(host.sh(`cat ${confirmedFile}`)).toContain("dport 80");
    });

    test("removes the files where the table is gone already", async () => {
        mustBe(await apply(host, 80), "confirmed");
        host.sh("nft flush ruleset");
        expect((await remove()).kind).toBe("removed");
        expect(host.sh("ls /var/lib")).toBe("");
    });

    test("takes back what is open first", async () => {
        await applyAndVanish(host, 80, 2);
        expect((await remove()).kind).toBe("absent");
        expect(host.sh("nft list ruleset")).toBe("");
    });

    test("a delete that was cut short is finished by the next probe", async () => {
        mustBe(await apply(host, 80), "confirmed");
        host.sh(`rm ${confirmedFile}`);
        expect((await probe(host)).repairs).toEqual(["finished a delete that was cut short"]);
        expect(host.sh("nft list ruleset")).toBe("");
        expect((await remove()).kind).toBe("absent");
    });
});
