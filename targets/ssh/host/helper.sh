# shellcheck shell=sh
# shellcheck disable=SC2154
# The process on the host that takes an apply back by itself.
#
#   helper.sh        a service of systemd, which starts it again
#   helper.sh 1|2    one of two, each of which starts the other again

self=${1-0}

watch() {
    this_process >"$run/ready.$apply_id.$self"
    # Read again each time: the deadline moves when the load has ended.
    while read_pending && [ "$pending_id" = "$apply_id" ] && [ "$pending_boot" = "$boot_id" ]; do
        keep_twin
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
    rm -f "$run/ready.$apply_id.$self" "$run/helper.$apply_id.sh"
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
