# shellcheck shell=sh
# shellcheck disable=SC2154
# The process on the host that takes an apply back by itself, in a session of its own.

watch() {
    echo $$ >"$run/ready.$apply_id"
    # Read again each time: the deadline moves when the load has ended.
    while read_pending && [ "$pending_id" = "$apply_id" ] && [ "$pending_boot" = "$boot_id" ]; do
        if pending_is_overdue; then
            if lock "$lock_seconds"; then
                settle
                unlock
            fi
            if read_pending && [ "$pending_id" = "$apply_id" ]; then sleep "$retry_seconds"; fi
        else
            sleep 1
        fi
    done
    rm -f "$run/ready.$apply_id" "$run/helper.$apply_id.sh"
}

watch
