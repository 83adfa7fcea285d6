import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { hostError } from "./hostError";
import { matchesPattern, matchesPatterns } from "./patterns";
import { readIfThere } from "./readIfThere";
import { deciding, followed, harmless, harmlessValues } from "./sshConfigKeywords";
import type { ConfigLine } from "./sshConfigLines";
import { parseConfigLines } from "./sshConfigLines";

/** A value and where it was read, for errors. */
export interface Setting {
    readonly values: readonly string[];
    readonly keyword: string;
    readonly file: string;
    readonly line: number;
}

/** What `~/.ssh/config` says about one host: keyword in lower case -> its settings (one, but for IdentityFile). */
export type SshConfig = ReadonlyMap<string, readonly Setting[]>;

const deepestInclude = 16;

/**
 * Reads what `~/.ssh/config` says about `host`, the name as the user wrote it. Followed are Host with patterns and
 * negation, Match all, host and originalhost, Include, and the keywords of sshConfigKeywords.ts; the first value of a
 * keyword wins. A keyword that applies to the host and could decide something else is an error (VF148), never ignored.
 * The file of the whole machine, /etc/ssh/ssh_config, is not read.
 */
export function readSshConfig(host: string, home: string): SshConfig {
    const settings = new Map<string, Setting[]>();
    const ignored: string[] = [];

    const refuse = (file: string, { keyword, line }: ConfigLine, reason = ""): never => {
        throw hostError("VF148", { file, line, keyword, host, reason });
    };

    function readFile(file: string, applies: boolean, depth: number): void {
        let active = applies;
        for (const directive of parseConfigLines(readIfThere(file))) {
            const keyword = directive.keyword.toLowerCase();
            if (keyword === "host") active = applies && matchesPatterns(directive.values, host);
            else if (keyword === "match") active = applies && matchSection(file, directive);
            else if (!active) continue;
            else if (keyword === "include") include(file, directive, depth);
            else keep(file, keyword, directive);
        }
    }

    function keep(file: string, written: string, directive: ConfigLine): void {
        let keyword = written;
        const { values, line } = directive;
        if (keyword === "ignoreunknown") ignored.push(...values.flatMap((value) => value.toLowerCase().split(",")));
        if (harmless.has(keyword)) return;
        // ssh takes the first of these two, `none` included.
        if (keyword === "proxycommand" || keyword === "proxyjump") {
            if (settings.has("proxyjump")) return;
            if (keyword === "proxycommand" && values[0]?.toLowerCase() !== "none") return refuse(file, directive);
            keyword = "proxyjump";
        }
        if (!followed.has(keyword)) {
            const harmlessValue = harmlessValues.get(keyword);
            if (harmlessValue !== undefined && values[0]?.toLowerCase() === harmlessValue) return;
            if (!deciding.has(keyword) && ignored.some((pattern) => matchesPattern(pattern, keyword))) return;
            return refuse(file, directive);
        }
        if (values.length === 0) return refuse(file, directive, " without a value");
        const before = settings.get(keyword) ?? [];
        if (before.length > 0 && keyword !== "identityfile") return;
        settings.set(keyword, [...before, { values, keyword: directive.keyword, file, line }]);
    }

    function matchSection(file: string, directive: ConfigLine): boolean {
        const words = [...directive.values];
        let undecided: string | undefined;
        while (words.length > 0) {
            const word = words.shift() ?? "";
            const criterion = word.replace(/^!/, "").toLowerCase();
            if (criterion === "all") continue;
            // These two take no value; the others take one.
            const value = criterion === "canonical" || criterion === "final" ? "" : (words.shift() ?? "");
            if (criterion !== "host" && criterion !== "originalhost") {
                undecided ??= criterion;
                continue;
            }
            const name = criterion === "host" ? hostName(settings, host) : host;
            if (matchesPatterns(value.split(","), name) === word.startsWith("!")) return false;
        }
        if (undecided !== undefined) refuse(file, { ...directive, keyword: `Match ${undecided}` });
        return directive.values.length > 0;
    }

    function include(from: string, directive: ConfigLine, depth: number): void {
        if (depth >= deepestInclude) refuse(from, directive, " this deep (does a file include itself?)");
        for (const value of directive.values) {
            const path = value.startsWith("~/") ? join(home, value.slice(2)) : value;
            const pattern = isAbsolute(path) ? path : join(home, ".ssh", path);
            const folder = dirname(pattern);
            if (/[*?[]/.test(folder) || pattern.includes("${") || /^~/.test(path)) {
                refuse(from, directive, " with patterns in a folder's name, variables or other users' homes");
            }
            const names = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
            const matching = names.filter(
                (entry) =>
                    !entry.isDirectory() &&
                    (!entry.name.startsWith(".") || basename(pattern).startsWith(".")) &&
                    matchesPattern(basename(pattern), entry.name),
            );
            for (const entry of matching.sort((a, b) => (a.name < b.name ? -1 : 1)))
                readFile(join(folder, entry.name), true, depth + 1);
        }
    }

    readFile(join(home, ".ssh", "config"), true, 0);
    return settings;
}

/** The name to connect to: `HostName`, in which `%h` is the name as written. */
export function hostName(settings: SshConfig, host: string): string {
    const setting = settings.get("hostname")?.[0];
    if (!setting) return host;
    return expand(setting, setting.values[0] ?? "", { "%": "%", h: host }, host);
}

/** Replaces `%x` in a value; a token that is not in `tokens` is refused by name. */
export function expand(setting: Setting, value: string, tokens: Record<string, string>, host: string): string {
    return value.replace(/%(.?)/g, (token, letter: string) => {
        const text = tokens[letter];
        if (text !== undefined) return text;
        const { keyword, file, line } = setting;
        throw hostError("VF148", { file, line, keyword, host, reason: ` with the token ${token}` });
    });
}
