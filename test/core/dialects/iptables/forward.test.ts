import fc from "fast-check";
import { formatPacket } from "../../../../core/analysis/witness";
import { CannotExpress } from "../../../../core/dialects/dialect";
import { iptables } from "../../../../core/dialects/iptables";
import { splitFamilies } from "../../../../core/dialects/iptables/families";
import type { Policy } from "../../../../core/model/policy";
import { cachedUserland } from "../../../lab/userland";
import { policy, sample, web } from "../nftables/build";
import { ownership, policies } from "../nftables/policies";
import { openPrograms, type Programs, programsTest, variants } from "./programs";
import { before, behind, changed, type Edit, edited, saveOf, without } from "./save";

const covering = (wanted: Policy): Policy => ({ ...wanted, forward: "containers" });
const rendered = (wanted: Policy) => iptables.render(covering(wanted), ownership);
const prove = (text: string, wanted: Policy) => iptables.prove({ text }, covering(wanted));

/** Nothing for a policy that iptables can't say. */
function whereExpressible(wanted: Policy, check: (wanted: Policy) => void): void {
    try {
        check(wanted);
    } catch (error) {
        if (!(error instanceof CannotExpress)) throw error;
    }
}

test("what is forwarded to containers is decided like what comes in, by the port that was asked for", () => {
    const addressed = policy({
        "web/one":
            "accept tcp from 192.0.2.0/25 to 192.0.2.1-192.0.2.6, 2001:db8::/32 port 80, 8000-8010 state new log",
        "web/two": "reject tcp from anywhere to port 25 with tcp-reset",
        "web/three": "accept udp from anywhere port 1-1023 to port 53 limit 10/second burst 5 per source in eth0, wg*",
        "web/four": "accept icmp echo-request + icmpv6 echo-request from anywhere",
    });
    for (const wanted of [web, sample, addressed, policy({}), policy({}, {}, { ingress: "accept", egress: "drop" })])
        expect(prove(rendered(wanted), wanted)).toBeUndefined();
    fc.assert(
        fc.property(policies, (wanted) =>
            whereExpressible(wanted, () => expect(prove(rendered(wanted), wanted)).toBeUndefined()),
        ),
        { numRuns: 100 },
    );
});

test("a policy that leaves containers alone has none of it", () => {
    expect(iptables.render(web, ownership)).not.toMatch(/mangle|VPSFW-(FWD|CTR)/);
});

test("the mark stands in the first rule of a chain in each table", () => {
    for (const text of Object.values(splitFamilies(rendered(web))))
        expect(text.match(/^-A VPSFW-(IN|FWD) -m comment --comment "vpsfw1 /gm)).toHaveLength(2);
});

test.each<[name: string, before: string | RegExp, after: string, packet: string]>([
    ["a port by the container's number", "-m conntrack --ctorigdstport 443", "-m tcp --dport 443", "udp"],
    ["what asks for a container itself", "! --ctstate DNAT", "--ctstate DNAT", "port"],
    ["what asks for a container itself while new", "! --ctstate DNAT", "! --ctstate DNAT,NEW", "port"],
    ["an uplink taken for a bridge", "-i podman+", "-i eth0", "port"],
    ["a bridge left out", /^-A VPSFW-FWD -o br-\+.*\n/m, "", "port"],
    ["a bridge that is named shorter", "-o podman+", "-o podman", "port"],
    ["a source forgotten", /(VPSFW-CTR) -s 10.0.0.0\/8/, "$1", "9100"],
    ["a rule that returns where it must drop", /(VPSFW-CTR -s 203.*-j )DROP/, "$1RETURN", "203.0.113"],
    ["replies forgotten", /^-A VPSFW-CTR -m conntrack --ctstate ESTABLISHED.*\n/m, "", "established"],
    ["another default", /(VPSFW-CTR .*"default:drop" -j )DROP/, "$1RETURN", "port"],
    ["no table at all", /^\*mangle[^]*?COMMIT\n/m, "", "port"],
])("%s is found out", (_, from, to, packet) => {
    const text = rendered(web);
    const other = text.replace(from, to);
    expect(other).not.toBe(text);
    const difference = prove(other, web);
    expect(difference).toMatchObject({ forwarded: true, direction: "ingress" });
    expect(formatPacket(difference!.packet)).toContain(packet);
});

const NOT_FILTERED = "what is forwarded to containers is not filtered";
const OTHERWISE = "what is forwarded to containers is filtered otherwise";
const jump = "-A FORWARD -j VPSFW-FWD";
const CTR = "-A VPSFW-CTR";

test("a listing of it reads back exactly", () => {
    const listing = saveOf(covering(web));
    expect(iptables.difference(listing, covering(web))).toBeUndefined();
    expect(iptables.read(listing, covering(web))).toMatchObject({
        forward: "containers",
        baseIntact: true,
        understood: true,
        unmanaged: [],
    });
    expect(iptables.prove({ listing }, covering(web))).toBeUndefined();
    expect(iptables.difference(listing, web)).toMatch(/another policy/);
    expect(iptables.read(saveOf(web), covering(web)).base).toContain(NOT_FILTERED);
    expect(iptables.read(saveOf(web), covering(web)).forward).toBeUndefined();
});

test.each<[name: string, edit: Edit, change: string]>([
    ["no jump", without(jump), NOT_FILTERED],
    ["a jump for some", changed(jump, (line) => line.replace("-j", "-i eth0 -j")), NOT_FILTERED],
    ["a second jump", behind(jump, jump), "the jump to VPSFW-FWD stands there twice"],
    [
        "an accept before the jump",
        before(jump, "-A FORWARD -i virbr0 -j ACCEPT"),
        "rules of others stand before the jump to VPSFW-FWD",
    ],
    ["no rules", (lines) => lines.filter((line) => !/^-A VPSFW-CTR .*"web\//.test(line)), OTHERWISE],
    ["no default", without(`${CTR} -m comment --comment "default:drop"`), OTHERWISE],
    ["a port", changed("-m conntrack --ctorigdstport 443", (line) => line.replace("443", "444")), OTHERWISE],
    ["no mark", without('-A VPSFW-FWD -m comment --comment "vpsfw1'), "the mark is missing or altered"],
    [
        "another mark",
        changed('-A VPSFW-FWD -m comment --comment "vpsfw1', (line) => line.replace(/a=\w{16}/, `a=${"0".repeat(16)}`)),
        "the marks of our chains differ",
    ],
])("%s is told, and where it is in one family, in which", (_, edit, change) => {
    for (const [family, where] of [
        ["both", ""],
        [4, " in IPv4"],
        [6, " in IPv6"],
    ] as const) {
        const listing = edited(saveOf(covering(web)), family, edit);
        const { base, baseIntact } = iptables.read(listing, covering(web));
        const inFamily = change === OTHERWISE || change.startsWith("the marks") ? "" : where;
        expect(base).toBe(`${iptables.baseLine}; changed by hand: ${change}${inFamily}`);
        expect(baseIntact).toBe(false);
        expect(iptables.difference(listing, covering(web))).toBe(base);
    }
});

test("rules of others are told, and kept at their places", () => {
    const drop = `${CTR} -s 192.0.2.7/32 -j DROP`;
    const log = "-A VPSFW-FWD -m limit --limit 1/sec -j LOG";
    const listing = edited(saveOf(covering(web)), 4, (lines) =>
        before(`${CTR} -i docker0`, drop)(behind("-A VPSFW-FWD -o docker0", log)(lines)),
    );
    const { unmanaged, base, understood } = iptables.read(listing, covering(web));
    expect(unmanaged.map(({ key, line, place }) => [key, line, place])).toEqual([
        ["(unmanaged) -m limit --limit 1/sec -j LOG (IPv4)", "-m limit --limit 1/sec -j LOG (IPv4)", "VPSFW-FWD"],
        ["(unmanaged) -s 192.0.2.7/32 -j DROP (IPv4)", "-s 192.0.2.7/32 -j DROP (IPv4)", "VPSFW-CTR"],
    ]);
    expect(base).toContain(OTHERWISE);
    expect(understood).toBe(true);
    const back = iptables.keepForeign(rendered(web), listing, "")!;
    const lines = splitFamilies(back)[4].split("\n");
    expect(lines[lines.indexOf(log) - 1]).toContain("-A VPSFW-FWD -o docker0");
    expect(lines[lines.indexOf(drop) + 1]).toContain(`${CTR} -i docker0`);
    expect(splitFamilies(back)[6]).toBe(splitFamilies(rendered(web))[6]);
    expect(iptables.keepForeign(rendered(web), saveOf(covering(web)), "")).toBeUndefined();
});

function expectExact(programs: Programs, wanted: Policy): void {
    whereExpressible(wanted, () => {
        const listing = programs.run(rendered(wanted));
        expect(iptables.difference(listing, covering(wanted))).toBeUndefined();
        expect(iptables.read(listing, covering(wanted))).toMatchObject({ forward: "containers", unmanaged: [] });
        expect(iptables.prove({ listing }, covering(wanted))).toBeUndefined();
    });
}

// Made by `npm run test:hosts`, or singly by `sh test/lab/makeUserland.sh bullseye`.
const releases = ["machine", "bullseye", "trixie"] as const;
const cases = releases.flatMap((release) => variants.map((variant) => [release, variant] as const));

describe.each(cases)("iptables of %s (%s)", (release, variant) => {
    const root = release === "machine" ? "/" : cachedUserland(release);
    const programs = openPrograms(variant, root);
    afterAll(() => programs.close());

    (root === undefined ? test.skip : programsTest)("loads it and lists it so that it reads back exactly", () => {
        for (const wanted of [web, sample]) expectExact(programs, wanted);
        fc.assert(
            fc.property(policies, (wanted) => expectExact(programs, wanted)),
            { numRuns: 4 },
        );
    });
});
