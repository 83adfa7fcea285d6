import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OperationResult } from "../../engine/stack";
import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

describeLab("a block list of 100,000 addresses", () => {
    let world: World;
    let host: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        host = await world.lab.addHost("web1");
        world.write(`
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const blocked = new AddressSet("blocked", { file: "blocked.txt", except: ["10.9.0.0/16"] });
const rules = { ssh: { service: "ssh" }, blocked: { action: "drop" as const, protocol: "udp", from: blocked } };
new HostFirewall("web1", {
    connection: { host: "${host.ipv4}", user: "root" },
    templates: [new FirewallTemplate("web", { rules })],
});`);
    }, 120_000);
    afterAll(() => world.close());

    const addresses = Array.from({ length: 100_000 }, (_, i) => `10.${i >> 15}.${(i >> 7) & 255}.${(i & 127) * 2}`);
    const list = (lines: readonly string[]) => writeFileSync(join(world.folder, "blocked.txt"), lines.join("\n"));

    /** Bytes that the host has received so far. */
    const received = async () => {
        const { stdout } = await host.run("cat /proc/net/dev");
        return [...stdout.matchAll(/^ *(?!lo:)\S+: *(\d+) /gm)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    };

    async function timed(what: string, operation: Promise<OperationResult>): Promise<OperationResult> {
        const began = Date.now();
        const result = await operation;
        process.stdout.write(`    ${what}: ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
        if (!result.ok) throw new Error(result.text);
        return result;
    }

    const changes = ({ json }: OperationResult) =>
        json.steps
            .filter(({ op, urn }) => !["same", "refresh"].includes(op) && urn.includes("HostRuleset"))
            .map(({ op, detailedDiff }) => [op, Object.keys(detailedDiff ?? {}).sort()]);

    test("is loaded, read back as it is, and one address more is a change of count and digest", async () => {
        list([...addresses, "10.9.1.0/24"]);
        await timed("first up", world.stack().up());
        expect(changes(await timed("preview --refresh of the same", world.stack().preview({ refresh: true })))).toEqual(
            [],
        );
        list([...addresses, "192.0.2.77"]);
        const preview = await timed("preview of one more", world.stack().preview());
        expect(changes(preview)).toEqual([
            ["update", ["__sets.blocked", 'rules["web/blocked"]', "sets.blocked.count", "sets.blocked.digest"]],
        ]);
        expect(preview.text).not.toContain("192.0.2.77");
        const before = await received();
        const up = await timed("up of one more", world.stack().up());
        expect(up.text).toContain("only the elements that differ are sent");
        // The scripts of the steps and what TCP adds; the list itself is 1.5 MB, and 0.25 MB as the host keeps it.
        const sent = (await received()) - before;
        process.stdout.write(`    one more: ${Math.round(sent / 1000)} kB sent to the host\n`);
        expect(sent).toBeLessThan(400_000);
    });
});
