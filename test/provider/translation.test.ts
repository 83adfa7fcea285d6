import { TooMuchWork } from "../../core/analysis/diagram";
import type { TranslationDifference } from "../../core/dialects/dialect";
import { nftables, render, UnreadableRuleset } from "../../core/dialects/nftables";
import { checkHost } from "../../provider/checkHost";
import { loadedProblem, renderedProblem } from "../../provider/translation";
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
    expect(renderedProblem(web)).toBeUndefined();
    const prove = proves(difference);
    expect(renderedProblem(policy({ "web/a": "accept tcp from (not known yet) to port 22" }))).toBeUndefined();
    expect(prove).not.toHaveBeenCalled();
});

test("a packet shows what differs", () => {
    proves(difference);
    expect(renderedProblem(web)).toMatchObject({ code: "VF201", severity: "error", property: "templates" });
    expect(renderedProblem(web)?.message).toContain(
        "in tcp 203.0.113.9 -> 192.0.2.10 port 22 is rejected, the templates say accepted.",
    );
    proves({ ...difference, conditions: ["limit 10/second burst 5"], meant: "tcp-reset", done: "drop" });
    expect(renderedProblem(web)?.message).toContain(
        "port 22 (limit 10/second burst 5) is dropped, the templates say rejected with tcp-reset.",
    );
});

test("no proof is no problem where it would take too long, but is one where the ruleset can't be read", () => {
    fails(new TooMuchWork());
    expect(renderedProblem(web)).toBeUndefined();
    fails(new UnreadableRuleset("line 3: a chain is not closed"));
    expect(renderedProblem(web)?.message).toContain("it can't be read again: line 3: a chain is not closed");
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
    expect(loadedProblem("192.0.2.10", listing, web)).toBeUndefined();
    expect(loadedProblem("192.0.2.10", listing, policy({}))).toMatch(/^set office|^there is a set office/);
    proves(difference);
    expect(loadedProblem("192.0.2.10", listing, web)).toMatch(
        /^VF202 what 192.0.2.10 lists after loading does not mean what the templates say: in tcp /,
    );
});
