# shellcheck shell=sh
# shellcheck disable=SC2154
# What the packet filter of this host was before the first apply, for people to read: whatever its programs list. Nothing
# that fails here keeps an apply from being made.

# Bytes of one listing.
most_listed=4194304

keep_first() {
    if [ "$live" != absent ] || [ -e "$state/confirmed.$ext" ]; then return 0; fi
    first=$state/backup-first.txt
    if first_text >"$first.new" 2>/dev/null && mv -f "$first.new" "$first"; then
        persist "$first" "$state"
    else
        say note "what this host filtered before could not be kept on it"
    fi
    rm -f "$first.new" "$first.part"
}

first_text() {
    echo "# What this host filtered before the first apply of pulumi-vps-firewall, $(date -u +%Y%m%dT%H%M%SZ)" || return 1
    if has nft; then listed 'nft list ruleset' nft_ruleset || return 1; fi
    if has ipset; then listed 'ipset save' in_bounds ipset save || return 1; fi
    for program in iptables ip6tables; do
        if has "$program-save"; then listed "$program-save" in_bounds "$program-save" || return 1; fi
        # Asked for the other variant, it would load its modules, so the kernel is asked first.
        names=/proc/net/${program%tables}_tables_names
        if has "$program-legacy-save" && [ -n "$(cat "$names" 2>/dev/null)" ]; then
            listed "$program-legacy-save" in_bounds "$program-legacy-save" || return 1
        fi
    done
}

# listed TITLE COMMAND...: what it prints, not too much of it.
listed() {
    printf '\n# %s\n' "$1" || return 1
    shift
    "$@" 2>&1 | head -c "$most_listed" >"$first.part" && cat "$first.part" || return 1
    [ "$(wc -c <"$first.part")" -lt "$most_listed" ] || printf '\n# It is longer; the rest was left out.\n'
}

# Old versions of nft take hundreds of megabytes for a large set.
nft_ruleset() {
    in_bounds nft list ruleset || { echo '# without the elements of its sets:' && in_bounds nft -t list ruleset; }
}

# The host has other work to do than ours.
in_bounds() {
    (
        # shellcheck disable=SC3045 # dash and busybox have it
        ulimit -v 524288 2>/dev/null || :
        if has timeout; then timeout 10 "$@"; else "$@"; fi
    )
}
