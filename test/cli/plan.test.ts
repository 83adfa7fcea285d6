import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../../cli/program";
import { checkHost } from "../../provider/checkHost";

const folder = mkdtempSync(join(tmpdir(), "vps-firewall-plan-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TYPE = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";

/** What `pulumi stack export` writes of one server. */
function stateOf(rules: Record<string, unknown>): string {
    const { inputs, failures } = checkHost({
        target: { host: "192.0.2.10" },
        owner: "a/b/c",
        templates: [{ name: "web", rules }],
    });
    expect(failures).toEqual([]);
    const path = join(folder, "state.json");
    const resource = { urn: `urn:pulumi:prod::web::${TYPE}::web-1`, type: TYPE, inputs };
    writeFileSync(path, JSON.stringify({ version: 3, deployment: { resources: [resource] } }));
    return path;
}

async function plan(panel: string, state: string, ...more: string[]) {
    let [out, err] = ["", ""];
    const output = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
    const code = await program(output, ["plan", panel, "--state", state, ...more]);
    return { code, out, err };
}

const site = {
    ssh: "accept tcp from 198.51.100.0/24 to port 22",
    web: "accept tcp from 0.0.0.0/0 to port 80, 443",
    guests: "drop tcp from 198.51.100.128/25 to port 22",
};

test("LW-41: the rows for Leaseweb's portal come before Turn On, by the names of its fields; as docs/plan.md shows", async () => {
    const { code, out } = await plan("leaseweb", stateOf(site));
    expect(code).toBe(0);
    expect(readFileSync(join(__dirname, "../../docs/plan.md"), "utf8")).toContain(out);
    expect(out.indexOf("Create Rule")).toBeLessThan(out.indexOf("Turn On"));
});

test("LS-21: the rows for LayerStack are two lists, and a default accept is a row", async () => {
    const { code, out } = await plan("layerstack", stateOf({ web: "accept tcp from anywhere to port 80, 443" }));
    expect(code).toBe(0);
    expect(out).toContain(`2. + Add New Inbound Rules, for each row:

   Protocols and Ports  Source IP Address
   TCP: 80
   TCP: 443

3. + Add New Outbound Rules, for each row:

   Protocols and Ports  Destination IP Address
   ALL
`);
    expect(out).toContain("The default action of egress accepts what no rule decides");
});

test("as JSON", async () => {
    const { out } = await plan("leaseweb", stateOf({ ssh: site.ssh }), "--json");
    expect(JSON.parse(out)).toMatchObject({
        server: "web-1",
        panel: "leaseweb",
        steps: expect.arrayContaining([
            {
                text: "For each row: Create Rule, enter it, Submit.",
                rows: [
                    {
                        Protocol: "TCP",
                        "Source IP Address": "198.51.100.0/24",
                        Startport: "22",
                        Endport: "",
                        Name: "web/ssh",
                    },
                ],
            },
        ]),
        notes: [],
    });
});

test.each([
    [
        "leaseweb",
        { a: "reject tcp from anywhere to port 25" },
        "rule web/a: the firewall of a Leaseweb VPS only allows",
    ],
    [
        "leaseweb",
        { a: "accept tcp from anywhere port 53" },
        "rule web/a: rows of the firewall of a Leaseweb VPS have no",
    ],
    ["leaseweb", { a: "egress drop tcp to anywhere port 25" }, "can't block what leaves"],
    [
        "layerstack",
        { a: "accept protocol 47 from anywhere" },
        "rule web/a: a LayerStack template knows TCP, UDP and ICMP",
    ],
])("%s can't say it: the rule, the field and the way out", async (panel, rules, message) => {
    const { code, out, err } = await plan(panel, stateOf(rules));
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).toContain("HostFirewall");
});

test("a panel that nobody has heard of", async () => {
    const { code, err } = await plan("netcop", stateOf(site));
    expect(code).toBe(2);
    expect(err).toContain("leaseweb, layerstack");
});
