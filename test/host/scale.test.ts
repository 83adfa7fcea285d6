import type { OperationResult } from "../../engine/stack";
import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

/** A template of 200 rules on three hosts: whatever happens to one rule shows as one line for each host. */
describeLab("one changed rule in a template of 200 on 3 hosts", () => {
    let world: World;
    let hosts: LabHost[];

    const number = (index: number) => String(index).padStart(3, "0");
    const base = new Map(
        Array.from({ length: 200 }, (_, index) => [
            `rule-${number(index)}`,
            index === 0
                ? "accept tcp from anywhere to port 22"
                : `accept tcp from 10.${index}.0.0/16 to port ${1000 + index}`,
        ]),
    );

    function write(rules: ReadonlyMap<string, string>): void {
        world.write(`
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: ${JSON.stringify(Object.fromEntries(rules))} });
for (const host of ${JSON.stringify(hosts.map(({ ipv4 }) => ipv4))}) {
    new HostFirewall(host, { connection: { host, user: "root" }, templates: [web] });
}`);
    }

    async function timed(what: string, operation: Promise<OperationResult>): Promise<OperationResult> {
        const began = Date.now();
        const result = await operation;
        process.stdout.write(`    ${what}: ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
        return result;
    }

    /** The steps of a preview's document that change something: components by name, hosts with their changed rules. */
    function changesIn({ json }: OperationResult) {
        const changed = json.steps.filter(({ op }) => op !== "same");
        const isRuleset = (urn: string) => urn.includes("vpsfw:HostRuleset::");
        return {
            components: changed
                .filter(({ urn }) => !isRuleset(urn))
                .map(({ op, urn }) => `${op} ${urn.split("$").at(-1)}`),
            hosts: changed
                .filter(({ urn }) => isRuleset(urn))
                .map(({ op, detailedDiff }) => ({
                    op,
                    rules: Object.entries(detailedDiff ?? {})
                        .filter(([path]) => !path.startsWith("exposure["))
                        .map(([path, { kind }]) => `${kind} ${path}`),
                })),
        };
    }

    beforeAll(async () => {
        world = await openWorld();
        hosts = await Promise.all(["web1", "web2", "web3"].map((name) => world.lab.addHost(name)));
        write(base);
        const up = await timed("first up of 200 rules on 3 hosts", world.stack().up());
        if (!up.ok) throw new Error(up.text);
    }, 120_000);
    afterAll(() => world.close());

    const changed = (key: string, line: string) => new Map([...base, [key, line]]);
    const without = (key: string) => new Map([...base].filter(([name]) => name !== key));
    const line = "accept udp from 192.0.2.0/24 to port 5000";

    test.each([
        ["changed in the middle", "update", "rule-100", changed("rule-100", line)],
        ["added before all others", "create", "a-rule", changed("a-rule", line)],
        ["added in the middle", "create", "rule-100a", changed("rule-100a", line)],
        ["added behind all others", "create", "zz", changed("zz", line)],
        ["removed", "delete", "rule-050", without("rule-050")],
    ])("%s", async (what, op, key, rules) => {
        write(rules);
        const preview = await timed(`preview of one rule ${what}`, world.stack().preview());
        expect(preview.ok).toBe(true);
        const kind = op === "create" ? "add" : op;
        expect(changesIn(preview)).toEqual({
            components: [`${op} vpsfw:index:FirewallRule::web/${key}`],
            hosts: hosts.map(() => ({ op: "update", rules: [`${kind} rules["web/${key}"]`] })),
        });
    });
});
