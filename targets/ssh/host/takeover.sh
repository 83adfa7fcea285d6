# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# `takeover`: other managers of packet filters are switched off while ours is in place.
#
#   <id>.taken    what an open apply has switched off: a line with the boot, then lines of other_managers
#   taken         what confirmed applies have
#
# Within the window they are only stopped. Disabled for the next boot they are once the apply is confirmed: a boot before that
# has them as ever. Written before it is done, and each part can be done again.

# Ours first: no moment is without a packet filter. And once more behind what was stopped, which may have emptied it.
load_forward() {
    filter_load "$state/$apply_id.forward.$ext" || return 1
    [ "$takeover" = yes ] || return 0
    wanted=$(other_managers | grep -v ' inactive disabled ')
    [ -n "$wanted" ] || return 0
    take_over && filter_load "$state/$apply_id.forward.$ext"
}

# Says what was taken and what was not.
take_over() {
    taken_file=$state/$apply_id.taken
    if ! printf 'boot %s\n%s\n' "$boot_id" "$wanted" >"$taken_file"; then
        filter_says="what takeover would switch off could not be written down"
        return 1
    fi
    persist "$taken_file" "$state"
    printf '%s\n' "$wanted" >"$run/taking"
    while read -r name is_active _; do
        if [ "$is_active" = inactive ] || stop_manager "$name" </dev/null >/dev/null 2>&1; then
            say taken "$name"
        else
            say kept "$name"
        fi
    done <"$run/taking"
    rm -f "$run/taking"
}

stop_manager() {
    case $1 in
        ufw) quickly "$(ufw_init)" stop ;;
        firewalld) ask_systemd stop firewalld.service ;;
        nftables) clear_nftables ;;
        *) clear_iptables "$1" ;;
    esac 9>&-
}

# keep_taken ID: that apply has been confirmed.
keep_taken() {
    taken_file=$state/$1.taken
    [ -f "$taken_file" ] || return 0
    started_again=''
    while read -r name is_active rest; do
        if [ "$name" = boot ]; then
            [ "$is_active" = "$boot_id" ] || started_again=yes
            continue
        fi
        if [ -n "$started_again" ] && [ "$is_active" = active ]; then stop_manager "$name"; fi </dev/null >/dev/null 2>&1
        case $name in
            ufw) ! ufw_is_enabled || quickly ufw disable ;;
            *) [ "${rest%% *}" = disabled ] || ask_systemd disable --quiet "$name.service" ;;
        esac </dev/null >/dev/null 2>&1 9>&-
        grep -qs "^$name " "$state/taken" || echo "$name $is_active $rest" >>"$state/taken"
    done <"$taken_file"
    persist "$state/taken"
    rm -f "$taken_file"
    # Some empty all of iptables as they stop.
    if [ -n "$started_again" ]; then
        filter_load "$state/confirmed.$ext"
        look
    fi
    return 0
}

# give_back_open: what applies that are neither open nor confirmed have switched off.
give_back_open() {
    for file in "$state"/????????????????.taken; do
        [ -f "$file" ] || continue
        file_id=${file##*/}
        file_id=${file_id%.taken}
        if [ "$file_id" = "$confirmed_id" ]; then
            keep_taken "$file_id"
        elif [ ! -e "$run/pending" ] || [ "$file_id" != "$pending_id" ]; then
            give_back "$file"
        fi
    done
}

# give_back FILE: switches on again what the list says. given_back, and in a file what could not be: until the next boot.
give_back() {
    given_back=''
    [ -f "$1" ] || return 0
    while read -r name is_active boots _; do
        if [ "$name" = boot ]; then
            # Another boot has started them by itself.
            if [ "$is_active" != "$boot_id" ]; then break; fi
        elif give_back_manager "$name" "$is_active" "$boots" </dev/null >/dev/null 2>&1 9>&-; then
            given_back="${given_back:+$given_back,} $name"
        else
            echo "$name" >>"$run/not-given-back"
        fi
    done <"$1"
    rm -f "$1"
}

# give_back_manager NAME ACTIVE BOOTS
give_back_manager() {
    if [ "$3" = enabled ] && [ "$1" != ufw ] && ! unit_is enabled "$1"; then
        ask_systemd enable --quiet "$1.service" || return 1
    fi
    case $1 in
        # Anew, since it may have been stopped half-way.
        ufw)
            if [ "$2" = inactive ]; then
                ufw_is_enabled || quickly sed -i 's/^ENABLED=.*/ENABLED=yes/' /etc/ufw/ufw.conf
            elif ufw_is_enabled; then
                quickly "$(ufw_init)" force-reload
            else
                quickly ufw --force enable
            fi
            ;;
        # It is there before its rules are, and answers behind them.
        firewalld) [ "$2" = inactive ] || { ask_systemd start firewalld.service && quickly firewall-cmd --state; } ;;
        nftables) [ "$2" = inactive ] || restore_nftables ;;
        *) [ "$2" = inactive ] || restore_iptables "$1" ;;
    esac
}

# in_empty_network COMMAND FILE: runs it where no packet filter but that of the file is.
in_empty_network() {
    limited unshare -n sh -c "$1" sh "$2"
}

# What the file of nftables.service loads.
nftables_gives() {
    # shellcheck disable=SC2016
    in_empty_network 'nft -f "$1" && nft -s list ruleset' "$(files_of nftables)"
}

# tables_in TEXT
tables_in() {
    printf '%s\n' "$1" | sed -n 's/^table \([a-z0-9]* [^ ]*\) {$/\1/p'
}

# Only where its tables are exactly what the file says: what somebody added to them would be lost. And only where its text can
# be loaded again without a flush of everything.
clear_nftables() {
    ! nftables_text "$(files_of nftables)" | grep -q '^[^#]*flush[[:space:]]\{1,\}ruleset' || return 1
    gives=$(nftables_gives) || return 1
    deletes=$(tables_in "$gives" | while read -r family name; do
        [ "$(nft -s list table "$family" "$name")" = "$(printf '%s\n' "$gives" | sed -n "/^table $family $name {/,/^}/p")" ] || echo differs
        echo "delete table $family $name"
    done)
    case $deletes in '' | *differs*) return 1 ;; esac
    printf '%s\n' "$deletes" | limited nft -f -
}

# Only where none of its tables is there.
restore_nftables() {
    gives=$(nftables_gives) || return 1
    there=$(tables_in "$gives" | while read -r family name; do ! nft -t list table "$family" "$name" || echo there; done)
    [ -z "$there" ] || return 0
    nftables_text "$(files_of nftables)" | limited nft -f -
}

# file_for MANAGER FAMILY
file_for() {
    files_of "$1" | if [ "$2" = 4 ]; then grep '4$\|/iptables$'; else grep '6$\|/ip6tables$'; fi
}

# Only what is exactly what the files say: with the rules of others among them, nobody can tell whose is which. Ours stay, in
# the same transaction.
clear_iptables() {
    for family in $(families_of "$1"); do
        gives=''
        file=$(file_for "$1" "$family")
        # shellcheck disable=SC2016
        [ -z "$file" ] || in_empty_network "$(plain_program "$family" restore) <\"\$1\" && $(plain_program "$family" save)" \
            "$file" >"$run/gives" || return 1
        [ -z "$file" ] || gives=$(plain_rules "$family" "$run/gives")
        [ "$(plain_rules "$family")" = "$gives" ] || return 1
    done
    rm -f "$run/gives"
    for family in $(families_of "$1"); do
        limited "$(plain_program "$family" save)" | sed 's/^:\([A-Z]*\) DROP /:\1 ACCEPT /' |
            grep '^\*\|^COMMIT\|^:[A-Z]* ACCEPT \|VPSFW-' | limited "$(plain_program "$family" restore)" || return 1
    done
}

# Only where nobody has put anything there meanwhile.
restore_iptables() {
    for family in $(families_of "$1"); do
        file=$(file_for "$1" "$family")
        if [ -z "$file" ] || plain_rules "$family" | grep -q .; then continue; fi
        grep -v VPSFW- "$file" | limited "$(plain_program "$family" restore)" --noflush || return 1
    done
}
