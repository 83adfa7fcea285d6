import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStack, type OperationResult, type Stack } from "../../engine/stack";
import { lineOf } from "../core/dialects/netcup/panel";
import { type NetcupSimulator, startNetcupSimulator } from "../simulators/netcup";
import { openTraffic, type SimulatedPacket } from "../simulators/netcup/decide";
import type { FirewallRule } from "../../core/dialects/netcup/rule";

// Only against hanging.
jest.setTimeout(300_000);

const root = join(__dirname, "..", "..");
let simulator: NetcupSimulator;
let folder: string;
beforeEach(async () => {
    simulator = await startNetcupSimulator();
    folder = mkdtempSync(join(tmpdir(), "vpsfw-netcup-"));
    mkdirSync(join(folder, "home"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "shop", main: "index.ts" }));
    const compilerOptions = { strict: true, target: "es2022", module: "node16", skipLibCheck: true };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
});
afterEach(async () => {
    expect(simulator.misfits).toEqual([]);
    await simulator.close();
    rmSync(folder, { recursive: true });
});

/** A program of one server with these rules of a template `web`. */
function program(rules: Record<string, unknown>, more = "", options: Record<string, unknown> = {}): void {
    writeFileSync(
        join(folder, "index.ts"),
        `import { FirewallTemplate, NetcupFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: ${JSON.stringify(rules)} as never });
const url = ${JSON.stringify(simulator.url)};
new NetcupFirewall("shop", { server: "web", templates: [web], url, ...(${JSON.stringify(options)} as object) });${more}`,
    );
}

function stack(secret: string | undefined = simulator.login.refreshToken): Stack {
    return openStack({
        projectDir: folder,
        stack: "prod",
        stateDir: join(folder, "state"),
        passphrase: "a passphrase for tests",
        env: { ...process.env, HOME: join(folder, "home"), PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
        secretConfig: secret === "" ? {} : { "vps-firewall:netcupRefreshToken": secret },
    });
}

function mustBe(result: OperationResult): OperationResult {
    if (!result.ok) throw new Error(result.text);
    return result;
}

const nic = () => simulator.state.servers[0]!.nics[0]!;
const attached = () => nic().firewall!.user.map((id) => simulator.state.policies.find((policy) => policy.id === id)!);
const held = () => attached().map(({ name, rules }) => [name, ...rules.map((rule) => lineOf(rule as FirewallRule))]);
const changed = ({ json }: OperationResult) =>
    json.steps
        .filter(({ op, urn }) => !["same", "refresh"].includes(op) && urn.includes("NetcupRuleset"))
        .map(({ op, detailedDiff }) => [op, ...Object.keys(detailedDiff ?? {}).sort()]);

const NAME = "organization/shop/prod shop";
const ssh = "accept tcp from 198.51.100.0/24 to port 22";
const http = "accept tcp from anywhere to port 80";
const packet = (destinationPort: number): SimulatedPacket => ({
    direction: "INGRESS",
    protocol: 6,
    source: "198.51.100.7",
    destination: "192.0.2.11",
    sourcePort: 40000,
    destinationPort,
});

test("NC-24, NC-45: created, changed as traffic, found as it was left, and taken away; netcup's own policies stay", async () => {
    program({ ssh });
    const first = await stack().preview({ diff: true });
    expect(mustBe(first).text).toMatch(/ingress tcp 22 *: "198\.51\.100\.0\/24"/);
    expect(simulator.state.policies).toEqual([]);
    mustBe(await stack().up());
    expect(held()).toEqual([[NAME, "INGRESS TCP 198.51.100.0/24 > 22 ACCEPT"]]);
    expect(nic().firewall!.copied.map(({ name }) => name)).toEqual(["netcup Mail block", "netcup Ping allow"]);
    expect([22, 80].map((port) => openTraffic(simulator.state, nic())(packet(port)))).toEqual(["ACCEPT", "DROP"]);
    expect(changed(await stack().preview({ refresh: true }))).toEqual([]);

    program({ ssh, http });
    const preview = mustBe(await stack().preview());
    expect(changed(preview)).toEqual([["update", 'exposure["ingress tcp 80"]', 'rules["web/http"]']]);
    const before = simulator.seen.length;
    mustBe(await stack().up());
    const writes = simulator.seen.slice(before).filter(({ request }) => !request.startsWith("GET"));
    expect(
        writes.filter(({ request }) => !request.includes("/token")).map(({ request }) => request.split(" ")[0]),
    ).toEqual(["PUT"]);
    expect(held()).toEqual([[NAME, "INGRESS TCP > 80 ACCEPT", "INGRESS TCP 198.51.100.0/24 > 22 ACCEPT"]]);

    mustBe(await stack().destroy());
    expect([simulator.state.policies, nic().firewall!.user]).toEqual([[], []]);
    expect(nic().firewall!.copied).toHaveLength(2);
});

test("drift is shown rule by rule, and goes with the next up", async () => {
    program({ ssh, http });
    mustBe(await stack().up());
    const [policy] = attached();
    policy!.rules = [
        ...policy!.rules.filter(({ destinationPorts }) => destinationPorts !== "80"),
        { direction: "INGRESS", protocol: "TCP", action: "ACCEPT", destinationPorts: "3306" },
    ];
    const drift = mustBe(await stack().preview({ refresh: true, diff: true }));
    expect(drift.text).toMatch(/- ingress tcp 3306/);
    expect(drift.text).toMatch(/\+ ingress tcp 80/);
    expect(drift.text).toMatch(/- \(unmanaged\) 1\s*: "INGRESS TCP > 3306 ACCEPT"/);
    expect(drift.text).toMatch(/\+ web\/http/);
    mustBe(await stack().up({ refresh: true }));
    expect(held()).toEqual([[NAME, "INGRESS TCP > 80 ACCEPT", "INGRESS TCP 198.51.100.0/24 > 22 ACCEPT"]]);

    nic().firewall!.user = [];
    const detached = mustBe(await stack().preview({ refresh: true, diff: true }));
    expect(detached.text).toMatch(/- ingress any *: "anywhere"/);
    mustBe(await stack().up({ refresh: true }));
    expect(held()).toHaveLength(1);
});

test("another server gets the rules, and the former is let go", async () => {
    program({ ssh });
    mustBe(await stack().up());
    program({ ssh }, "", { server: "db" });
    mustBe(await stack().up());
    expect(nic().firewall!.user).toEqual([]);
    const [policy, ...more] = simulator.state.policies;
    expect([simulator.state.servers[1]!.nics[0]!.firewall!.user, more]).toEqual([[policy!.id], []]);
    mustBe(await stack().destroy());
    expect(simulator.state.policies).toEqual([]);
});

test("NC-44: a firewall that somebody switched off is drift, and is on again", async () => {
    program({ ssh });
    mustBe(await stack().up());
    nic().firewall!.active = false;
    expect(changed(mustBe(await stack().preview({ refresh: true })))).not.toEqual([]);
    mustBe(await stack().up({ refresh: true }));
    expect(nic().firewall!.active).toBe(true);
});

test("a policy of its name is taken over, never made twice; of several it is an error", async () => {
    simulator.state.policies.push({ id: 77, name: NAME, description: null, rules: [] });
    program({ ssh });
    mustBe(await stack().up());
    expect(simulator.state.policies.map(({ id }) => id)).toEqual([77]);
    mustBe(await stack().destroy());
    simulator.state.policies.push(
        { id: 78, name: NAME, description: null, rules: [] },
        { id: 79, name: NAME, description: null, rules: [] },
    );
    const twice = await stack().up();
    expect(twice.text).toContain(`VF295 the netcup account has 2 policies called "${NAME}"`);
    expect(simulator.state.policies).toHaveLength(2);
});

test("others' policies of the account stay before ours, and are named", async () => {
    simulator.state.policies.push({ id: 50, name: "by hand", description: null, rules: [] });
    nic().firewall!.user = [50];
    program({ ssh });
    expect(mustBe(await stack().up()).text).toContain("VF299 interface 5a:f1:00:00:00:01");
    expect(attached().map(({ name }) => name)).toEqual(["by hand", NAME]);
    mustBe(await stack().destroy());
    expect(attached().map(({ name }) => name)).toEqual(["by hand"]);
});

test("what stands in the way is said before anything is sent", async () => {
    program({ ssh, ident: "reject tcp from anywhere to port 113" });
    expect((await stack().preview()).text).toContain("VF290");
    program({ ssh }, `\nnew NetcupFirewall("again", { server: "web", templates: [web], url });`);
    expect((await stack().preview()).text).toContain("VF023");
    program({ ssh });
    expect((await stack("").up()).text).toContain("VF298 there is no refresh token");
    expect(simulator.seen).toEqual([]);
});

test("NC-37, NC-41: templates that lock everybody out, or who must get in, are refused before anything is sent", async () => {
    program({ http });
    const nobody = await stack().preview();
    expect(nobody.text).toContain(
        "VF300 after this change nobody could open SSH to netcup server web: all of tcp 22 is dropped.",
    );
    program({ ssh, http }, "", { managementSources: ["198.51.100.9", "203.0.113.9"] });
    expect((await stack().preview()).text).toContain(
        'VF301 after this change "203.0.113.9" of managementSources could not open SSH to netcup server web, port 22: dropped by the default action.',
    );
    program({ ssh, http }, "", { managementPort: 2222 });
    expect((await stack().preview()).text).toContain("all of tcp 2222 is dropped");
    program({ http }, "", { lockoutCheck: "off" });
    expect(mustBe(await stack().preview()).text).toContain("VF302 nothing proves");
    program({ ssh }, "", { managementPort: 0, lockoutCheck: "maybe", managementSources: ["here"] });
    expect((await stack().preview()).text).toMatch(/managementPort[^]*lockoutCheck|lockoutCheck[^]*managementPort/);
    expect(simulator.seen).toEqual([]);
});

test("the token is nowhere: not in the state, nor in what is printed, nor in an error", async () => {
    program({ ssh });
    const token = simulator.login.refreshToken;
    simulator.faults.plan({ on: /^PUT /, fault: { kind: "cut", when: "after" } });
    const result = mustBe(await stack().up());
    expect(JSON.stringify([result.text, result.state, result.diagnostics])).not.toContain(token);
    for (const access of simulator.login.accessTokens.keys())
        expect(JSON.stringify(result.state)).not.toContain(access);
});
