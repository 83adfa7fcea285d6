# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# For somebody who only asks: what our ruleset is. Nothing is settled, written or waited for.

step_list() {
    [ "$(id -u)" = 0 ] || refuse not-root
    choose_filter
    "${filter}_require"
    confirmed_id=$(id_of "$(mark_in "$state/confirmed.$ext")")
    look || refuse filter-fails "$filter_says"
    say filter "$filter"
    say live "$live"
    [ "$live" = absent ] || "${filter}_list" | section listing
    finish
}
