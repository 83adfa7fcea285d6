import { readdirSync } from "node:fs";
import type { Stack } from "../../engine/stack";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { rulesetsOf, untouched } from "./anyHosts";
import { exampleFolder, openExamples } from "./exampleStack";

/** The configuration that an example's program asks for. */
const CONFIG: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "web-server": { "web-server:admin": "192.0.2.200", "web-server:address": "192.0.2.10" },
};

// Several operations of seconds each.
jest.setTimeout(120_000);

describeLab("the examples", () => {
    let lab: Lab;
    let hosts: LabHost[];
    let stackOf: (projectDir: string, config: Readonly<Record<string, string>>) => Stack;

    beforeAll(async () => {
        lab = await openLab({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        hosts = await Promise.all(
            ["192.0.2.10", "192.0.2.11"].map((ipv4, i) => lab.addHost(`web${i}`, { ipv4, ipv6: `2001:db8:5::1${i}` })),
        );
        await hosts[0]?.listen(443);
        stackOf = openExamples(lab);
    });
    afterAll(() => lab.close());

    const examples = readdirSync(exampleFolder("."), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);

    test.each(examples)("%s runs: preview, up, destroy", async (name) => {
        const stack = stackOf(exampleFolder(name), CONFIG[name] ?? {});
        const preview = await stack.preview();
        expect(preview.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(preview.ok).toBe(true);
        const up = await stack.up();
        expect(up.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(rulesetsOf(up).length).toBeGreaterThan(0);
        expect(await lab.connect({ to: "192.0.2.10", port: 443 })).toBe("open");
        expect(await lab.connect({ to: "192.0.2.10", port: 8080 })).toBe("timeout");
        expect((await stack.destroy()).ok).toBe(true);
        for (const host of hosts) expect(await untouched(host)).toBe(true);
    });

    test("the top of the repository previews the quick start", async () => {
        const preview = await stackOf(exampleFolder(), {}).preview();
        expect(preview.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(preview.steps.map(({ urn }) => urn.split("::").at(-1))).toEqual(
            expect.arrayContaining(["web/quic", "192.0.2.10", "192.0.2.11"]),
        );
    });
});
