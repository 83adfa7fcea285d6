# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# An apply that changes only elements of large sets: forward and back are the elements, and the mark. For the next boot it
# still takes a whole ruleset, and the whole of what the client keeps with it: both are made here of the confirmed ones. Nothing
# of a delta is trusted to fit: all four texts are told by their digests, and where anything does not fit, the client sends the
# whole.

# boot_from, boot_is, manifest_from and manifest_is: the digests of the confirmed texts and of what is made of them; empty where
# all of them is sent.
is_delta() {
    [ -n "${boot_is-}" ]
}

is_delta_of_confirmed() {
    [ "$(print_of <"$state/confirmed.$ext")" = "$boot_from" ] && [ -f "$state/confirmed.json" ] &&
        [ "$(print_of <"$state/confirmed.json")" = "$manifest_from" ]
}

# edited NAME FILE: payload_NAME says "d NUMBER" for a line of the file that goes and "a NUMBER TEXT" for one that comes behind
# it.
edited() {
    "payload_$1" | awk '
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
    ' - "$2"
}

# is_made NAME DIGEST: whether this file of the apply is what it was made to be.
is_made() {
    filter_says="$1 could not be made of the confirmed one"
    [ "$(print_of <"$state/$apply_id.$1")" = "$2" ]
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
