import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinFamilies, splitFamilies } from "../../../../core/dialects/iptables/families";

export const variants = ["nft", "legacy"] as const;
export type Variant = (typeof variants)[number];

/** The real programs in a network namespace that ends with the command. `root`: of another release, entered by chroot. */
export interface Programs {
    /** Loads a text of both families, runs `commands` in a shell, loads one `more` and gives the listing of both. */
    run(text: string, commands?: readonly string[], more?: string): string;
    /** What the program calls itself. */
    version(): string;
    close(): void;
}

export function openPrograms(variant: Variant, root = "/"): Programs {
    const folder = mkdtempSync(join(tmpdir(), "vps-firewall-iptables-"));
    const inside = root === "/" ? folder : "/mnt";
    const prepare = root === "/" ? [] : [`mount --bind '${folder}' '${root}/mnt'`, `mount -t proc proc '${root}/proc'`];
    const names = { 4: `iptables-${variant}`, 6: `ip6tables-${variant}` };
    const inNamespace = (steps: readonly string[]) => {
        writeFileSync(join(folder, "run.sh"), ["set -e", ...steps].join("\n"));
        const enter = root === "/" ? "" : `chroot '${root}' `;
        const script = [...prepare, `${enter}sh ${inside}/run.sh`].join(" && ");
        return execFileSync("unshare", ["--net", "--mount", "sh", "-c", script], {
            encoding: "utf8",
            stdio: "pipe",
            maxBuffer: 1 << 28,
        });
    };
    return {
        run(text, commands = [], more = "") {
            const load = (each: string, name: string) => {
                const families = splitFamilies(each);
                return ([4, 6] as const).map((family) => {
                    const lines = families[family].trimEnd().split("\n");
                    const rules = lines.findIndex((line) => line.startsWith("*"));
                    const file = `${name}.${family}`;
                    writeFileSync(join(folder, file), `${lines.slice(Math.max(rules, 0)).join("\n")}\n`);
                    if (rules <= 0) return `${names[family]}-restore --noflush <${inside}/${file}`;
                    writeFileSync(join(folder, `${file}.sets`), `${lines.slice(0, rules).join("\n")}\n`);
                    return `ipset -exist restore <${inside}/${file}.sets; ${names[family]}-restore --noflush <${inside}/${file}`;
                });
            };
            const loads = [...load(text, "first"), ...commands, ...load(more, "second")];
            const save = (family: 4 | 6) => [
                `for set in $(ipset list -n | grep '^vpsfw${family}-'); do ipset save "$set"; done`,
                ...["filter", "mangle"].map((table) => `${names[family]}-save -t ${table}`),
            ];
            const printed = inNamespace([...loads, ...save(4), "echo '# then'", ...save(6)]);
            const [ipv4 = "", ipv6 = ""] = printed.split("# then\n");
            return joinFamilies({ 4: ipv4, 6: ipv6 });
        },
        version: () => inNamespace([`${names[4]} --version`]),
        close: () => rmSync(folder, { recursive: true, force: true }),
    };
}

const hasPrograms = process.getuid?.() === 0 && existsSync("/usr/sbin/iptables-nft-restore");

/** `test` where the programs and root are there, else `test.skip`; in CI programs that can't be asked are a failure. */
export const programsTest: jest.It = hasPrograms || process.env.CI === "true" ? test : test.skip;
