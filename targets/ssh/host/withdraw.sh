# shellcheck shell=sh
# shellcheck disable=SC2154
# Takes back the apply of this id at once, if it is still open.

step_withdraw() {
    take_lock
    if read_pending && [ "$pending_id" = "$apply_id" ] && [ "$pending_boot" = "$boot_id" ]; then
        write_pending "$apply_id" 0
        settle || refuse filter-fails "$filter_says"
    fi
    finish
}
