# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# Our table in the kernel and in files.

# look: live = absent | marked | unmarked, live_id, live_mark, live_print. Fails when nft does (nft_says).
look() {
    live=absent live_id='' live_mark='' live_print=absent
    # Listing the ruleset tersely is instant; listing one table reads all elements of its sets before it leaves them out.
    nft_says=$(limited nft -t -s list ruleset inet 2>&1)
    nft_exit=$?
    if [ "$nft_exit" -ne 0 ]; then
        explain_exit
        return 1
    fi
    table_text=$(printf '%s\n' "$nft_says" | sed -n '/^table inet vps_firewall {/,/^}/p')
    [ -n "$table_text" ] || return 0
    live_print=$(printf '%s' "$table_text" | sha256sum | cut -c 1-64)
    live_mark=$(printf '%s\n' "$table_text" | mark_of)
    live_id=$(id_of "$live_mark")
    if [ -n "$live_id" ]; then live=marked; else live=unmarked; fi
}

# JSON, without counters and numbers' names; empty when it can't be listed.
list_table() {
    nft -j -s -p list table inet vps_firewall
}

# The mark of a ruleset text: "<owner> <resource> <apply id> <digest>".
mark_of() {
    sed -n '/chain vpsfw_mark {/,/}/s/.*comment "vpsfw1 o=\([0-9a-f]*\) r=\([0-9a-f-]*\) a=\([0-9a-f]*\) d=\([0-9a-f]*\)".*/\1 \2 \3 \4/p' | head -n 1
}

# id_of MARK
id_of() {
    # shellcheck disable=SC2086 # a mark is four words of hex digits
    set -- $1
    echo "${3-}"
}

# resource_of MARK
resource_of() {
    # shellcheck disable=SC2086
    set -- $1
    echo "${2-}"
}

# mark_in FILE: empty when there is none.
mark_in() {
    [ ! -f "$1" ] || mark_of <"$1"
}

# nft_file FILE, nft_check FILE: one transaction, or nothing; what nft said is in nft_says.
nft_file() {
    nft_says=$(limited nft -f "$1" 2>&1)
    nft_exit=$?
    explain_exit
    return "$nft_exit"
}

nft_check() {
    nft_says=$(limited nft -c -f "$1" 2>&1)
    nft_exit=$?
    explain_exit
    return "$nft_exit"
}

# Our own connection is tracked wherever anything is.
conntrack_active() {
    read -r tracked 2>/dev/null </proc/sys/net/netfilter/nf_conntrack_count && [ "$tracked" -gt 0 ]
}

limited() {
    if has timeout; then
        timeout "$load_seconds" "$@"
    else
        "$@"
    fi
}

explain_exit() {
    case $nft_exit in
        124 | 143) nft_says="nft did not end within $load_seconds s" ;;
        139) nft_says="nft crashed (segmentation fault): another, newer nft has probably written sets that this one cannot read" ;;
    esac
}
