# shellcheck shell=sh
# shellcheck disable=SC2154
# Step 1: what this host is and runs. Ends first what is due.

machine_id() {
    for file in /etc/machine-id "$state/host-id"; do
        [ -f "$file" ] || continue
        read -r host_id <"$file" || continue
        case $host_id in
            '' | *[!0-9a-f]*) ;;
            *)
                echo "$host_id"
                return
                ;;
        esac
    done
    mkdir -p "$state"
    tr -d - </proc/sys/kernel/random/uuid >"$state/host-id.new" && mv -f "$state/host-id.new" "$state/host-id"
    cat "$state/host-id"
}

step_probe() {
    [ "$(id -u)" = 0 ] || refuse not-root
    choose_filter
    "${filter}_require"
    case $filter in iptables) other=nft ;; *) other=rules ;; esac
    [ ! -e "$state/confirmed.$other" ] || refuse other-filter
    take_lock
    settle || refuse filter-fails "$filter_says"
    read_pending || "${filter}_tidy"

    say filter "$filter" "$filter_version" "${variant-}"
    [ -z "${mixed-}" ] || say mixed
    if ipset_works; then say ipset; fi
    say machine "$(machine_id)"
    say boot "$boot_id"
    say memory "$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo)"
    say boot-state "$(boot_state)"
    say connection "$ssh_connection"
    say live "$live" "$live_mark"
    say print "$live_print"
    [ -z "$repaired" ] || say repair "$repaired"
    if read_pending; then say pending "$pending_id" "$(pending_seconds_left)"; fi
    if systemd_runs; then say systemd; fi
    if conntrack_active; then say conntrack; fi
    [ -z "$confirmed_id" ] || say confirmed "$confirmed_id"
    [ ! -f "$state/failure" ] || section failure <"$state/failure"
    [ ! -f "$run/boot-failure" ] || [ "$live_id" = "$confirmed_id" ] || section boot-failure <"$run/boot-failure"
    manifest='' listing='' text=''
    [ ! -f "$state/confirmed.json" ] || manifest=$(cat "$state/confirmed.json")
    # Where the disk can't be written, it is still under the name that it was staged by.
    [ ! -f "$state/$confirmed_id.json" ] || manifest=$(cat "$state/$confirmed_id.json")
    if [ "$live" != absent ]; then
        listing=$("${filter}_list")
        [ "$with_text" = no ] || text=$("${filter}_text")
    fi
    left_off=''
    if [ -f "$run/not-given-back" ]; then
        left_off=$(sort -u "$run/not-given-back")
        rm -f "$run/not-given-back"
    fi
    unlock
    for name in $left_off; do say left-off "$name"; done
    say_section manifest "$manifest"
    say_section listing "$listing"
    say_section text "$text"
    say_way
    say_containers
    say_managers
    say_others
    say_listeners
    finish
}
