# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# The address sets that our rules in iptables name; needs `limited` and `has`. Rules do not load before their sets are there, and
# a set does not go while a rule names it.
#
# A set is called after what is in it (vpsfw4-<digest>, vpsfw6-<digest>), and comes under that name whole: another list is
# another set beside it, until the rules have changed.

ipset_works() {
    has ipset && ipset list -n >/dev/null 2>&1
}

# ipset_names FAMILY: of those that are there.
ipset_names() {
    ! has ipset || ipset list -n 2>/dev/null | grep "^vpsfw$1-"
}

# ipset_save FAMILY: as our files hold them.
ipset_save() {
    for set in $(ipset_names "$1"); do ipset save "$set" || return 1; done
}

# ipset_load FILE: the sets of both families in it.
ipset_load() {
    wanted_sets=$(sed -n 's/^create \(vpsfw[46]-[0-9a-f]*\) .*/\1/p' "$1")
    [ -n "$wanted_sets" ] || return 0
    if ! has ipset; then
        filter_says="ipset is missing: the ruleset has address sets"
        return 1
    fi
    for set in $wanted_sets; do
        there=no
        if ipset list -n "$set" >/dev/null 2>&1; then
            there=yes
            # Somebody may have changed it by hand.
            [ "$(ipset save "$set" | ipset_entries_print)" != "$(grep "^add $set " "$1" | ipset_entries_print)" ] || continue
        fi
        ipset destroy vpsfw-new 2>/dev/null
        filter_says=$(sed -n "s/^\\(create\\|add\\) $set /\\1 vpsfw-new /p" "$1" | limited ipset restore 2>&1) || return 1
        if [ "$there" = yes ]; then
            filter_says=$(ipset swap vpsfw-new "$set" 2>&1) || return 1
            ipset destroy vpsfw-new
        else
            filter_says=$(ipset rename vpsfw-new "$set" 2>&1) || return 1
        fi
    done
}

ipset_entries_print() {
    grep '^add ' | sort | sha256sum
}

# Rules of ours that another service has saved may name sets that are gone. Then nothing of its file would load, the rules of
# others in it neither.
saved_sets() {
    grep -hos 'vpsfw[46]-[0-9a-f]\{16\}' /etc/iptables/rules.v4 /etc/iptables/rules.v6 /etc/sysconfig/iptables \
        /etc/sysconfig/ip6tables | sort -u
}

# Empty ones, in the place of what is gone, until ours are loaded behind.
ipset_stand_in() {
    for set in $(saved_sets); do
        case $set in vpsfw4-*) inet=inet ;; *) inet=inet6 ;; esac
        ipset list -n "$set" || ipset create "$set" hash:net family "$inet"
    done >/dev/null 2>&1
}

# Those that no rule names any more, loaded or saved; the kernel keeps the others. It may take a moment after a rule has gone.
ipset_forget() {
    saved=$(saved_sets)
    for set in $(ipset_names '[46]'); do
        case $saved in *"$set"*) ;; *) ipset destroy "$set" ;; esac
    done >/dev/null 2>&1
}

ipset_forget_all() {
    for again in 1 2 3 4 5; do
        for set in $(ipset_names '[46]'); do ipset destroy "$set"; done >/dev/null 2>&1
        [ -n "$(ipset_names '[46]')" ] || return 0
        sleep 1
    done
}
