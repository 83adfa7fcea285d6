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
    check_nft
    take_lock
    settle || refuse nft-fails "$nft_says"

    say nft "$nft_version"
    say machine "$(machine_id)"
    say boot "$boot_id"
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
        listing=$(list_table)
        [ "$with_text" = no ] || text=$(nft -s -a list table inet vps_firewall)
    fi
    unlock
    say_section manifest "$manifest"
    say_section listing "$listing"
    say_section text "$text"
    say_way
    say_managers
    say_listeners
    finish
}
