import { readFileSync } from "node:fs";
import { hostError } from "./hostError";

/**
 * The text of a file of the user's ssh, "" where there is none.
 *
 * @throws FirewallError VF154 where it is there and can't be read: going on without what it says could trust or try too much
 */
export function readIfThere(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch (error) {
        const { code = "unknown" } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return "";
        throw hostError("VF154", {
            field: file,
            reason: `it can't be read (${code})`,
            advice: "Correct its owner or permissions, or take it away.",
        });
    }
}
