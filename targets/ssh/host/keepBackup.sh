# shellcheck shell=sh
# shellcheck disable=SC2154
# What an apply replaces stays on the host, under another name. That is a link, made before the commit: whole or not there,
# in no time, and without room for its text. What fails is only told: nothing here keeps a change from being confirmed.
#
#   backup-<number>-<time>-<id>.nft .json    the number is the generation, and never falls, as a clock may

# How many are kept, and how many bytes of them where they are large.
most_backups=10
most_backup_bytes=104857600

keep_backup() {
    [ -n "$confirmed_id" ] || return 0
    for kept in "$state"/backup-*-"$confirmed_id.$ext"; do
        # By a confirmation that was cut short.
        [ ! -f "$kept" ] || return 0
    done
    # Where the disk could not be written, it is still under the name that it was staged by.
    manifest=$state/$confirmed_id.json
    [ -f "$manifest" ] || manifest=$state/confirmed.json
    number=$(backup_number "$manifest")
    name=$state/$(printf 'backup-%06d-%s-%s' "$number" "$(date -u +%Y%m%dT%H%M%SZ)" "$confirmed_id")
    # The text last: with it the backup is there.
    backup_says=$({ [ ! -f "$manifest" ] || ln -f "$manifest" "$name.json"; } 2>&1 && ln "$state/confirmed.$ext" "$name.$ext" 2>&1) ||
        say note "no backup of what this change replaces: $backup_says"
}

# backup_number MANIFEST: its generation; one more than the last, where that got lost.
backup_number() {
    generation=$(head -c 200 "$1" 2>/dev/null | sed -n 's/^ "generation": \([0-9]\{1,6\}\),$/\1/p')
    last=0
    for kept in "$state"/backup-[0-9]*."$ext"; do
        [ -f "$kept" ] || continue
        last=${kept##*/backup-}
        last=${last%%-*}
    done
    # With its zeros it would be octal.
    last=${last#"${last%%[!0]*}"}
    [ "${generation:-0}" -gt "${last:-0}" ] || generation=$((${last:-0} + 1))
    echo "$generation"
}

# The newest one is kept, however large it is.
prune_backups() {
    count=0 bytes=0
    for kept in $(printf '%s\n' "$state"/backup-[0-9]*."$ext" | sort -r); do
        [ -f "$kept" ] || continue
        count=$((count + 1))
        bytes=$((bytes + $(size_of "$kept") + $(size_of "${kept%."$ext"}.json")))
        if [ "$count" -gt "$most_backups" ] || { [ "$count" -gt 1 ] && [ "$bytes" -gt "$most_backup_bytes" ]; }; then
            rm -f "$kept" "${kept%."$ext"}.json"
        fi
    done
    for kept in "$state"/backup-[0-9]*.json; do
        [ -f "${kept%.json}.$ext" ] || rm -f "$kept"
    done
} 2>/dev/null

# Zero for what is not there.
size_of() {
    if [ -f "$1" ]; then wc -c <"$1"; else echo 0; fi
}
