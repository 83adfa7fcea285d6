import { isWildcard } from "./programTraffic";
import type { Published } from "./protocol";

/** More would only be a host that wants us to read on and on. */
const MOST = 1000;

/**
 * The ports that containers publish, as the rules of nat say: what iptables-save prints behind `4 ` or `6 `, and what nft lists
 * behind `nft `. Lines that are of something else are left out.
 */
export function readPublished(section: string): readonly Published[] {
    const found = new Map<string, Published>();
    for (const line of section.split("\n").slice(0, MOST)) {
        const published = line.startsWith("nft ") ? byNft(line) : byIptables(line);
        if (published) found.set(JSON.stringify(published), published);
    }
    return [...found.values()];
}

function byIptables(line: string): Published | undefined {
    const [, family] = /^([46]) -A \S+ /.exec(line) ?? [];
    const [, protocol] = / -p (tcp|udp) /.exec(line) ?? [];
    const [, port] = / --dport (\d{1,5}) /.exec(line) ?? [];
    const [, to] = / --to-destination (\S{1,60})/.exec(line) ?? [];
    const [, own] = / -d ([0-9a-fA-F.:]{2,45})(?:\/\d+)? /.exec(line) ?? [];
    return publishedOf(family === "6" ? 6 : 4, protocol, port, to, own);
}

/** `ip daddr 192.0.2.10 tcp dport 8080 dnat ip to 172.17.0.2:80`, of either family where it does not say which. */
function byNft(line: string): Published | undefined {
    const [, protocol, port] = /\b(tcp|udp) dport (\d{1,5}) /.exec(line) ?? [];
    const [, to] = / dnat (?:ip6? )?to (\S{1,60})/.exec(line) ?? [];
    const [, own] = /\bip6? daddr ([0-9a-fA-F.:]{2,45}) /.exec(line) ?? [];
    return publishedOf(to?.startsWith("[") ? 6 : 4, protocol, port, to, own);
}

function publishedOf(
    family: 4 | 6,
    protocol: string | undefined,
    port: string | undefined,
    to: string | undefined,
    own: string | undefined,
): Published | undefined {
    const number = Number(port);
    if ((protocol !== "tcp" && protocol !== "udp") || to === undefined || !(number >= 1 && number <= 65535))
        return undefined;
    if (!/^[0-9a-fA-F.:[\]-]+$/.test(to)) return undefined;
    return { family, protocol, port: number, to, ...(own !== undefined && !isWildcard(own) && { own }) };
}
