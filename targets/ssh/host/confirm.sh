# shellcheck shell=sh
# shellcheck disable=SC2154
# Step 4: sent over a new connection, which is the proof that there still can be one.

step_confirm() {
    take_lock
    confirmed_id=$(id_of "$(mark_in "$state/confirmed.nft")")
    # Asked again when the first answer got lost.
    if [ "$confirmed_id" != "$apply_id" ]; then
        look || refuse nft-fails "$nft_says"
        read_pending || refuse too-late
        if [ "$pending_id" != "$apply_id" ] || [ "$pending_boot" != "$boot_id" ] ||
            [ "$live_id" != "$apply_id" ] || pending_is_overdue; then
            refuse too-late
        fi
        # The commit.
        mv -f "$state/$apply_id.boot.nft" "$state/confirmed.nft" || refuse commit-failed
        persist "$state"
        confirmed_id=$apply_id
    fi
    if read_pending && [ "$pending_id" = "$apply_id" ]; then finish_confirm; fi
    # Whatever loaded the former confirmed.nft just then (load.sh, when somebody restarts nftables.service).
    if ! look || [ "$live_id" != "$apply_id" ]; then nft_file "$state/confirmed.nft"; fi
    listing=$(list_table)
    unlock
    say confirmed
    say boot-state "$(boot_state)"
    say_section listing "$listing"
    finish
}
