# shellcheck shell=sh
# shellcheck disable=SC2154
# Step 6: removes what this resource put on the host. Moving the confirmed ruleset away is the commit; can be done again.

step_remove() {
    take_lock
    settle || refuse filter-fails "$filter_says"
    ! read_pending || refuse pending "$pending_id $(pending_seconds_left)"
    owner_mark=$live_mark
    [ "$live" != absent ] || owner_mark=$(mark_in "$state/confirmed.$ext")
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
    if [ -f "$state/confirmed.$ext" ]; then
        mv -f "$state/confirmed.$ext" "$state/removed.$ext" || refuse commit-failed
        persist "$state"
    fi
    give_back "$state/taken"
    [ -z "$given_back" ] || say note "switched on again, as they were before:$given_back"
    if [ "$live" != absent ] && ! filter_clear; then
        # The host keeps what it runs, for its next boot too.
        [ ! -f "$state/removed.$ext" ] || mv -f "$state/removed.$ext" "$state/confirmed.$ext"
        persist "$state"
        refuse filter-fails "$filter_says"
    fi
    remove_files
    for file in $(files_with_ours); do
        say note "$file was saved with rules of ours in it, which the next boot would load: save it anew"
    done
    say removed removed
    finish
}

remove_files() {
    if boot_is_left; then boot_disable || say note "what loads the ruleset at boot could not be removed; it loads nothing any more"; fi
    rm -f "$state/confirmed.json" "$state/removed.$ext" "$state/failure" "$state"/backup-* 2>/dev/null ||
        say note "files of ours in $state could not be removed; they load nothing"
    [ -f "$state/host-id" ] || rmdir "$state" 2>/dev/null
}
