import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { inputsIn } from "../../provider/unreachable";
import { untouched } from "./anyHosts";
import { messageOf, openDeployment, traceOf } from "./deployment";
import { goOn, standsStill, standStillAt } from "./standStill";

describeLab("others at work between our steps", () => {
    let lab: Lab;
    let hosts: Record<"rule" | "element" | "lost" | "adopted" | "cut" | "broken" | "boots", LabHost>;

    beforeAll(async () => {
        lab = await openLab();
        const names = ["rule", "element", "lost", "adopted", "cut", "broken", "boots"];
        const started = await Promise.all(names.map(async (name) => [name, await lab.addHost(name)] as const));
        hosts = Object.fromEntries(started) as typeof hosts;
        await lab.addAddress("203.0.113.9");
    });
    afterAll(() => lab.close());

    const OFFICE = {
        addressSets: { office: { entries: ["198.51.100.0/24", "2001:db8:77::/48"] } },
        rules: { ssh: { service: "ssh" }, db: "accept tcp from set office to port 5432" },
    };
    const MORE = { ...OFFICE, rules: { ...OFFICE.rules, web: { service: "https" } } };

    /** Runs a command on the host when the next probe has listed everything: between what is checked and what is loaded. */
    async function onceProbed(host: LabHost, command: string): Promise<void> {
        const wrapper = `#!/bin/sh
/usr/sbin/nft "$@"
status=$?
case "$*" in "list tables") if mv /run/human /run/human.now 2>/dev/null; then sh /run/human.now; fi ;; esac
exit $status
`;
        await host.run(["tee", "/usr/local/sbin/nft"], { input: wrapper });
        await host.run(["tee", "/run/human"], { input: command.replaceAll("nft ", "/usr/sbin/nft ") });
        await host.run("chmod 755 /usr/local/sbin/nft");
    }

    test("a rule that a human inserts after the probe is seen under the lock, and everything is looked at again", async () => {
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(hosts.rule, OFFICE));
        await onceProbed(hosts.rule, "nft insert rule inet vps_firewall input tcp dport 3306 accept");
        const second = openDeployment(lab);
        const updated = await second.provider.update(id, second.check(hosts.rule, MORE), outputs);
        expect(second.said.filter((text) => text.includes("checking"))).toHaveLength(2);
        expect((await hosts.rule.run("ls /run/human")).code).not.toBe(0);
        expect((await hosts.rule.run("nft list table inet vps_firewall")).stdout).not.toContain("3306");
        const { inputs } = await second.provider.read(id, updated);
        expect(inputs).toEqual(second.check(hosts.rule, MORE));
    });

    test("an element that a human adds to a set of ours goes with the change, and the state is what the host runs", async () => {
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(hosts.element, OFFICE));
        const sets = await hosts.element.run("nft list sets inet");
        const set = /set (\S+) \{\s+type ipv4_addr/.exec(sets.stdout)?.[1];
        const add = `nft add element inet vps_firewall ${set} '{ 203.0.113.9 }'`;

        await onceProbed(hosts.element, add);
        const second = openDeployment(lab);
        const updated = await second.provider.update(id, second.check(hosts.element, MORE), outputs);
        expect((await hosts.element.run("ls /run/human")).code).not.toBe(0);
        expect(second.said.filter((text) => text.includes("checking"))).toHaveLength(1);
        expect((await second.provider.read(id, updated)).inputs).toEqual(inputsIn(updated));

        // Added at any other time it is drift by name, and a revert that loses it says so instead of "as before".
        await hosts.element.run(add);
        const drifted = await second.provider.read(id, updated);
        expect(Object.keys(drifted.inputs.sets?.["office"] ?? {})).toContain("203.0.113.9");
        const locking = { ...MORE, rules: { db: OFFICE.rules.db }, lockoutCheck: "off" };
        const error: unknown = await second.provider
            .update(id, second.check(hosts.element, locking), drifted.outputs)
            .catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
            id,
            reasons: [expect.stringMatching(/^VF123 .* not all that others had changed/)],
        });
        const { rules, sets: stored } = (error as { properties: typeof updated }).properties;
        expect({ rules, sets: stored }).toEqual({ rules: updated.rules, sets: updated.sets });
    });

    test("a state that was lost: the next one takes its own over, and nothing closes or opens meanwhile (VF107)", async () => {
        const { lost } = hosts;
        const rules = { ssh: { service: "ssh" }, stream: { protocol: "tcp", ports: 7000 } };
        const first = openDeployment(lab);
        const former = await first.provider.create(first.check(lost, { rules }));
        const closed = await lost.listen(9999, { protocol: "udp", host: "0.0.0.0" });
        await lost.listenTicking(7000);
        const flood = await lab.flood({ to: lost.ipv4, port: 9999 });
        const stream = await lab.follow({ to: lost.ipv4, port: 7000 });

        const second = openDeployment(lab);
        const { id, outputs } = await second.provider.create(second.check(lost, { rules }));
        const { ended, longestGap } = await stream.close();
        expect(await flood.stop()).toBeGreaterThan(100);
        expect(await closed.received()).toBe(0);
        expect(ended).toBe(false);
        expect(longestGap).toBeLessThan(1000);
        expect(second.codes()).toEqual(["VF107"]);
        expect(outputs).toMatchObject({ generation: 2, machineId: lost.machineId });

        // A state of before, found again: its delete is not its any more.
        await second.provider.delete(former.id, former.outputs);
        expect(await untouched(lost)).toBe(false);
        await second.provider.delete(id, outputs);
        expect(await untouched(lost)).toBe(true);
    });

    test("adopt takes over once, also from a stack whose state is lost; once taken back it is spent until it was seen", async () => {
        const { adopted } = hosts;
        const theirs = openDeployment(lab, { owner: "acme/old/prod" });
        await theirs.provider.create(theirs.check(adopted, OFFICE));
        const adopt = { adopt: "acme/old/prod" };
        const ours = openDeployment(lab);
        expect(await messageOf(ours.provider.create(ours.check(adopted, OFFICE)))).toMatch(
            new RegExp(`^VF104 the firewall of ${adopted.ipv4} belongs to "acme/old/prod"`),
        );
        const { id, outputs } = await ours.provider.create(ours.check(adopted, { ...OFFICE, ...adopt }));
        expect(ours.codes()).toEqual(["VF127"]);
        const running = await traceOf(adopted);
        expect(await ours.provider.update(id, inputsIn(outputs), outputs)).toEqual(outputs);
        expect(await traceOf(adopted)).toBe(running);
        expect(ours.codes()).toEqual(["VF127"]);

        // The other stack adopts in turn: ours reads whose it is, and changes nothing before it has.
        const again = openDeployment(lab, { owner: "acme/old/prod" });
        await again.provider.create(again.check(adopted, { ...OFFICE, adopt: "acme/web/prod" }));
        const wanted = ours.check(adopted, { ...MORE, ...adopt });
        expect(await messageOf(ours.provider.update(id, wanted, outputs))).toMatch(
            /^VF104 .*once again \(run `pulumi up --refresh`\)/,
        );
        const read = await ours.provider.read(id, outputs);
        expect(read.inputs.owner).toBe("acme/old/prod");
        expect((await ours.provider.update(id, wanted, read.outputs)).owner).toBe("acme/web/prod");
    });

    test("a host that was kept from loading at boot is drift of one line, and up mends it", async () => {
        const { boots } = hosts;
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(boots));
        await boots.run("rm /var/lib/vps-firewall/load.sh");
        const second = openDeployment(lab);
        const drifted = await second.provider.read(id, outputs);
        expect(drifted.inputs).toEqual({ ...inputsIn(outputs), boot: "not loaded" });
        const mended = await second.provider.update(id, second.check(boots), drifted.outputs);
        expect(mended).toMatchObject({ boot: "loaded", generation: 2 });
        expect((await second.provider.read(id, mended)).outputs).toEqual(mended);
        await second.provider.delete(id, mended);
        expect((await second.provider.read(id, mended)).inputs).toMatchObject({ rules: {}, boot: "not loaded" });
    });

    test("a delete whose answer is lost is done again", async () => {
        const { cut } = hosts;
        const first = openDeployment(lab);
        const { id, outputs } = await first.provider.create(first.check(cut));
        await standStillAt(cut, "removed");
        const second = openDeployment(lab);
        const deleted = second.provider.delete(id, outputs);
        await standsStill(cut);
        // The server's end of every session, and nothing of the script.
        await cut.run(
            "for pid in $(pgrep -x 'sshd|sshd-session'); do [ \"$(cat /run/sshd.pid)\" = $pid ] || kill -9 $pid; done",
        );
        await goOn(cut);
        await deleted;
        expect(second.said.at(-1)).toContain("there was no table of ours");
        expect(await untouched(cut)).toBe(true);
    });

    test("a revert that can't put anything back is a partial failure, and the state is what the host runs (VF112)", async () => {
        const { broken } = hosts;
        const timing = { retry: 1, giveUp: 2 };
        const first = openDeployment(lab, { timing });
        const { id, outputs } = await first.provider.create(first.check(broken));
        const wrapper = `#!/bin/sh
case "$*" in "-f "*back.nft | "-f "*confirmed.nft) echo "broken for the test" >&2; exit 1 ;; esac
exec /usr/sbin/nft "$@"
`;
        await broken.run(["tee", "/usr/local/sbin/nft"], { input: wrapper });
        await broken.run("chmod 755 /usr/local/sbin/nft");
        const locking = first.check(broken, { rules: { web: { service: "https" } }, lockoutCheck: "off" });
        const error: unknown = await first.provider.update(id, locking, outputs).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
            id,
            reasons: [expect.stringMatching(/^VF112 .*broken for the test/)],
            properties: { rules: {}, exposure: { "ingress any": "anywhere", "egress any": "anywhere" } },
        });
        await broken.run("rm /usr/local/sbin/nft");
        const next = openDeployment(lab);
        const { properties } = error as { properties: typeof outputs };
        const healed = await next.provider.update(id, next.check(broken), properties);
        expect((await next.provider.read(id, healed)).inputs).toEqual(inputsIn(healed));
        expect(next.said.join()).toContain("VF112");
    });
});
