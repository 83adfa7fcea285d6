import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { messageOf, openDeployment, traceOf } from "./deployment";

describeLab("a host that does not answer", () => {
    let lab: Lab;
    let away: LabHost;
    beforeAll(async () => {
        lab = await openLab();
        away = await lab.addHost("away");
    });
    afterAll(() => lab.close());

    const SILENT = { connection: { perDialTimeout: 1 } };

    test("is an error with the ways out, and is forgotten only where the program says so (VF122, VF124, VF125)", async () => {
        const first = openDeployment(lab);
        const { id, outputs: known } = await first.provider.create(first.check(away, SILENT));
        const running = await traceOf(away);
        // The link is down, so nothing answers; the host itself lives on.
        await away.run("ip link set eth0 down");

        const { provider, check, codes, said } = openDeployment(lab);
        const [read, removed] = await Promise.all([
            messageOf(provider.read(id, known)),
            messageOf(provider.delete(id, known)),
        ]);
        expect(read).toMatch(new RegExp(`^VF122 the ruleset of ${away.ipv4} could not be read. VF140 ${away.ipv4} `));
        expect(removed).toMatch(
            /^VF122 .* could not be removed. VF140 .* set onUnreachable: "forget" .* deletedWith, or/,
        );
        expect(codes()).toEqual([]);

        // The option can be set now, and alone: what would have to be loaded fails.
        const wanted = check(away, { ...SILENT, onUnreachable: "forget" });
        const more = check(away, { ...SILENT, onUnreachable: "forget", rules: { all: "accept any from anywhere" } });
        expect(await messageOf(provider.update(id, more, known))).toMatch(/^VF140 /);
        const forgetting = await provider.update(id, wanted, known);
        expect(forgetting).toEqual({ ...known, onUnreachable: "forget" });
        expect(codes()).toEqual(["VF125"]);

        // Away for a moment is not gone: a refresh keeps what the state says.
        expect(await provider.read(id, forgetting)).toEqual({ id, inputs: wanted, outputs: forgetting });
        await provider.delete(id, forgetting);
        expect(codes()).toEqual(["VF125", "VF125", "VF124"]);
        expect(said.at(-1)).toContain(`VF124 ${away.ipv4} WAS FORGOTTEN WITHOUT BEING REACHED. VF140 `);
        expect(said.at(-1)).toContain("keeps running its ruleset");
        expect(await traceOf(away)).toBe(running);
    });

    test("another machine in its place is not touched either, and one that refuses the login is no host that is gone", async () => {
        const silent = await lab.addHost("silent");
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(silent, { onUnreachable: "forget" }));
        const running = await traceOf(silent);

        const { provider, codes } = openDeployment(lab);
        const otherUser = { ...outputs, target: { ...outputs.target, user: "nobody" } };
        expect(await messageOf(provider.delete(id, otherUser))).toMatch(/^VF141 /);
        const otherKey = { ...outputs, target: { ...outputs.target, hostKey: away.hostKey } };
        await provider.delete(id, otherKey);
        expect(codes()).toEqual(["VF124"]);
        expect(await traceOf(silent)).toBe(running);
    });
});
