# shellcheck shell=sh
# shellcheck disable=SC2154
# For somebody who only asks: one backup, by its number or "first". Nothing is settled, written or waited for.

step_backup() {
    [ "$(id -u)" = 0 ] || refuse not-root
    is_ours "$state" || refuse not-ours "$state"
    file=$state/backup-first.txt
    [ "$backup" = first ] || file=$(backup_file)
    [ -f "$file" ] || refuse no-backup "$backup"
    say backup "${file##*/backup-}"
    section text <"$file"
    [ ! -f "${file%.*}.json" ] || section manifest <"${file%.*}.json"
    finish
}

# Its number comes from the client, which has seen that it is one.
backup_file() {
    found=''
    for kept in "$state/backup-$(printf '%06d' "$backup")"-*; do
        case $kept in *.nft | *.rules) found=$kept ;; esac
    done
    echo "$found"
}
