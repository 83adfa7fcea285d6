import { execFileSync } from "node:child_process";
import { CannotExpress } from "../../core/dialects/dialect";
import { renderFamilies } from "../../core/dialects/iptables/render";
import type { Family } from "../../core/model/addresses";
import type { Policy } from "../../core/model/policy";
import type { Backend } from "./job";

/** A range of addresses that was asked for is many rules: that takes no ranges. */
const LONGEST_SAVE = 1 << 28;

const MARK = "vpsfw1 o=0123456789abcdef";

/** Gives what loads a policy with one of the two variants, over the one before; `after` is loaded behind it. */
export function openIptables(backend: Exclude<Backend, "nftables">, after: () => void): (policy: Policy) => void {
    const variant = backend.slice("iptables-".length);
    let before = "";
    return (policy) => {
        const restores = rendered(policy);
        const [ipv4, ipv6] = [splitSets(restores[4]), splitSets(restores[6])];
        runWith("ipset", ["-exist", "restore"], ipv4.sets + ipv6.sets);
        runWith(`iptables-${variant}-restore`, ["--noflush", "-w"], replacing(before, ipv4.rules));
        runWith(`ip6tables-${variant}-restore`, ["--noflush", "-w"], replacing(before, ipv6.rules));
        before = ipv4.rules;
        runWith("sh", ["-c", "for set in $(ipset list -n); do ipset destroy $set; done 2>/dev/null; :"], "");
        after();
    };
}

/** Lists that are sets in some rulesets are written out in others. */
function rendered(policy: Policy): Readonly<Record<Family, string>> {
    return renderFamilies(policy, MARK, { ipset: true, mostWrittenOut: policy.rules.length % 4 });
}

/** Without rules that would be more rules of iptables than is allowed: of a random list, many networks are written out. */
export function withoutTooMany(policy: Policy): Policy {
    try {
        rendered(policy);
        return policy;
    } catch (error) {
        if (!(error instanceof CannotExpress)) throw error;
        return withoutTooMany({ ...policy, rules: policy.rules.filter(({ key }) => key !== error.key) });
    }
}

function splitSets(text: string): { readonly sets: string; readonly rules: string } {
    const rules = text.indexOf("*filter");
    return { sets: text.slice(0, rules), rules: text.slice(rules) };
}

/** The same input without the jumps, and the chains, that the one before has left in each of its tables. */
function replacing(before: string, input: string): string {
    return [...before.matchAll(/^(\*\w+\n)([^]*?)^COMMIT$/gm)].reduce((replaced, [, table = "", lines = ""]) => {
        const left = [...lines.matchAll(/^-I (\w+) 1 -j (\S+)$/gm)].map(
            ([, builtIn, own]) => `:${own} - [0:0]\n-D ${builtIn} -j ${own}\n`,
        );
        return replaced.replace(table, `${table}${left.join("")}`);
    }, input);
}

export function savedRules(backend: Exclude<Backend, "nftables">): Readonly<Record<Family, string>> {
    const variant = backend.slice("iptables-".length);
    const printed = (program: string, ...args: string[]) =>
        execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: LONGEST_SAVE });
    const sets = printed("ipset", "save");
    const save = (family: Family, program: string) => {
        const own = sets.split("\n").filter((line) => line.includes(` vpsfw${family}-`));
        return [...own, printed(`${program}-${variant}-save`)].join("\n");
    };
    return { 4: save(4, "iptables"), 6: save(6, "ip6tables") };
}

export function runWith(program: string, args: readonly string[], input: string): void {
    execFileSync(program, args, { input, stdio: ["pipe", "pipe", "pipe"] });
}
