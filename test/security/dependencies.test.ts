import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Locked {
    readonly link?: boolean;
    readonly integrity?: string;
    readonly resolved?: string;
    readonly hasInstallScript?: boolean;
}

const root = join(__dirname, "..", "..");
const read = <T>(name: string): T => JSON.parse(readFileSync(join(root, name), "utf8")) as T;
const locked = Object.entries(read<{ packages: Record<string, Locked> }>("package-lock.json").packages).filter(
    ([path, { link }]) => path.includes("node_modules/") && !link,
);

/** What `npm audit` can't see: it knows advisories, and these are about where code comes from. */
describe("every package that is installed", () => {
    test("is pinned to its content, and comes from a registry", () => {
        expect(locked.length).toBeGreaterThan(100);
        for (const [path, { integrity, resolved }] of locked) {
            expect({ path, integrity }).toEqual({ path, integrity: expect.stringMatching(/^sha512-/) as string });
            if (resolved !== undefined) expect(resolved).toMatch(/^https:\/\/[^/]+\/.*\.tgz$/);
        }
    });

    test("runs a script when it is installed only if docs/security.md says why", () => {
        const text = readFileSync(join(root, "docs", "security.md"), "utf8");
        const names = locked
            .filter(([, { hasInstallScript }]) => hasInstallScript)
            .map(([path]) => path.split("node_modules/").at(-1)!);
        expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
    });

    test("is there for a reason that docs/dependencies.md gives", () => {
        const { dependencies, peerDependencies } = read<Record<string, Record<string, string>>>("package.json");
        const text = readFileSync(join(root, "docs", "dependencies.md"), "utf8");
        for (const name of Object.keys({ ...dependencies, ...peerDependencies })) expect(text).toContain(`\`${name}\``);
    });
});
