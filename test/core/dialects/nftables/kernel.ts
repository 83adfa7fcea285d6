import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listCommand } from "../../../../core/dialects/nftables";

/** The real nft in a network namespace that ends with the command. `root`: of another release, entered by chroot. */
export interface Nft {
    /** Loads the rulesets one after the other, runs `commands` (of nft) and gives the JSON listing, or the output of `last`. */
    run(rulesets: readonly string[], commands?: readonly string[], last?: string): string;
    close(): void;
}

export function openNft(root = "/"): Nft {
    const folder = mkdtempSync(join(tmpdir(), "vps-firewall-nft-"));
    const inside = root === "/" ? folder : "/mnt";
    const enter = root === "/" ? [] : [`mount --bind '${folder}' '${root}/mnt'`];
    const nft = root === "/" ? "" : `chroot '${root}' `;
    return {
        run(rulesets, commands = [], last = listCommand) {
            rulesets.forEach((text, index) => writeFileSync(join(folder, `${index}.nft`), text));
            const loads = rulesets.map((_, index) => `${nft}nft -f ${inside}/${index}.nft`);
            const script = [...enter, ...loads, ...commands.map((command) => nft + command), nft + last].join(" &&\n");
            return execFileSync("unshare", ["--net", "--mount", "sh", "-c", script], {
                encoding: "utf8",
                stdio: "pipe",
                maxBuffer: 1 << 28,
            });
        },
        close: () => rmSync(folder, { recursive: true, force: true }),
    };
}

const hasKernel =
    process.getuid?.() === 0 && ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"].some((path) => existsSync(path));

/** `test` where nft and root are there, else `test.skip`; in CI a kernel that can't be asked is a failure. */
export const kernelTest: jest.It = hasKernel || process.env.CI === "true" ? test : test.skip;
