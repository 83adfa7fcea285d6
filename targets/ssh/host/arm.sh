# shellcheck shell=sh
# shellcheck disable=SC2154
# Step 3: stage, check, arm the revert, and only then load. Payloads are functions that the client has written.

step_arm() {
    lock "$lock_seconds" || refuse busy
    settle || refuse nft-fails "$nft_says"
    ! read_pending || refuse pending "$pending_id $(pending_seconds_left)"
    if [ "$live_print" != "$expected_print" ] || [ "$confirmed_id" != "$expected_confirmed" ]; then refuse changed; fi
    # Nobody knows how to put back a table that somebody else wrote under our name.
    if [ "$live" = unmarked ] && [ -z "$confirmed_id" ]; then refuse unmarked; fi
    stage || give_up_arming stage-failed "$(df -P "$state" 2>&1)"
    nft_check "$state/$apply_id.forward.nft" || give_up_arming ruleset-refused "$nft_says"
    cmp -s "$state/$apply_id.forward.nft" "$state/$apply_id.boot.nft" || nft_check "$state/$apply_id.boot.nft" ||
        give_up_arming ruleset-refused "$nft_says"
    stage_back || give_up_arming back-refused "$nft_says"
    boot_enable || give_up_arming boot-failed
    arm_revert || give_up_arming not-armed

    if [ "$live" = absent ] && ! conntrack_active; then track_first; fi
    if ! nft_file "$state/$apply_id.forward.nft"; then
        refusal=$nft_says
        write_pending "$apply_id" 0
        settle
        give_up_arming ruleset-refused "$refusal"
    fi
    write_pending "$apply_id" $(($(uptime_now) + confirm_seconds))
    say loaded "$confirm_seconds"
    nft -j -s -p list table inet vps_firewall | section listing
    finish
}

# give_up_arming CODE [DETAIL]: nothing was changed, or it has been put back.
give_up_arming() {
    if look && [ "$live_id" != "$apply_id" ]; then close_pending; fi
    refuse "$@"
}

stage() {
    mkdir -p "$state" || return 1
    chmod 700 "$state"
    rm -f "$run"/helper.* "$run"/ready.* "$run/failing"
    prune_staged
    payload_forward >"$state/$apply_id.forward.nft" &&
        payload_boot >"$state/$apply_id.boot.nft" &&
        payload_manifest >"$state/$apply_id.json" || return 1
    # A ruleset under another id could never be confirmed.
    for file in "$state/$apply_id.forward.nft" "$state/$apply_id.boot.nft"; do
        [ "$(id_of "$(mark_in "$file")")" = "$apply_id" ] || give_up_arming wrong-mark
    done
    persist "$state/$apply_id.forward.nft" "$state/$apply_id.boot.nft" "$state/$apply_id.json" "$state"
}

# What was there: our own text of the last confirmed apply, with the rules that others put into our table if they load.
stage_back() {
    back=$state/$apply_id.back.nft
    if [ "$live" = absent ]; then
        echo 'table inet vps_firewall
delete table inet vps_firewall' >"$back" || return 1
    else
        payload_back >"$back" || return 1
        if [ -s "$back" ] && { [ "$(id_of "$(mark_in "$back")")" != "$confirmed_id" ] || ! nft_check "$back"; }; then
            say note "rules in our table that others wrote do not load again; a revert will not put them back"
            : >"$back"
        fi
        if [ ! -s "$back" ]; then cat "$state/confirmed.nft" >"$back" || return 1; fi
    fi
    persist "$back" "$state"
    nft_check "$back"
}

# The place of the systemd timer; until it is there, the helper serves hosts with systemd too.
arm_revert() {
    armed_until=$(($(uptime_now) + load_seconds + track_seconds + confirm_seconds))
    write_pending "$apply_id" "$armed_until" && arm_helper
}

# Of a session of its own, without any descriptor of this one: neither sshd nor the lock waits for it.
arm_helper() {
    payload_helper >"$run/helper.$apply_id.sh" || return 1
    setsid sh "$run/helper.$apply_id.sh" </dev/null >/dev/null 2>&1 9>&- &
    tries=50
    until [ -s "$run/ready.$apply_id" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        nap
    done
}

# Connections that began before anything was tracked would look new to the first ruleset; those of which only the far
# side talks would be cut. So they are seen for a moment before anything is enforced.
track_first() {
    # shellcheck disable=SC2046
    set -- $(mark_in "$state/$apply_id.forward.nft")
    echo "table inet vps_firewall {
    chain vpsfw_mark {
        return comment \"vpsfw1 o=$1 r=$2 a=$3 d=$4\"
    }
    chain input {
        type filter hook input priority filter; policy accept;
        ct state established accept
    }
    chain output {
        type filter hook output priority filter; policy accept;
        ct state established accept
    }
}" >"$state/$apply_id.track.nft"
    if nft_file "$state/$apply_id.track.nft"; then sleep "$track_seconds"; fi
}
