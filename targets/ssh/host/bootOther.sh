# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# Hosts without systemd. Before the network: OpenRC's boot runlevel, runit's core services, ifupdown's if-pre-up.d.
# Where there is none of these, rc.local, which most inits run last: the network is up before our table then.

service=/etc/init.d/vps-firewall
core_service=/etc/runit/core-services/98-vps-firewall.sh
pre_up=/etc/network/if-pre-up.d/vps-firewall
rc_local=/etc/rc.local

service_text() {
    cat <<END
#!/sbin/openrc-run
# Written by pulumi-vps-firewall, which takes it away again.
description="Firewall of pulumi-vps-firewall"

depend() {
    use localmount mountall
    after localmount mountall nftables iptables ip6tables
    before net networking
}

start() {
    ebegin "Loading the firewall of pulumi-vps-firewall"
    sh $loader
    eend \$?
}
END
}

core_service_text() {
    cat <<END
# Written by pulumi-vps-firewall, which takes it away again.
sh $loader || :
END
}

# An interface whose scripts fail is not brought up, and nobody could repair the host then.
pre_up_text() {
    cat <<END
#!/bin/sh
# Written by pulumi-vps-firewall, which takes it away again.
sh $loader
exit 0
END
}

# One that can't be executed was switched off by somebody; and it must be a shell's.
rc_local_is_run() {
    [ -x "$rc_local" ] && [ "$(wc -l <"$rc_local")" -gt 0 ] || return 1
    read -r first <"$rc_local"
    case $first in '#!'*sh | '#!'*sh\ *) ;; *) return 1 ;; esac
}

rc_local_line() {
    echo "sh $loader || : # written by pulumi-vps-firewall, which takes it away again"
}

rc_local_is_ours() {
    grep -qsF "$loader" "$rc_local"
}

rc_local_is_whole() {
    grep -qsxF "$(rc_local_line)" "$rc_local"
}

# First, right after the shell's name: what follows may fail, wait, or exit.
rc_local_write() {
    rc_local_edit rc_local_with_line
}

rc_local_with_line() {
    read -r first
    printf '%s\n' "$first"
    rc_local_line
    cat
}

rc_local_restore() {
    rc_local_edit cat
}

# rc_local_edit COMMAND: the file without our line, through the command; the mode and the owner stay.
rc_local_edit() {
    real=$(readlink -f "$rc_local") && cp -p "$real" "$real.new" || return 1
    if sed "\\|$loader|d" "$real" | "$@" >"$real.new" && mv -f "$real.new" "$real"; then
        persist "$real" "${real%/*}"
        return 0
    fi
    rm -f "$real.new"
    return 1
}
