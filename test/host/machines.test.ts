import { mustRun } from "../lab/command";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { inputsIn } from "../../provider/unreachable";
import { untouched } from "./anyHosts";
import { messageOf, openDeployment, traceOf } from "./deployment";

// The machine is what counts, not the address: by the provider itself, with the state in the test's hands.

describeLab("the machine behind an address", () => {
    let lab: Lab;
    let moved: LabHost;
    let former: LabHost;
    let image: LabHost;
    let twice: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        const names = ["moved", "former", "image", "twice"];
        [moved, former, image, twice] = (await Promise.all(names.map((name) => lab.addHost(name)))) as [
            LabHost,
            LabHost,
            LabHost,
            LabHost,
        ];
    });
    afterAll(() => lab.close());

    const OPEN_WEB = { rules: { ssh: { service: "ssh" }, web: { service: "https" } } };

    test("another address of the same machine is an update that loads nothing", async () => {
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(moved));
        const before = await traceOf(moved);

        const second = openDeployment(lab);
        const inputs = second.check(moved, { connection: { host: moved.ipv6 } });
        const updated = await second.provider.update(id, inputs, outputs);
        expect(updated).toEqual({ ...outputs, target: inputs.target });
        expect(await traceOf(moved)).toBe(before);
        expect(second.codes()).toEqual([]);
    });

    test("an address of another machine: the new one is taken in control, the former one is named (VF126)", async () => {
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(former));
        const before = await traceOf(former);

        // A key that was pinned at one address says nothing about another one.
        const pinned = { ...outputs, pinnedHostKey: former.hostKey };
        const next = await lab.addHost("next");
        const second = openDeployment(lab);
        const inputs = second.check(next.ipv4, { connection: { hostKeyChecking: "accept-new" } });
        const updated = await second.provider.update(id, inputs, pinned);
        expect(updated).toMatchObject({ machineId: next.machineId, generation: 1, pinnedHostKey: next.hostKey });
        expect(second.said.find((text) => text.startsWith("VF126"))).toContain(
            `${next.ipv4} (machine-id ${next.machineId}) is another machine than ${former.ipv4} (machine-id ${former.machineId})`,
        );
        expect(second.codes()).toEqual(["VF126"]);
        expect(await traceOf(former)).toBe(before);

        const third = openDeployment(lab);
        await third.provider.delete(id, updated);
        expect(await untouched(next)).toBe(true);
        expect(await traceOf(former)).toBe(before);
    });

    test("a server replaced behind its address: said (VF108), read as it is, applied to as for the first time", async () => {
        const old = await lab.addHost("old");
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(old, OPEN_WEB));
        await old.stop();
        const fresh = await lab.addHost("fresh", { ipv4: old.ipv4, ipv6: old.ipv6 });

        // Else we would send to the network card of the old machine for a minute.
        await mustRun(["ip", "neighbour", "flush", "to", fresh.ipv4]);

        // Its new key is no matter of course: until the program says so, nothing is sent to it.
        const refused = openDeployment(lab);
        expect(await messageOf(refused.provider.update(id, first.check(old), outputs))).toMatch(/^VF145 THE HOST KEY/);

        const known = { ...outputs, target: { ...outputs.target, hostKey: fresh.hostKey } };
        const reading = openDeployment(lab);
        const read = await reading.provider.read(id, known);
        expect(read.inputs).toMatchObject({ rules: {}, exposure: { "ingress any": "anywhere" } });
        expect(read.outputs).toMatchObject({ machineId: fresh.machineId, generation: 0, applyId: "" });
        expect(reading.said.join("\n")).toContain(
            `VF108 ${fresh.ipv4} is another machine than before: its machine-id is ${fresh.machineId}, the state says ${old.machineId}.`,
        );

        // Nothing of ours is there: a delete removes nothing.
        await fresh.run("nft add table inet somebody");
        const deleting = openDeployment(lab);
        await deleting.provider.delete(id, known);
        expect(deleting.codes()).toEqual(["VF108"]);
        expect((await fresh.run("nft list tables")).stdout).toBe("table inet somebody\n");

        const applying = openDeployment(lab);
        const inputs = applying.check(fresh, OPEN_WEB);
        const applied = await applying.provider.update(id, inputs, known);
        expect(applied).toMatchObject({ machineId: fresh.machineId, generation: 1, rules: inputs.rules });
        expect(applying.codes()).toEqual(["VF108", "VF117"]);
        const again = openDeployment(lab);
        expect(await again.provider.update(id, again.check(fresh, OPEN_WEB), applied)).toEqual(applied);
        expect(again.codes()).toEqual([]);
    });

    test("a machine made from the image of another carries its mark: the delete that asks for it removes it", async () => {
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(image));
        await image.run("echo 0123456789abcdef0123456789abcdef >/etc/machine-id");
        const other = openDeployment(lab);
        await other.provider.delete("11111111-2222-4333-8444-555555555555", outputs);
        expect(other.said.at(-1)).toContain("belongs to another resource");
        expect(await untouched(image)).toBe(false);
        const deleting = openDeployment(lab);
        await deleting.provider.delete(id, outputs);
        expect(deleting.codes()).toEqual(["VF108"]);
        expect(await untouched(image)).toBe(true);
    });

    test("a second resource for a machine of the program is refused, also where the first one does not change (VF105)", async () => {
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(twice));
        const before = await traceOf(twice);
        const v6 = { connection: { host: twice.ipv6 }, ...OPEN_WEB };

        const second = openDeployment(lab);
        second.check(twice);
        expect(await messageOf(second.provider.create(second.check(twice, v6)))).toMatch(
            new RegExp(`^VF105 ${twice.ipv4} and ${twice.ipv6} are the same machine`),
        );
        expect(await traceOf(twice)).toBe(before);

        // Where the program has the first one no more, it was renamed.
        const renamed = openDeployment(lab);
        const created = await renamed.provider.create(renamed.check(twice, v6));
        expect(renamed.codes()).toEqual(["VF107"]);
        await renamed.provider.delete(id, outputs);
        expect(renamed.said.at(-1)).toContain("belongs to another resource");

        // Both in a state all the same: a refresh says so.
        const reading = openDeployment(lab);
        const read = await reading.provider.read(created.id, created.outputs);
        expect(read.inputs).toEqual(inputsIn(created.outputs));
        await reading.provider.read(id, outputs);
        expect(reading.codes()).toEqual(["VF105"]);
    });
});
