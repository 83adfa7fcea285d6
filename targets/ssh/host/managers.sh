# shellcheck shell=sh
# shellcheck disable=SC2154
# The other programs that load a whole packet filter, and what they have loaded.

# One a line: NAME active|inactive enabled|disabled FILE...; `active`: what it loads is there. `enabled`: the next boot loads it.
other_managers() {
    if [ -n "$(ufw_init)" ]; then
        boot=disabled
        if ufw_is_enabled && { ! systemd_runs || unit_is enabled ufw; }; then boot=enabled; fi
        manager_line ufw "$(ufw_is_loaded && echo active)" "$boot" /etc/ufw
    fi
    if has firewalld; then
        manager_line firewalld "$(systemd_runs && unit_is active firewalld && echo active)" "$(boots firewalld)" /etc/firewalld
    fi
    for manager in netfilter-persistent iptables ip6tables nftables; do
        [ -n "$(files_of "$manager")" ] || continue
        # shellcheck disable=SC2046 # paths without blanks
        manager_line "$manager" "$(systemd_runs && unit_is active "$manager" && holds_its_rules "$manager" && echo active)" \
            "$(boots "$manager")" $(files_of "$manager")
    done
}

manager_line() {
    name=$1 is_active=${2:-inactive} boots=$3
    shift 3
    echo "$name $is_active $boots $*"
}

# unit_is active|enabled UNIT
unit_is() {
    ask_systemd "is-$1" --quiet "$2.service" 2>/dev/null
}

boots() {
    if systemd_runs && unit_is enabled "$1"; then echo enabled; else echo disabled; fi
}

# What a service loads that has nothing but a file. Red Hat has one for each family of iptables; Debian calls
# netfilter-persistent by their names, too. Where there is /etc/sysconfig, nftables.service reads there.
files_of() {
    case $1 in
        netfilter-persistent) if has netfilter-persistent; then files_there /etc/iptables/rules.v4 /etc/iptables/rules.v6; fi ;;
        iptables | ip6tables) if ! has netfilter-persistent; then files_there "/etc/sysconfig/$1"; fi ;;
        nftables) files_there /etc/sysconfig/nftables.conf /etc/nftables.conf | head -n 1 ;;
    esac
}

# The families whose rules a service of iptables loads.
families_of() {
    case $1 in
        iptables) echo 4 ;;
        ip6tables) echo 6 ;;
        *) echo 4 6 ;;
    esac
}

files_there() {
    for file in "$@"; do [ ! -s "$file" ] || echo "$file"; done
}

holds_its_rules() {
    case $1 in
        nftables)
            nftables_text "$(files_of nftables)" | tables_named | while read -r family name; do
                ! nft -t list table "$family" "$name" >/dev/null 2>&1 || echo there
            done | grep -q .
            ;;
        *) for family in $(families_of "$1"); do ! plain_rules "$family" | grep -q . || return 0; done && return 1 ;;
    esac
}

# Of the files that the next boot loads, those into which somebody saved all that there was.
files_with_ours() {
    for manager in netfilter-persistent iptables ip6tables nftables; do
        [ "$(boots "$manager")" = enabled ] || continue
        # shellcheck disable=SC2046 # paths without blanks
        grep -ls 'VPSFW-\|^table inet vps_firewall ' $(files_of "$manager") /dev/null
    done
}

# nftables_text FILE: with what it includes where it does, and without its `flush ruleset`, which is everybody's end.
nftables_text() {
    if ! grep -q '^[[:space:]]*include' "$1"; then
        cat "$1"
    else
        while IFS= read -r text_line || [ -n "$text_line" ]; do
            case $text_line in
                *include*\"*\"*) included=$(printf '%s\n' "$text_line" | sed -n 's/^[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p') ;;
                *) included='' ;;
            esac
            case $included in
                '') printf '%s\n' "$text_line" && continue ;;
                /*) ;;
                # Beside the file, else where nft looks by itself.
                *) if [ -e "${1%/*}/$included" ]; then included=${1%/*}/$included; else included=/etc/$included; fi ;;
            esac
            # A pattern of nothing is nothing. A file that includes itself ends here, as it does for nft.
            for included_file in $included; do
                if [ -f "$included_file" ] && [ "${include_depth:-0}" -lt 16 ]; then
                    (include_depth=$((${include_depth:-0} + 1)) && nftables_text "$included_file")
                fi
            done
        done <"$1"
    fi | sed 's/^[[:space:]]*flush[[:space:]]\{1,\}ruleset[[:space:]a-z0-9]*;*//'
}

# tables_named <TEXT
tables_named() {
    sed -n 's/^[[:space:]]*table[[:space:]]\{1,\}\(\(inet\|ip\|ip6\|arp\|bridge\|netdev\)[[:space:]]\{1,\}\)\{0,1\}\([A-Za-z0-9_./-]*\)[[:space:]]*{.*/\2 \3/p' |
        sed 's/^ /ip /' | grep -v '^inet vps_firewall$' | sort -u
}

ufw_init() {
    for file in /lib/ufw/ufw-init /usr/lib/ufw/ufw-init /usr/libexec/ufw/ufw-init; do
        if [ -x "$file" ] && has ufw; then
            echo "$file"
            return
        fi
    done
}

ufw_is_enabled() {
    grep -qsi '^ENABLED=["'\'']\{0,1\}yes' /etc/ufw/ufw.conf
}

# Stopped, it leaves its outer chains, which are empty then.
ufw_is_loaded() {
    iptables-save -t filter 2>/dev/null | grep -q '^:ufw-user-input '
}

# The program of a family as the host calls it, which is what other programs call.
plain_program() {
    if [ "$1" = 4 ]; then echo "iptables-$2"; else echo "ip6tables-$2"; fi
}

# plain_rules FAMILY [FILE]: what iptables holds, or a file for it, without what is ours, counters, and what says nothing: table
# by table in one order.
plain_rules() {
    if [ $# -gt 1 ]; then plain_text=$(cat "$2"); else plain_text=$(limited "$(plain_program "$1" save)" 2>/dev/null); fi
    for table in raw mangle nat filter security; do
        printf '%s\n' "$plain_text" | sed -n "/^\\*$table\$/,/^COMMIT/p" | grep -v VPSFW- |
            sed -n 's/ \[[0-9:]*\]$//; /^:[A-Z]* ACCEPT$/d; s/^\([:-]\)/'$table' \1/p'
    done
}
