# shellcheck shell=sh
# shellcheck disable=SC2154
# Step 4: sent over a new connection, which is the proof that there still can be one.

step_confirm() {
    lock "$lock_seconds" || refuse busy
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
    say confirmed
    say boot-state "$(boot_state)"
    nft -j -s -p list table inet vps_firewall | section listing
    finish
}
