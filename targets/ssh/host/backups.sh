# shellcheck shell=sh
# shellcheck disable=SC2154
# For somebody who only asks: which backups there are, the newest last, and what is confirmed now. Nothing is settled,
# written or waited for.

step_backups() {
    [ "$(id -u)" = 0 ] || refuse not-root
    is_ours "$state" || refuse not-ours "$state"
    [ ! -f "$state/backup-first.txt" ] || say first "$(sed -n '1s/.* //p' "$state/backup-first.txt")"
    for kept in "$state"/backup-[0-9]*.nft "$state"/backup-[0-9]*.rules; do
        [ -f "$kept" ] || continue
        name=${kept##*/backup-}
        say backup "$name"
        manifest_head "${kept%.*}.json" | section "manifest $name"
    done
    for each in nft iptables; do
        use_filter "$each"
        [ -f "$state/confirmed.$ext" ] || continue
        say confirmed "$(id_of "$(mark_in "$state/confirmed.$ext")")"
        manifest_head "$state/confirmed.json" | section manifest
    done
    finish
}

# Without the entries of large sets, which nobody reads in a list.
manifest_head() {
    [ ! -f "$1" ] || sed '/^ *"__sets": {$/,/}/ { /[{}]/!d; }' "$1" | head -c 2097152
}
