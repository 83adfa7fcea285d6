# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# Our table of nftables, by the verbs of filter.sh.

nft_require() {
    has nft || refuse nft-missing
    # shellcheck disable=SC2046 # "nftables v1.0.6 (Lester Gooch #5)"
    set -- $(nft --version 2>/dev/null)
    filter_version=${2-}
    filter_version=${filter_version#v}
    at_least 9008 "$filter_version" || refuse nft-old "$filter_version"
}

nft_look() {
    # Listing the ruleset tersely is instant; listing one table reads all elements of its sets before it leaves them out.
    filter_says=$(limited nft -t -s list ruleset inet 2>&1)
    filter_exit=$?
    if [ "$filter_exit" -ne 0 ]; then
        nft_explain_exit
        return 1
    fi
    table_text=$(printf '%s\n' "$filter_says" | sed -n '/^table inet vps_firewall {/,/^}/p')
    [ -n "$table_text" ] || return 0
    live_print=$(printf '%s' "$table_text" | print_of)
    live_mark=$(printf '%s\n' "$table_text" | nft_mark)
}

# JSON, without counters and numbers' names; empty when it can't be listed.
nft_list() {
    if can_be_short; then nft_list_short; else nft -j -s -p list table inet vps_firewall; fi
}

nft_text() {
    if can_be_short; then nft_text_short; else nft -s -a list table inet vps_firewall; fi
}

nft_mark() {
    sed -n '/chain vpsfw_mark {/,/}/s/.*comment "vpsfw1 o=\([0-9a-f]*\) r=\([0-9a-f-]*\) a=\([0-9a-f]*\) d=\([0-9a-f]*\)".*/\1 \2 \3 \4/p' | head -n 1
}

nft_header() {
    :
}

nft_load() {
    filter_says=$(limited nft -f "$1" 2>&1)
    filter_exit=$?
    nft_explain_exit
    return "$filter_exit"
}

nft_try() {
    filter_says=$(limited nft -c -f "$1" 2>&1)
    filter_exit=$?
    nft_explain_exit
    return "$filter_exit"
}

nft_clear() {
    filter_says=$(limited nft delete table inet vps_firewall 2>&1)
}

nft_tidy() {
    :
}

nft_nothing() {
    echo 'table inet vps_firewall
delete table inet vps_firewall'
}

nft_tracking() {
    echo "table inet vps_firewall {
    chain vpsfw_mark {
        return comment \"$1\"
    }
    chain input {
        type filter hook input priority filter; policy accept;
        ct state established accept
    }
    chain output {
        type filter hook output priority filter; policy accept;
        ct state established accept
    }
}"
}

nft_explain_exit() {
    case $filter_exit in
        124 | 143) filter_says="nft did not end within $load_seconds s" ;;
        139) filter_says="nft crashed (segmentation fault): another, newer nft has probably written sets that this one cannot read" ;;
    esac
}
