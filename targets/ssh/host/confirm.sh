# shellcheck shell=sh
# shellcheck disable=SC2154
# Step 4: sent over a new connection, which is the proof that there still can be one.

step_confirm() {
    take_lock
    confirmed_id=$(id_of "$(mark_in "$state/confirmed.$ext")")
    # Asked again when the first answer got lost.
    if [ "$confirmed_id" != "$apply_id" ]; then
        look || refuse filter-fails "$filter_says"
        read_pending || refuse too-late
        if [ "$pending_id" != "$apply_id" ] || [ "$pending_boot" != "$boot_id" ] ||
            [ "$live_id" != "$apply_id" ] || pending_is_overdue; then
            refuse too-late
        fi
        keep_backup
        # The commit.
        mv -f "$state/$apply_id.boot.$ext" "$state/confirmed.$ext" || refuse commit-failed
        persist "$state"
        confirmed_id=$apply_id
    fi
    if read_pending && [ "$pending_id" = "$apply_id" ]; then finish_confirm; fi
    prune_backups
    # Whatever loaded the former confirmed ruleset just then (load.sh, when somebody restarts nftables.service).
    if ! look || [ "$live_id" != "$apply_id" ]; then filter_load "$state/confirmed.$ext"; fi
    "${filter}_tidy"
    listing=$("${filter}_list")
    unlock
    say confirmed
    say boot-state "$(boot_state)"
    say_section listing "$listing"
    finish
}
