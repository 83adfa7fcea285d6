# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# The packet filter that holds our ruleset here: nft or iptables, in $filter. Each has the same verbs:
#
#   require     refuses where it is missing or too old; filter_version
#   look        what is live: live_mark, live_print (empty: nothing of ours). Fails when the program does (filter_says)
#   list text   what is live, for the client
#   mark        the mark in a file of ours: "<owner> <resource> <apply id> <digest>"
#   load try    FILE: makes it live, whole or not at all; only asks whether it would be
#   header      prints what a file begins with
#   clear       removes what is ours
#   tidy        removes what nothing needs any more, and could not be removed at once
#   nothing     prints the file that does the same
#   tracking    MARK: prints a file that only has connections tracked

# use_filter NAME
use_filter() {
    filter=$1
    case $filter in
        iptables) ext=rules ;;
        *) ext=nft ;; # auto, too, until choose_filter
    esac
}

# By what is open here, by what the client wants, by what was confirmed here, or is being removed, by what there is.
choose_filter() {
    if read_pending && [ -n "$pending_filter" ]; then
        use_filter "$pending_filter"
    elif [ "$filter" != auto ]; then
        use_filter "$filter"
    elif [ -e "$state/confirmed.rules" ] || [ -e "$state/removed.rules" ]; then
        use_filter iptables
    elif [ -e "$state/confirmed.nft" ] || has nft || ! has iptables-restore; then
        use_filter nft
    else
        use_filter iptables
    fi
}

# at_least MILLIONS TEXT: is the version in the text, "1.8.7", at least 1008007?
at_least() {
    # shellcheck disable=SC2046
    set -- "$1" $(echo "$2" | tr -c '0-9\n' ' ') 0 0 0
    [ $(($2 * 1000000 + $3 * 1000 + $4)) -ge "$1" ]
}

# look: live = absent | marked | unmarked, live_id, live_mark, live_print.
look() {
    live=absent live_id='' live_mark='' live_print=absent
    "${filter}_look" || return 1
    [ "$live_print" != absent ] || return 0
    live_id=$(id_of "$live_mark")
    if [ -n "$live_id" ]; then live=marked; else live=unmarked; fi
}

filter_load() {
    "${filter}_load" "$1"
}

filter_try() {
    "${filter}_try" "$1"
}

filter_clear() {
    "${filter}_clear"
}

print_of() {
    sha256sum | cut -c 1-64
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
    [ ! -f "$1" ] || "${filter}_mark" <"$1"
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

use_filter "${filter:-auto}"
