# shellcheck shell=sh
# shellcheck disable=SC2154
# For somebody who only asks: what our table holds. Nothing is settled, written or waited for.

step_list() {
    [ "$(id -u)" = 0 ] || refuse not-root
    check_nft
    look || refuse nft-fails "$nft_says"
    say live "$live"
    [ "$live" = absent ] || list_table | section listing
    finish
}
