# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the end of load.sh, behind iptables.sh

load_nft() {
    filter_says=$(limited nft -f "$1" 2>&1)
}

# nft_marks <TEXT
nft_marks() {
    sed -n '/chain vpsfw_mark {/,/}/s/.*comment "\(vpsfw1 [^"]*\)".*/\1/p' | sort -u
}

# Another service may have loaded a table of ours that it had saved: an older one, or on top of ours. What an open apply has
# loaded stays. Listing tersely reads no set, however large.
nft_is_there() {
    marks=$(limited nft -t list ruleset inet 2>/dev/null | nft_marks)
    [ -n "$marks" ] || return 1
    for file in "$1" "$state"/*.forward.nft; do
        if [ -f "$file" ] && [ "$(nft_marks <"$file")" = "$marks" ]; then return 0; fi
    done
    return 1
}

# Another service may have loaded chains of ours that it had saved: older ones.
iptables_is_there() {
    variant=$(iptables_variant_in "$1")
    mark=$(iptables_mark <"$1")
    [ -n "$mark" ] && [ "$(iptables_save 4 2>/dev/null | iptables_marks)" = "$mark" ] &&
        [ "$(iptables_save 6 2>/dev/null | iptables_marks)" = "$mark" ]
}

# load FILE IS_THERE LOAD
load() {
    [ -f "$1" ] || return 0
    if [ "$anew" != anew ] && "$2" "$1"; then return 0; fi
    tries=5
    until "$3" "$1"; do
        # The next probe tells the user.
        mkdir -p "${failure%/*}"
        printf '%s\n' "$filter_says" >"$failure"
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 1
    done
    rm -f "$failure"
}

anew=${1-}
# Services that start at once have it run more than once at once.
if has flock && [ -r "$state/load.sh" ]; then
    exec 9<"$state/load.sh"
    flock -w 60 9 2>/dev/null
fi
if [ "$anew" = sets ]; then
    if has ipset; then ipset_stand_in; fi
    exit 0
fi
load "$state/confirmed.nft" nft_is_there load_nft && load "$state/confirmed.rules" iptables_is_there iptables_load
