import type { LabHost } from "../../lab";

/** Every table of nftables but ours and those of iptables, with handles and without counters. */
const NFT = `
nft list tables 2>/dev/null | while read -r _ family name; do
    case "$family $name" in
        "inet vps_firewall" | "ip filter" | "ip6 filter" | "ip nat" | "ip6 nat" | "ip mangle" | "ip6 mangle" | "ip raw" | "ip6 raw") ;;
        *) nft -a -s list table "$family" "$name" ;;
    esac
done`;

/** What both families and variants of iptables hold. */
const IPTABLES = `
for program in iptables-nft iptables-legacy ip6tables-nft ip6tables-legacy; do
    echo "# $program"
    $program-save 2>/dev/null
done`;

/**
 * All that is not ours in the packet filters of a host, without counters, and without a table of iptables that holds nothing: it
 * comes with the first program that looks into it.
 */
export async function listOthers(host: LabHost): Promise<string> {
    const { stdout } = await host.run(`${NFT}\n${IPTABLES}`);
    return stdout
        .replace(/^# (Generated|Completed|Warning).*\n/gm, "")
        .replace(/^.*VPSFW-.*\n/gm, "")
        .replace(/\[\d+:\d+\]/g, "[0:0]")
        .replace(/^\*\w+\n(:\w+ ACCEPT \[0:0\]\n)+COMMIT\n/gm, "");
}

/** The same as a sorted list of what decides, for who writes its rules anew. */
export async function sortedOthers(host: LabHost): Promise<string[]> {
    return (await listOthers(host))
        .replace(/ # handle \d+/g, "")
        .split("\n")
        .filter((line) => !/^(|#.*|COMMIT|\*\w+|:\w+ ACCEPT \[0:0\])$/.test(line))
        .sort();
}
