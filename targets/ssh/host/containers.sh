# shellcheck shell=sh
# shellcheck disable=SC2154
# Whether an engine for containers is here, and which ports its containers publish.

say_containers() {
    if [ -d /sys/class/net/docker0 ] || [ -S /run/docker.sock ] || has dockerd || has podman; then say containers; fi
    {
        for family in 4 6; do
            for names in nft legacy; do published_by_iptables "$family" "$names"; done
        done
        ! has nft || limited nft -t list ruleset 2>/dev/null | grep -w 'dport.* dnat' | sed 's/^[[:space:]]*/nft /'
    } | head -n 1000 | sort -u | section published
}

# published_by_iptables FAMILY VARIANT: asking the legacy one loads its modules, so the kernel is asked first.
published_by_iptables() {
    case $1 in 4) names_file=/proc/net/ip_tables_names program=iptables ;; *) names_file=/proc/net/ip6_tables_names program=ip6tables ;; esac
    if [ "$2" = legacy ] && ! grep -qx nat "$names_file" 2>/dev/null; then return; fi
    has "$program-$2-save" || return 0
    quickly "$program-$2-save" -t nat 2>/dev/null | grep -e '-j DNAT' | sed "s/^/$1 /"
}
