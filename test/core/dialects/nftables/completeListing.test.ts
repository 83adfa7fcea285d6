import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nftables, render } from "../../../../core/dialects/nftables";
import type { Policy } from "../../../../core/model/policy";
import { cachedUserland } from "../../../lab/userland";
import { policy } from "./build";
import { crowdOf } from "./crowd";
import { kernelTest, openNft } from "./kernel";
import { ownership } from "./policies";

const rules = policy({
    "web/blocked": "drop any from set blocked",
    "web/dns": "accept udp from anywhere except set blocked to port 53",
    "web/few": "drop any from set few",
});
const of = (count: number): Policy => ({
    ...rules,
    sets: [
        { name: "blocked", ranges: [...crowdOf(4, count), ...crowdOf(6, count)] },
        { name: "few", ranges: [...crowdOf(4, 30), ...crowdOf(6, 30)] },
    ],
});
const blocked = of(4100);

const part = readFileSync(join(__dirname, "../../../../targets/ssh/host/nftLarge.sh"), "utf8");

/** What host/nftLarge.sh makes of a listing. */
function shortened(listing: string, shell: readonly string[]): string {
    const script = `${part}
LC_ALL=C; export LC_ALL; whole=no
nft() { cat; }
print_of() { sha256sum | cut -c 1-64; }
nft_list_short`;
    const { stdout, stderr } = spawnSync(shell[0]!, [...shell.slice(1), "-c", script], {
        input: listing,
        encoding: "utf8",
        maxBuffer: 1 << 28,
    });
    expect(stderr).toBe("");
    return stdout;
}

const releases = [undefined, "bullseye", "trixie"] as const;
describe.each(releases)("a listing (nft of %s) without the elements of large sets", (release) => {
    const root = release === undefined ? "/" : cachedUserland(release);
    const testHere = root === undefined ? test.skip : kernelTest;

    testHere("is whole again with those that the host should hold, and only with them", () => {
        const nft = openNft(root);
        const listing = nft.run([render(blocked, ownership)]);
        nft.close();
        for (const shell of [["dash"], ["busybox", "sh"]]) {
            const short = shortened(listing, shell);
            expect(short.length).toBeLessThan(20_000);
            const complete = nftables.complete!(short, blocked)!;
            expect(nftables.difference(complete, blocked)).toBeUndefined();
            expect(nftables.prove({ listing: complete }, blocked)).toBeUndefined();
            expect(nftables.complete!(short, of(4101))).toBeUndefined();
        }
    });
});

kernelTest("an element with a comment, as somebody may add it, is not one of ours", () => {
    const nft = openNft();
    const name = /set (\S+_32) /.exec(render(blocked, ownership))![1]!;
    const add = `nft 'add element inet vps_firewall ${name} { 192.0.2.1 comment "a, b ]}}" }'`;
    const short = shortened(nft.run([render(blocked, ownership)], [add]), ["dash"]);
    nft.close();
    expect(nftables.complete!(short, blocked)).toBeUndefined();
});

test("a listing that left nothing out is whole as it is", () => {
    expect(nftables.complete!('{"nftables": []}', blocked)).toBe('{"nftables": []}');
    expect(nftables.complete!("", blocked)).toBe("");
});
