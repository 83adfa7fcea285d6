# shellcheck shell=sh
# shellcheck disable=SC2154
# The way back to the SSH client: by which device an answer leaves and, for each tunnel that ends here, by which way its
# own traffic goes. Raw lines, which readWay.ts understands; nothing here may fail the probe.

say_way() {
    # shellcheck disable=SC2086 # SSH_CONNECTION: client, port, server, port
    set -- $ssh_connection
    [ -n "${3-}" ] || return 0
    seen=' '
    { route_to "$1" "$3" "$2" && ipsec_policies; } 3>&1 2>/dev/null | section way
}

# route_to ADDRESS [OWN [PORT]]: PORT is that of the client, which may be a program on this host.
route_to() {
    case $1 in
        *%*) way_out=" dev ${1#*%} " ;;
        ::ffff:*.*) way_out=$(ip -o route get "${1#::ffff:}") ;;
        *) way_out=$(ip -o route get "$1" ${2:+from "$2"} || ip -o route get "$1") ;;
    esac
    out_by=$(word_after dev "$way_out")
    next_hop=$(word_after via "$way_out")
    echo "route $1 ${out_by:-unknown}"
    case $out_by in
        '') for any in /sys/class/net/*; do device "${any##*/}" ''; done ;;
        lo) [ -z "${3-}" ] || holders lo "$(pids_in "$(ss -H -n -t -p "sport = :$3")")" ;;
        *) device "$out_by" "${next_hop:-$1}" ;;
    esac
    return 0
}

# word_after WORD TEXT
word_after() {
    printf '%s\n' "$2" | sed -n "s/.* $1 \([^ ]*\).*/\1/p" | head -n 1
}

# device NAME NEIGHBOUR: what it is, and what lies below it. It calls itself, so only $1 and $2 are its own.
device() {
    case $seen in *" $1 "*) return ;; esac
    [ "${#seen}" -lt 1000 ] || return
    seen="$seen$1 "
    echo "device $1 $(cat "/sys/class/net/$1/type") $(sed -n 's/^DEVTYPE=//p' "/sys/class/net/$1/uevent")"
    link=$(ip -j -d link show dev "$1" | tr -d '\n')
    [ -z "$link" ] || echo "link $1 $link"
    if [ -e "/sys/class/net/$1/tun_flags" ]; then
        echo "tun $1"
        holders "$1" "$(tun_pids "$1")"
    fi
    case $1 in ppp*) [ "$(wc -l </proc/net/pppoe)" -le 1 ] || echo "pppoe $1" ;; esac
    far_ends=$(printf '%s\n' "$link" | sed -n 's/.*"remote6*":"\([0-9a-fA-F.:]*\)".*/\1/p')
    case $link in
        *'"info_kind":"wireguard"'*) far_ends=$(wireguard "$1") ;;
        *'"info_kind":"vxlan"'*)
            bridge fdb show dev "$1" | sed -n 's/.* dst \([^ ]*\).*/\1/p' | sort -u | sed "s/^/peer $1 /"
            ;;
    esac
    for far_end in $far_ends; do route_to "$far_end"; done
    if [ -d "/sys/class/net/$1/bridge" ] && port=$(bridge_port "$1" "$2"); then
        device "$port" "$2"
    else
        for lower in "/sys/class/net/$1"/lower_*; do [ ! -e "$lower" ] || device "${lower##*/lower_}" "$2"; done
    fi
}

# bridge_port BRIDGE NEIGHBOUR: fails when the bridge has not learned it.
bridge_port() {
    mac=$(ip -o neigh show "$2" dev "$1" | sed -n 's/.* lladdr \([0-9a-f:]*\).*/\1/p')
    [ -n "$mac" ] && bridge fdb show br "$1" | sed -n "s/^$mac dev \([^ ]*\).*/\1/p" | head -n 1 | grep .
}

# Prints the far ends; what it tells goes to descriptor 3. Never `wg show NAME dump`: that has the private key in it.
wireguard() {
    for what in listen-port endpoints allowed-ips; do
        wg show "$1" "$what" | head -n 200 | sed "s/^/wg $1 $what /" >&3
    done
    wg show "$1" endpoints | head -n 20 | sed -n 's/.*[[:space:]]\[*\([0-9a-fA-F.:]*\)\]*:[0-9]*$/\1/p'
}

tun_pids() {
    for process in /proc/[0-9]*; do
        ! grep -qs "^iff:[[:space:]]*$1\$" "$process"/fdinfo/* || echo "${process#/proc/}"
    done
}

pids_in() {
    printf '%s\n' "$1" | sed -n 's/.*pid=\([0-9]*\),.*/\1/p'
}

# holders DEVICE PIDS: the programs at the end of it, and what they talk over.
holders() {
    for pid in $2; do
        read -r name <"/proc/$pid/comm" || continue
        echo "holder $1 $pid $name"
        ss -H -n -a -t -u -p | grep "pid=$pid," | head -n 100 | sed "s/^/socket $1 /"
    done
}

ipsec_policies() {
    ip -o xfrm policy | grep ' dir in ' | grep tmpl | head -n 100 | sed 's/^/ipsec /'
}
