# shellcheck shell=sh
# shellcheck disable=SC2154
# The process on the host that takes an apply back by itself.
#
#   helper.sh        a service of systemd, which starts it again
#   helper.sh 1|2    one of two, each of which starts the other again

self=${1-0}

watch() {
    ready=$run/ready.$apply_id.$self
    me=$(this_process)
    # One of the two that can't say it is there, or whose place is taken, ends: else each would start others without end.
    # That of systemd goes on: nobody else would.
    register || exit 0
    [ "$self" = 0 ] || is_registered || exit 0
    # Read again each time: the deadline moves when the load has ended.
    while read_pending && [ "$pending_id" = "$apply_id" ] && [ "$pending_boot" = "$boot_id" ]; do
        register || exit 0
        if pending_is_overdue; then
            if lock "$lock_seconds"; then
                settle
                unlock
            fi
            if read_pending && [ "$pending_id" = "$apply_id" ]; then sleep "$retry_seconds"; fi
        else
            if is_registered; then keep_twin; fi
            sleep 1
        fi
    done
    rm -f "$ready" "$run/helper.$apply_id.sh"
}

# Fails when another process that lives has the place.
register() {
    if is_registered; then return 0; fi
    ! process_lives "$(cat "$ready" 2>/dev/null)" || return 1
    echo "$me" >"$ready"
    return 0
} 2>/dev/null

is_registered() {
    [ "$(cat "$ready" 2>/dev/null)" = "$me" ]
}

keep_twin() {
    case $self in
        1) twin=2 ;;
        2) twin=1 ;;
        *) return ;;
    esac
    twin_process=''
    read -r twin_process 2>/dev/null <"$run/ready.$apply_id.$twin"
    if process_lives "$twin_process"; then return; fi
    rm -f "$run/ready.$apply_id.$twin"
    start_helper "$twin"
}

watch
