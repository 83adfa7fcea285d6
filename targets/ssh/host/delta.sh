# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# An apply that changes only elements of large sets: forward and back are the elements, and the mark. For the next boot it
# still takes a whole ruleset, which is made here of the confirmed one. Nothing of a delta is trusted to fit: both rulesets are
# told by their digests, and where anything does not fit, the client sends the whole.

# boot_from and boot_is: the digests of the confirmed ruleset and of what is made of it; empty where all of it is sent.
is_delta() {
    [ -n "${boot_is-}" ]
}

is_delta_of_confirmed() {
    [ "$(print_of <"$state/confirmed.$ext")" = "$boot_from" ]
}

# payload_boot says "d NUMBER" for a line that goes and "a NUMBER TEXT" for one that comes behind that.
make_boot() {
    payload_boot | awk '
        FNR == NR {
            if ($1 == "d") gone[$2] = 1
            else {
                text = $0
                sub(/^a [0-9]+ /, "", text)
                more[$2] = more[$2] text "\n"
            }
            next
        }
        !(FNR in gone) { print }
        FNR in more { printf "%s", more[FNR] }
    ' - "$state/confirmed.$ext"
}

is_made_boot() {
    filter_says='the ruleset for the next boot could not be made of the confirmed one'
    [ "$(print_of <"$state/$apply_id.boot.$ext")" = "$boot_is" ]
}

# Neither direction loads where the other is not live, so both are tried in one go. The ruleset for the next boot is not:
# its lines are those of the confirmed one and of these two.
stage_delta_back() {
    back=$state/$apply_id.back.$ext
    both=$state/$apply_id.track.$ext
    payload_back >"$back" && [ "$(id_of "$(mark_in "$back")")" = "$confirmed_id" ] &&
        cat "$state/$apply_id.forward.$ext" "$back" >"$both" || return 1
    persist "$back" "$state"
    filter_try "$both"
    tried=$?
    rm -f "$both"
    return "$tried"
}
