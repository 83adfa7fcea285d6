import { readFileSync } from "node:fs";
import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

const program = (host: string, address: string) => `
import * as pulumi from "@pulumi/pulumi";
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";

const partners = new AddressSet("partners", { entries: pulumi.secret(["203.0.113.77", "2001:db8:5ec::/48"]) });
const web = new FirewallTemplate("web", {
    rules: {
        ssh: { service: "ssh" },
        db: { protocol: "tcp", ports: 5432, from: pulumi.secret(${JSON.stringify(address)}) },
        api: { protocol: "tcp", ports: 8443, from: partners },
        // More than 8 addresses become a set of their own.
        list: { protocol: "tcp", ports: 9200, from: pulumi.secret([2, 4, 6, 8, 10, 12, 14, 16, 18].map((i) => "198.18.0." + i)) },
    },
});
new HostFirewall("host", { connection: { host: ${JSON.stringify(host)} }, templates: [web], confirmSeconds: 15 });
`;

const SECRETS = /198\.18\.0|198\.51\.100\.[78]|203\.0\.113\.77|2001:db8:5ec/;

// Several operations of seconds each.
jest.setTimeout(120_000);

describeLab("a secret address", () => {
    let world: World;
    let host: LabHost;

    beforeAll(async () => {
        world = await openWorld();
        host = await world.lab.addHost("host");
        for (const address of ["198.51.100.7", "198.51.100.8", "203.0.113.77"]) await world.lab.addAddress(address);
        await Promise.all([host.listen(5432), host.listen(8443)]);
    });
    afterAll(() => world.close());

    const reach = (port: number, from: string) => world.lab.connect({ to: host.ipv4, port, from });

    test("is enforced, and neither shown nor kept in clear", async () => {
        const shown: string[] = [];
        const keep = ({ steps, json, text, diagnostics }: Awaited<ReturnType<ReturnType<World["stack"]>["up"]>>) =>
            shown.push(JSON.stringify({ steps, json, diagnostics }), text);

        world.write(program(host.ipv4, "198.51.100.7"));
        const preview = await world.stack().preview({ diff: true });
        keep(preview);
        expect(preview.text).toContain("[secret]");
        const up = await world.stack().up({ diff: true });
        keep(up);
        expect(up.ok).toBe(true);
        expect(await reach(5432, "198.51.100.7")).toBe("open");
        expect(await reach(5432, "198.51.100.8")).toBe("timeout");
        expect(await reach(8443, "203.0.113.77")).toBe("open");
        expect(await reach(8443, "198.51.100.7")).toBe("timeout");
        shown.push(readFileSync(world.stack().stateFile, "utf8"));

        await host.run("nft insert rule inet vps_firewall input tcp dport 3306 ip saddr 198.51.100.8 accept");
        keep(await world.stack().refresh({ diff: true }));
        shown.push(readFileSync(world.stack().stateFile, "utf8"));

        world.write(program(host.ipv4, "198.51.100.8"));
        const change = await world.stack().preview({ diff: true });
        keep(change);
        expect(change.steps.filter(({ op }) => op === "update")).not.toEqual([]);
        const changed = await world.stack().up({ diff: true });
        keep(changed);
        expect(await reach(5432, "198.51.100.7")).toBe("timeout");
        expect(await reach(5432, "198.51.100.8")).toBe("open");
        shown.push(readFileSync(world.stack().stateFile, "utf8"));

        const leaks = shown.flatMap((text) => text.split("\n").filter((line) => SECRETS.test(line)));
        expect(leaks).toEqual([]);
    });
});
