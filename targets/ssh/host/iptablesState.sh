# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# What only the steps need of iptables, by the verbs of filter.sh.

iptables_require() {
    if ! has iptables-restore || ! has ip6tables-restore || ! has iptables-save || ! has ip6tables-save; then
        refuse iptables-missing
    fi
    choose_variant
    # shellcheck disable=SC2046 # "iptables v1.8.9 (nf_tables)"
    set -- $("$(iptables_program 4 save)" --version 2>/dev/null)
    filter_version=${2-}
    filter_version=${filter_version#v}
    at_least 1008007 "$filter_version" || refuse iptables-old "$filter_version"
}

# The two variants are two packet filters beside each other, and a host must not have rules in both: where one of them
# holds rules, it is used.
choose_variant() {
    default=$(iptables --version 2>/dev/null | sed -n 's/.*(nf_tables).*/nft/p; s/.*(legacy).*/legacy/p')
    mixed=''
    if variant_is_there nft && variant_is_there legacy; then
        holding=$(for variant in nft legacy; do ! holds_rules || printf '%s' "$variant"; done)
        case $holding in
            nftlegacy) mixed=yes ;;
            ?*) default=$holding ;;
        esac
    fi
    variant=$default
    for file in "$state/${pending_id:-none}.forward.rules" "$state/confirmed.rules"; do
        [ ! -f "$file" ] || [ -z "$(iptables_variant_in "$file")" ] || variant=$(iptables_variant_in "$file")
    done
}

variant_is_there() {
    has "iptables-$1-save" && has "iptables-$1-restore"
}

# Does $variant hold anything that decides? Asking the legacy one loads its modules, so the kernel is asked first.
holds_rules() {
    if [ "$variant" = legacy ]; then
        [ -n "$(cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null)" ] || return 1
    fi
    for family in 4 6; do
        # shellcheck disable=SC2046
        if quickly $(iptables_program $family save) 2>/dev/null | grep -q '^-A\|^:[A-Z]* DROP '; then return 0; fi
    done
    return 1
}

# Each family, and each table of it, has a mark of its own. Where they differ, that which was never confirmed is what an apply or a revert that was
# cut short between the two has left, and what has to be taken back.
iptables_look() {
    ours=''
    for family in 4 6; do
        filter_says=$(iptables_save $family 2>&1)
        filter_exit=$?
        if [ "$filter_exit" -ne 0 ]; then
            iptables_explain_exit
            return 1
        fi
        own=$(printf '%s\n' "$filter_says" | grep 'VPSFW-')
        [ -n "$own" ] || continue
        ours="$ours
$family $own"
        while read -r mark; do
            if [ -n "$mark" ] && { [ -z "$live_mark" ] || [ "$(id_of "$mark")" != "$confirmed_id" ]; }; then live_mark=$mark; fi
        done <<END
$(printf '%s\n' "$own" | iptables_marks)
END
    done
    [ -z "$ours" ] || live_print=$(printf '%s' "$ours" | print_of)
}

# With which variant a file is loaded.
iptables_header() {
    [ -z "$variant" ] || echo "# vps-firewall variant $variant"
}

# In the form of our files; empty when it can't be listed.
iptables_list() {
    saved4=$(ipset_save 4 && iptables_save 4) && saved6=$(ipset_save 6 && iptables_save 6) || return 1
    printf '# vps-firewall ipv4\n%s\n# vps-firewall ipv6\n%s\n' "$saved4" "$saved6"
}

# The listing is text already.
iptables_text() {
    :
}

iptables_try() {
    ipset_load "$1" || return 1
    for family in 4 6; do
        filter_says=$(iptables_save $family 2>&1) || return 1
        input=$(iptables_input "$(iptables_section $family "$1")" "$filter_says")
        [ -n "$input" ] || continue
        # shellcheck disable=SC2046
        filter_says=$(printf '%s\n' "$input" | limited $(iptables_program $family restore) --noflush --test -w 20 2>&1)
        filter_exit=$?
        iptables_explain_exit
        [ "$filter_exit" -eq 0 ] || return 1
    done
}

# Sets that the kernel has not let go yet.
iptables_tidy() {
    ipset_forget
}

iptables_clear() {
    if iptables_load /dev/null; then
        ipset_forget_all
        return 0
    fi
    refused=$filter_says
    if [ ! -f "$state/removed.rules" ]; then
        # Where nothing loads any more, one by one: management has to come back.
        iptables_clear_one_by_one && return 0
        filter_says=$refused
        return 1
    fi
    # Nothing is armed while a delete runs: where it fails in its middle, both families have to be as they were.
    tries=$((give_up_seconds / retry_seconds))
    until iptables_load "$state/removed.rules" || [ "$tries" -le 0 ]; do
        tries=$((tries - 1))
        sleep "$retry_seconds"
    done
    filter_says=$refused
    return 1
}

iptables_clear_one_by_one() {
    for family in 4 6; do
        case $family in 4) program=iptables ;; *) program=ip6tables ;; esac
        if [ -n "$variant" ] && has "$program-$variant"; then program=$program-$variant; fi
        saved=$(iptables_save $family 2>/dev/null) || return 1
        for table in filter mangle; do
            live_table=$(iptables_table "$table" "$saved")
            # First the jumps: from then on nothing is dropped any more.
            printf '%s\n' "$live_table" | grep -v '^-A VPSFW-' | sed -n 's/^-A \(.* -[jg] VPSFW-[A-Z]*\)$/\1/p' |
                while read -r jump; do
                    # shellcheck disable=SC2086 # the words of a rule
                    limited "$program" -w 20 -t "$table" -D $jump
                done
            chains=$(printf '%s\n' "$live_table" | sed -n 's/^:\(VPSFW-[A-Z]*\) .*/\1/p')
            for chain in $chains; do limited "$program" -w 20 -t "$table" -F "$chain"; done
            for chain in $chains; do limited "$program" -w 20 -t "$table" -X "$chain"; done
        done
    done >/dev/null 2>&1
    ipset_forget_all
    left=$(iptables_save 4 2>/dev/null && iptables_save 6 2>/dev/null) || return 1
    case $left in *VPSFW-*) return 1 ;; esac
}

iptables_nothing() {
    printf '# vps-firewall ipv4\n# vps-firewall ipv6\n'
}

iptables_tracking() {
    for family in 4 6; do
        echo "# vps-firewall ipv$family
*filter
:VPSFW-IN - [0:0]
-A VPSFW-IN -m comment --comment \"$1\"
-A VPSFW-IN -m conntrack --ctstate ESTABLISHED -j RETURN
-I INPUT 1 -j VPSFW-IN
COMMIT"
    done
}
