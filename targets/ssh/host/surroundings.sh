# shellcheck shell=sh
# shellcheck disable=SC2154
# Who else filters here, and who listens.

say_managers() {
    other_managers | while read -r line; do say firewall "$line"; done
    if [ -d /sys/class/net/docker0 ] || [ -S /run/docker.sock ]; then say manager docker; fi
    # The kernel keeps 15 characters of a name.
    cat /proc/[0-9]*/comm 2>/dev/null | sort -u | while read -r name; do
        case $name in
            firewalld | tailscaled | kube-proxy | sshguard) say manager "$name" ;;
            fail2ban-server) say manager fail2ban ;;
            crowdsec-firewa) say manager crowdsec ;;
            lfd) say manager csf ;;
        esac
    done
    nft list tables 2>/dev/null | while read -r _ family name; do
        [ "$family $name" = "inet vps_firewall" ] || say table "$family $name"
    done
    for family in ip ip6; do
        while read -r name; do say table "$family $name (iptables-legacy)"; done 2>/dev/null <"/proc/net/${family}_tables_names"
    done
}

# All that the packet filters hold, but the elements of sets: a host of many rules keeps them to itself.
say_others() {
    [ "$with_others" = yes ] || return 0
    say others
    say_other nft "$(limited nft -j -t list ruleset 2>/dev/null)"
    say_other sets "$(sets_of_words | head -n 100 | while read -r family table set; do
        limited nft -j list set "$family" "$table" "$set" 2>/dev/null
    done)"
    for variant in nft legacy; do
        if [ "$variant" = legacy ] && ! variant_is_there legacy; then continue; fi
        if [ "$variant" = legacy ] && [ -z "$(cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null)" ]; then continue; fi
        for family in 4 6; do
            # shellcheck disable=SC2046 # one word
            say_other "$variant-$family" "$(limited $(iptables_program "$family" save) 2>/dev/null)"
        done
    done
}

# FAMILY TABLE SET, of those that hold ports, protocols or interfaces: they say what a filter lets through, and are small. Those
# of addresses may have a million.
sets_of_words() {
    limited nft -t list sets 2>/dev/null | while read -r word value; do
        case $word in
            table) table=${value% *} ;;
            set) set=${value% *} is_small='' ;;
            type | typeof)
                case " $value " in
                    *addr* | *ether* | *mark*) ;;
                    *) is_small=yes ;;
                esac
                ;;
            flags) case $value in *dynamic* | *timeout*) is_small='' ;; esac ;;
            '}')
                if [ -n "$is_small" ] && [ "$table" != "inet vps_firewall" ]; then echo "$table $set"; fi
                is_small=''
                ;;
        esac
    done
}

# say_other NAME TEXT
say_other() {
    [ "${#2}" -gt 2000000 ] || say_section "others-$1" "$2"
}

# What ss prints, or where there is no ss, the kernel's own tables: states 0A (listening) and 07 (an unconnected UDP socket).
say_listeners() {
    if has ss; then
        ss -H -l -t -u -n -p 2>/dev/null | section listeners
    else
        for protocol in tcp tcp6 udp udp6; do
            sed -n "s/^ *[0-9]*: \([0-9A-F]*:[0-9A-F]*\) [0-9A-F]*:[0-9A-F]* \(0A\|07\) .*/$protocol \2 \1/p" "/proc/net/$protocol" 2>/dev/null
        done | section sockets
    fi
}
