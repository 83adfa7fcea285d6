# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# What makes the next boot load the confirmed ruleset: load.sh beside it, and what this host's own way of booting runs it by.

loader=$state/load.sh

# The way is found by what this boot has used, never by the name of a distribution.
# systemd | openrc | runit | ifupdown | rc-local | none
boot_way() {
    if systemd_runs && has systemctl; then
        echo systemd
    elif [ -e /run/openrc/softlevel ] && has rc-update; then
        echo openrc
    elif [ -d /etc/runit/core-services ] && [ "$(cat /proc/1/comm 2>/dev/null)" = runit ]; then
        echo runit
    elif [ -s /run/network/ifstate ] && [ -d /etc/network/if-pre-up.d ]; then
        echo ifupdown
    elif rc_local_is_run; then
        echo rc-local
    else
        echo none
    fi
}

# none | disabled WAY | enabled WAY. A file of ours that somebody edited counts as disabled: the next apply writes it anew.
boot_state() {
    way=$(boot_way)
    if [ "$way" = none ]; then
        echo none
    elif boot_files "$way" is_placed && boot_linked "$way"; then
        echo "enabled $way"
    else
        echo "disabled $way"
    fi
}

# Before an apply is armed: with nothing confirmed, load.sh does nothing. What failed is in boot_says.
boot_enable() {
    case $(boot_state) in none | enabled*) return 0 ;; esac
    way=$(boot_way)
    boot_says=$({ boot_files "$way" place && boot_link "$way" && boot_files "$way" persist_placed; } 2>&1)
    case $(boot_state) in enabled*) return 0 ;; esac
    return 1
}

# When nothing of ours shall be loaded any more: takes away whatever any way has left. Fails when something stays.
boot_disable() {
    boot_unlink
    # shellcheck disable=SC2046 # paths without blanks
    rm -f $(boot_paths)
    for drop_in in $(drop_ins); do rmdir "${drop_in%/*}"; done
    if systemd_runs; then ask_systemd daemon-reload; fi
    ! boot_is_left
} >/dev/null 2>&1

boot_is_left() {
    for file in $(boot_paths); do
        [ ! -e "$file" ] || return 0
    done
    rc_local_is_ours
}

boot_paths() {
    echo "$unit" "$(drop_ins)" "$service" "$core_service" "$pre_up" "$loader"
}

# boot_files WAY DO: runs DO PATH MODE TEXT for each file of a way, until one fails.
boot_files() {
    case $1 in
        systemd)
            "$2" "$unit" 644 unit_text || return 1
            for drop_in in $(drop_ins); do "$2" "$drop_in" 644 drop_in_text || return 1; done
            ;;
        openrc) "$2" "$service" 755 service_text ;;
        runit) "$2" "$core_service" 644 core_service_text ;;
        ifupdown) "$2" "$pre_up" 755 pre_up_text ;;
    esac && "$2" "$loader" 600 payload_loader
}

is_placed() {
    [ -f "$1" ] && "$3" | cmp -s - "$1" || return 1
    [ "$2" != 755 ] || [ -x "$1" ]
}

# Whole or not at all; a file with such an ending counts in none of these folders.
place() {
    if is_placed "$@"; then return 0; fi
    (umask 022 && mkdir -p "${1%/*}") || return 1
    if "$3" >"$1.new" && chmod "$2" "$1.new" && mv -f "$1.new" "$1"; then return 0; fi
    rm -f "$1.new"
    return 1
}

persist_placed() {
    persist "$1" "${1%/*}"
}

# Beyond the files.
boot_linked() {
    case $1 in
        systemd) ask_systemd is-enabled --quiet vps-firewall.service 2>/dev/null ;;
        openrc) [ -e /etc/runlevels/boot/vps-firewall ] ;;
        rc-local) rc_local_is_whole ;;
    esac
}

boot_link() {
    case $1 in
        systemd)
            ask_systemd daemon-reload && ask_systemd enable --quiet vps-firewall.service &&
                persist /etc/systemd/system/sysinit.target.wants
            ;;
        openrc) rc-update --quiet add vps-firewall boot && persist /etc/runlevels/boot ;;
        rc-local) rc_local_write ;;
    esac
}

boot_unlink() {
    if [ -e "$unit" ] && systemd_runs; then ask_systemd disable --quiet vps-firewall.service; fi
    if [ -e "$service" ] && has rc-update; then rc-update --quiet delete vps-firewall boot; fi
    if rc_local_is_ours; then rc_local_restore; fi
}
