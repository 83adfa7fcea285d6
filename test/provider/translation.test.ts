import { TooMuchWork } from "../../core/analysis/diagram";
import type { TranslationDifference } from "../../core/dialects/dialect";
import { nftables, render } from "../../core/dialects/nftables";
import { UnreadableRuleset } from "../../core/dialects/unreadable";
import { checkHost } from "../../provider/checkHost";
import { loadedProblem, proofOfRendered } from "../../provider/translation";
import { policy, web } from "../core/dialects/nftables/build";
import { kernelTest, openNft } from "../core/dialects/nftables/kernel";
import { ownership } from "../core/dialects/nftables/policies";

afterEach(() => jest.restoreAllMocks());

const difference: TranslationDifference = {
    direction: "ingress",
    packet: {
        direction: "ingress",
        family: 4,
        protocol: 6,
        source: 0xcb007109n,
        destination: 0xc000020an,
        sourcePort: 40000,
        destinationPort: 22,
    },
    conditions: [],
    meant: "accept",
    done: "port-unreachable",
};

const proves = (found: TranslationDifference | undefined) => jest.spyOn(nftables, "prove").mockReturnValue(found);
const fails = (error: Error) =>
    jest.spyOn(nftables, "prove").mockImplementation(() => {
        throw error;
    });

test("what means the policy is no problem; what is not known yet is not asked", () => {
    expect(proofOfRendered(web, "nftables")).toEqual({});
    const prove = proves(difference);
    expect(proofOfRendered(policy({ "web/a": "accept tcp from (not known yet) to port 22" }), "nftables")).toEqual({});
    expect(prove).not.toHaveBeenCalled();
});

test("a packet shows what differs", () => {
    proves(difference);
    expect(proofOfRendered(web, "nftables").problem).toMatchObject({
        code: "VF201",
        severity: "error",
        property: "templates",
    });
    expect(proofOfRendered(web, "nftables").problem?.message).toContain(
        "in tcp 203.0.113.9 -> 192.0.2.10 port 22 is rejected, the templates say accepted.",
    );
    proves({ ...difference, conditions: ["limit 10/second burst 5"], meant: "tcp-reset", done: "drop" });
    expect(proofOfRendered(web, "nftables").problem?.message).toContain(
        "port 22 (limit 10/second burst 5) is dropped, the templates say rejected with tcp-reset.",
    );
});

test("a proof that would take too long is told, and a ruleset that can't be read is a problem", () => {
    fails(new TooMuchWork());
    expect(proofOfRendered(web, "nftables").problem).toBeUndefined();
    expect(proofOfRendered(web, "nftables").finding).toMatchObject({
        code: "VF248",
        severity: "warning",
        rule: "web/scanners",
    });
    const raw = {
        target: { host: "192.0.2.10" },
        templates: [{ name: "web", rules: { https: { service: "https" } } }],
    };
    const { failures, findings } = checkHost(raw);
    expect([failures, findings]).toMatchObject([[], [{ code: "VF248" }]]);
    expect(findings[0]?.message).toMatch(/^VF248 the rules cross each other in too many ways to prove/);
    fails(new UnreadableRuleset("line 3: a chain is not closed"));
    expect(proofOfRendered(web, "nftables").problem?.message).toContain(
        "it can't be read again: line 3: a chain is not closed",
    );
});

test("a preview refuses it", () => {
    const raw = {
        target: { host: "192.0.2.10" },
        templates: [{ name: "web", rules: { https: { protocol: "tcp", ports: 443, from: "192.0.2.99" } } }],
    };
    proves(difference);
    expect(checkHost(raw).failures).toEqual([
        { property: "templates", reason: expect.stringMatching(/^VF201 templates: the ruleset made of these/) },
    ]);
});

const nft = openNft();
afterAll(() => nft.close());

kernelTest("after loading, the listing is compared by its parts and by what it means", () => {
    const listing = nft.run([render(web, ownership)]);
    expect(loadedProblem("192.0.2.10", "nftables", listing, web)).toBeUndefined();
    expect(loadedProblem("192.0.2.10", "nftables", listing, policy({}))).toMatch(/^set office|^there is a set office/);
    proves(difference);
    expect(loadedProblem("192.0.2.10", "nftables", listing, web)).toMatch(
        /^VF202 what 192.0.2.10 lists after loading does not mean what the templates say: in tcp /,
    );
});
