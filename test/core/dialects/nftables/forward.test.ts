import fc from "fast-check";
import { formatPacket } from "../../../../core/analysis/witness";
import { nftables, render } from "../../../../core/dialects/nftables";
import type { Policy } from "../../../../core/model/policy";
import { policy, sample, web } from "./build";
import { kernelTest, openNft } from "./kernel";
import { ownership, policies } from "./policies";

const covering = (wanted: Policy): Policy => ({ ...wanted, forward: "containers" });
const rendered = (wanted: Policy) => render(covering(wanted), ownership);
const prove = (text: string, wanted: Policy) => nftables.prove({ text }, covering(wanted));

test("what is forwarded to containers is decided like what comes in, by the port that was asked for", () => {
    for (const wanted of [web, sample, policy({}), policy({}, {}, { ingress: "accept", egress: "drop" })])
        expect(prove(rendered(wanted), wanted)).toBeUndefined();
    fc.assert(
        fc.property(policies, (wanted) => expect(prove(rendered(wanted), wanted)).toBeUndefined()),
        { numRuns: 100 },
    );
});

test("a policy that leaves containers alone has none of it", () => {
    expect(render(web, ownership)).not.toMatch(/chain (forward|containers|published)/);
});

test.each([
    ["a port by the container's number", "ct original proto-dst 443", "tcp dport 443", "port 443"],
    ["what asks for a container itself", 'counter drop comment "base:containers"', "counter accept", "port"],
    ["an uplink taken for a bridge", 'iifname "podman*" accept', 'iifname "eth0" accept', "port"],
    ["a bridge left out", 'oifname "br-*" goto containers comment "base:containers"', "", "port"],
    ["a source forgotten", "ip saddr 10.0.0.0/8 meta l4proto tcp ct original", "meta l4proto tcp ct original", "9100"],
])("%s is found out", (_, before, after, packet) => {
    const text = rendered(web);
    expect(text).toContain(before);
    const difference = prove(text.replace(before, after), web);
    expect(difference).toMatchObject({ forwarded: true, direction: "ingress" });
    expect(formatPacket(difference!.packet)).toContain(packet);
});

const nft = openNft();
afterAll(() => nft.close());

kernelTest("what nft lists is read back, changes by hand are told, and rules of others kept", () => {
    const wanted = covering(web);
    const listing = nft.run([rendered(web)]);
    expect(nftables.difference(listing, wanted)).toBeUndefined();
    expect(nftables.read(listing, wanted)).toMatchObject({ forward: "containers", baseIntact: true, understood: true });
    expect(nftables.prove({ listing }, wanted)).toBeUndefined();
    expect(nftables.difference(listing, web)).toMatch(/another policy/);

    const altered = nft.run([rendered(web), "flush chain inet vps_firewall published"]);
    expect(nftables.difference(altered, wanted)).toContain("what is forwarded to containers is filtered otherwise");
    const gone = nft.run([render(web, ownership)]);
    expect(nftables.read(gone, wanted).base).toContain("what is forwarded to containers is not filtered");

    const rule = "tcp dport 81 accept";
    const foreign = nft.run([rendered(web), `insert rule inet vps_firewall containers ${rule}`]);
    expect(nftables.read(foreign, wanted).unmanaged).toMatchObject([{ place: "containers", line: expect.anything() }]);
});
