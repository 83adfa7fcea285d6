# shellcheck shell=sh
# shellcheck disable=SC2154
# Step 3: stage, check, arm the revert, and only then load. Payloads are functions that the client has written.

step_arm() {
    take_lock
    settle || refuse filter-fails "$filter_says"
    ! read_pending || refuse pending "$pending_id $(pending_seconds_left)"
    if [ "$live_print" != "$expected_print" ] || [ "$confirmed_id" != "$expected_confirmed" ]; then refuse changed; fi
    # Nobody knows how to put back a table that somebody else wrote under our name.
    if [ "$live" = unmarked ] && [ -z "$confirmed_id" ]; then refuse unmarked; fi
    if is_delta && ! is_delta_of_confirmed; then refuse delta-refused; fi
    stage_says=$(stage 2>&1) || give_up_arming stage-failed "$stage_says"
    # A ruleset under another id could never be confirmed.
    for file in "$state/$apply_id.forward.$ext" "$state/$apply_id.boot.$ext"; do
        [ "$(id_of "$(mark_in "$file")")" = "$apply_id" ] || give_up_arming wrong-mark
    done
    if is_delta; then
        { is_made "boot.$ext" "$boot_is" && is_made json "$manifest_is" && stage_delta_back; } || give_up_arming delta-refused "$filter_says"
    else
        filter_try "$state/$apply_id.forward.$ext" || give_up_arming ruleset-refused "$filter_says"
        cmp -s "$state/$apply_id.forward.$ext" "$state/$apply_id.boot.$ext" || filter_try "$state/$apply_id.boot.$ext" ||
            give_up_arming ruleset-refused "$filter_says"
        stage_back || give_up_arming back-refused "$filter_says"
    fi
    boot_enable || give_up_arming boot-failed "$boot_says"
    keep_first
    arm_revert || give_up_arming not-armed

    if [ "$live" = absent ] && ! conntrack_active; then track_first; fi
    if ! load_forward; then
        refusal=$filter_says
        write_pending "$apply_id" 0
        settle
        ! is_delta || give_up_arming delta-refused "$refusal"
        give_up_arming ruleset-refused "$refusal"
    fi
    write_pending "$apply_id" $(($(uptime_now) + confirm_seconds))
    listing=$("${filter}_list")
    unlock
    say loaded "$confirm_seconds"
    say_section listing "$listing"
    begin_window_anew
    finish
}

# Sending a long listing takes a while, and the client answers only once it has read all of it.
begin_window_anew() {
    lock 1 || return 0
    if read_pending && [ "$pending_id" = "$apply_id" ] && ! pending_is_overdue; then
        write_pending "$apply_id" $(($(uptime_now) + confirm_seconds))
    fi
}

# give_up_arming CODE [DETAIL]: nothing was changed, or it has been put back; where that is not sure, the armed revert
# sees to it.
give_up_arming() {
    if ! look || [ "$live_id" = "$apply_id" ]; then refuse unsettled "$2"; fi
    close_pending
    [ -n "$confirmed_id" ] || ! boot_is_left || boot_disable
    forget_backups
    refuse "$@"
}

stage() {
    mkdir -p "$state" || return 1
    chmod 700 "$state"
    rm -f "$run"/helper.* "$run"/ready.* "$run/failing"
    prune_staged
    with_header payload_forward >"$state/$apply_id.forward.$ext" &&
        write_boot >"$state/$apply_id.boot.$ext" &&
        write_manifest >"$state/$apply_id.json" || return 1
    persist "$state/$apply_id.forward.$ext" "$state/$apply_id.boot.$ext" "$state/$apply_id.json" "$state" "${state%/*}"
}

write_boot() {
    if is_delta; then edited boot "$state/confirmed.$ext"; else with_header payload_boot; fi
}

write_manifest() {
    if is_delta; then edited manifest "$state/confirmed.json"; else payload_manifest; fi
}

# with_header COMMAND
with_header() {
    "${filter}_header" && "$1"
}

# What was there: our own text of the last confirmed apply, with the rules that others put into our table if they load.
stage_back() {
    back=$state/$apply_id.back.$ext
    if [ "$live" = absent ]; then
        "${filter}_nothing" >"$back" || return 1
    else
        payload_back >"$back" || return 1
        if [ -s "$back" ]; then with_header payload_back >"$back" || return 1; fi
        if [ -s "$back" ] && { [ "$(id_of "$(mark_in "$back")")" != "$confirmed_id" ] || ! filter_try "$back"; }; then
            say note "rules in our table that others wrote do not load again; a revert will not put them back"
            printf '' >"$back"
        fi
        if [ ! -s "$back" ]; then cat "$state/confirmed.$ext" >"$back" || return 1; fi
    fi
    persist "$back" "$state"
    filter_try "$back"
}

# For the load's time-out and the window; when the load has ended, the deadline is the window's.
arm_revert() {
    armed_until=$(($(uptime_now) + load_seconds + track_seconds + confirm_seconds))
    write_pending "$apply_id" "$armed_until" && payload_helper >"$run/helper.$apply_id.sh" || return 1
    if arm_by_systemd "$run/helper.$apply_id.sh" && helper_is_ready 0 && armed_by_systemd; then return 0; fi
    # The first starts the second.
    start_helper 1 && helper_is_ready 2
}

# Connections that began before anything was tracked would look new to the first ruleset; those of which only the far
# side talks would be cut. So they are seen for a moment before anything is enforced.
track_first() {
    # shellcheck disable=SC2046
    set -- $(mark_in "$state/$apply_id.forward.$ext")
    "${filter}_tracking" "vpsfw1 o=$1 r=$2 a=$3 d=$4" >"$state/$apply_id.track.$ext"
    if filter_load "$state/$apply_id.track.$ext"; then sleep "$track_seconds"; fi
}
