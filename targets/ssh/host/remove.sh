# shellcheck shell=sh
# shellcheck disable=SC2154
# Step 6: removes what this resource put on the host. Moving confirmed.nft away is the commit; can be done again.

step_remove() {
    take_lock
    settle || refuse nft-fails "$nft_says"
    ! read_pending || refuse pending "$pending_id $(pending_seconds_left)"
    owner_mark=$live_mark
    [ "$live" != absent ] || owner_mark=$(mark_in "$state/confirmed.nft")
    if [ -z "$owner_mark" ]; then
        if [ "$live" = absent ]; then
            # What a remove that was cut short after its commit has left.
            remove_files
            say removed absent
        else
            say removed foreign
        fi
        finish
    fi
    if [ "$(resource_of "$owner_mark")" != "$resource" ]; then
        say removed foreign
        finish
    fi
    prune_staged
    if [ -f "$state/confirmed.nft" ]; then
        mv -f "$state/confirmed.nft" "$state/removed.nft" || refuse commit-failed
        persist "$state"
    fi
    if [ "$live" != absent ] && ! nft_says=$(limited nft delete table inet vps_firewall 2>&1); then
        # The host keeps what it runs, for its next boot too.
        [ ! -f "$state/removed.nft" ] || mv -f "$state/removed.nft" "$state/confirmed.nft"
        persist "$state"
        refuse nft-fails "$nft_says"
    fi
    remove_files
    say removed removed
    finish
}

remove_files() {
    if boot_is_left; then boot_disable || say note "what loads the ruleset at boot could not be removed; it loads nothing any more"; fi
    rm -f "$state/confirmed.json" "$state/removed.nft" "$state/failure" 2>/dev/null ||
        say note "files of ours in $state could not be removed; they load nothing"
    [ -f "$state/host-id" ] || rmdir "$state" 2>/dev/null
}
