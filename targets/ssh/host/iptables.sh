# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# Our chains in iptables and ip6tables, and the files that load.sh loads at boot; needs ipset.sh, `limited` and `has`.
#
# A file holds what the restore program of each family reads, behind a header line for each; first the address sets, which
# ipset reads. Jumps that are there already,
# and chains that the file lacks, are removed in the same transaction: which these are, only the moment of the load knows.

# iptables_program FAMILY save|restore: of the variant that is used here.
iptables_program() {
    case $1 in 4) program=iptables ;; *) program=ip6tables ;; esac
    if [ -n "${variant-}" ] && has "$program-$variant-$2"; then
        echo "$program-$variant-$2"
    else
        echo "$program-$2"
    fi
}

# iptables_variant_in FILE
iptables_variant_in() {
    sed -n 's/^# vps-firewall variant \(nft\|legacy\)$/\1/p' "$1" | head -n 1
}

# iptables_save FAMILY: the tables that we are in. Asking for one loads the modules of the legacy variant: that of mangle
# only where it is in use.
iptables_save() {
    # shellcheck disable=SC2046 # one word
    limited $(iptables_program "$1" save) -t filter || return 1
    if iptables_may_mangle "$1"; then
        # shellcheck disable=SC2046
        limited $(iptables_program "$1" save) -t mangle || return 1
    fi
}

iptables_may_mangle() {
    case $1 in 4) names_file=/proc/net/ip_tables_names ;; *) names_file=/proc/net/ip6_tables_names ;; esac
    [ "${variant-}" != legacy ] || grep -qx mangle "$names_file" 2>/dev/null
}

# iptables_restore FAMILY <INPUT
iptables_restore() {
    # shellcheck disable=SC2046
    limited $(iptables_program "$1" restore) --noflush -w 20
}

# iptables_section FAMILY FILE: what the file says, without its sets.
iptables_section() {
    sed -n "/^# vps-firewall ipv$1\$/,/^# vps-firewall ipv[^$1]\$/p" "$2" | grep -v '^#\|^create \|^add '
}

# iptables_table NAME TEXT
iptables_table() {
    printf '%s\n' "$2" | sed -n "/^\*$1\$/,/^COMMIT\$/p"
}

# iptables_input WANTED LIVE: what replaces the live chains by the wanted ones. Empty where there is nothing to do.
iptables_input() {
    for table in filter mangle; do
        iptables_table_input "$table" "$(iptables_table "$table" "$1")" "$(iptables_table "$table" "$2")"
    done
}

# iptables_table_input NAME WANTED LIVE
iptables_table_input() {
    gone=$(printf '%s\n' "$3" | sed -n 's/^:\(VPSFW-[A-Z]*\) .*/\1/p' | while read -r chain; do
        printf '%s\n' "$2" | grep -q "^:$chain " || echo "$chain"
    done)
    if [ -z "$2$gone" ]; then return; fi
    echo "*$1"
    printf '%s\n' "$2" | grep '^:VPSFW-'
    for chain in $gone; do echo ":$chain - [0:0]"; done
    printf '%s\n' "$3" | grep -v '^-A VPSFW-' | sed -n 's/^-A \(.* -[jg] VPSFW-[A-Z]*\)$/-D \1/p'
    printf '%s\n' "$2" | grep '^-'
    for chain in $gone; do echo "-X $chain"; done
    echo COMMIT
}

# iptables_as_was LIVE: what puts our part of the live tables back, in the form of a file's section.
iptables_as_was() {
    for table in filter mangle; do
        before=$(iptables_table "$table" "$1")
        case $before in *VPSFW-*) ;; *) continue ;; esac
        echo "*$table"
        printf '%s\n' "$before" | grep '^:VPSFW-'
        printf '%s\n' "$before" | grep '^-A VPSFW-'
        for chain in INPUT OUTPUT FORWARD; do
            printf '%s\n' "$before" | grep "^-A $chain " | grep -n ' -j VPSFW-[A-Z]*$' | sed "s/^\\([0-9]*\\):-A $chain /-I $chain \\1 /"
        done
        echo COMMIT
    done
}

# iptables_load FILE: first the sets; then each family, and each table of it, is a transaction of its own. Where one fails, those before it are
# taken back.
iptables_load() {
    [ -z "$(iptables_variant_in "$1")" ] || variant=$(iptables_variant_in "$1")
    live4='' live6=''
    if ipset_load "$1"; then
        if iptables_load_family 4 "$(iptables_section 4 "$1")"; then
            live4=$live_before
            if iptables_load_family 6 "$(iptables_section 6 "$1")"; then
                ipset_forget
                return 0
            fi
            live6=$live_before
        else
            live4=$live_before
        fi
    fi
    refusal=$filter_says
    iptables_put_back 6 "$live6"
    iptables_put_back 4 "$live4"
    ipset_forget
    filter_says=$refusal
    return 1
}

# iptables_put_back FAMILY LIVE: what was never looked at was not changed either.
iptables_put_back() {
    if [ -n "$2" ]; then iptables_load_family "$1" "$(iptables_as_was "$2")"; fi
}

# iptables_load_family FAMILY WANTED: live_before is what was there, empty where that could not be asked. Once more where
# others have just changed it.
iptables_load_family() {
    live_before=''
    for again in yes no; do
        live_now=$(iptables_save "$1" 2>&1) || { filter_says=$live_now && return 1; }
        [ "$again" = no ] || live_before=$live_now
        input=$(iptables_input "$2" "$live_now")
        [ -n "$input" ] || return 0
        filter_says=$(printf '%s\n' "$input" | iptables_restore "$1" 2>&1)
        filter_exit=$?
        [ "$filter_exit" -ne 0 ] || return 0
        iptables_explain_exit
        # shellcheck disable=SC2016 # lines of comments say the time
        [ "$(iptables_save "$1" 2>&1 | grep -v '^#')" != "$(printf '%s\n' "$live_now" | grep -v '^#')" ] || return 1
    done
    return 1
}

iptables_explain_exit() {
    case $filter_exit in
        124 | 143) filter_says="iptables did not end within $load_seconds s" ;;
        139) filter_says="iptables crashed (segmentation fault)" ;;
    esac
}

# The mark stands in each table that we are in.
iptables_marks() {
    sed -n 's/^-A VPSFW-[A-Z]* .*--comment "vpsfw1 o=\([0-9a-f]*\) r=\([0-9a-f-]*\) a=\([0-9a-f]*\) d=\([0-9a-f]*\)".*/\1 \2 \3 \4/p' | sort -u
}

iptables_mark() {
    iptables_marks | head -n 1
}
