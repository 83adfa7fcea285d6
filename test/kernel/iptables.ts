import { execFileSync } from "node:child_process";
import { render } from "../../core/dialects/iptables/render";
import type { Family } from "../../core/model/addresses";
import type { Policy } from "../../core/model/policy";
import type { Backend } from "./job";

const MARK = "vpsfw1 o=0123456789abcdef";

/** Gives what loads a policy with one of the two variants, over the one before; `after` is loaded behind it. */
export function openIptables(backend: Exclude<Backend, "nftables">, after: () => void): (policy: Policy) => void {
    const variant = backend.slice("iptables-".length);
    let jumps = { ingress: 0, egress: 0 };
    return (policy) => {
        const restores = render(policy, MARK, { 4: jumps, 6: jumps });
        runWith(`iptables-${variant}-restore`, ["--noflush", "-w"], restores[4]);
        runWith(`ip6tables-${variant}-restore`, ["--noflush", "-w"], restores[6]);
        const count = (chain: string) => (restores[4].includes(`-I ${chain} 1 `) ? 1 : 0);
        jumps = { ingress: count("INPUT"), egress: count("OUTPUT") };
        after();
    };
}

export function savedRules(backend: Exclude<Backend, "nftables">): Readonly<Record<Family, string>> {
    const variant = backend.slice("iptables-".length);
    const save = (program: string) =>
        execFileSync(`${program}-${variant}-save`, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    return { 4: save("iptables"), 6: save("ip6tables") };
}

export function runWith(program: string, args: readonly string[], input: string): void {
    execFileSync(program, args, { input, stdio: ["pipe", "pipe", "pipe"] });
}
