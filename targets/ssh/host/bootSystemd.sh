# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# systemd: a unit that loads before the network, a drop-in for each service that flushes us, which loads again, and the
# service that takes an apply back.

unit=/etc/systemd/system/vps-firewall.service
# Each of these empties the packet filter whenever it is started, reloaded or stopped.
flushing='nftables.service netfilter-persistent.service iptables.service ip6tables.service'

# The drop-ins, one for each of them, and for firewalld, which starts long after us and empties iptables then.
drop_ins() {
    for name in $flushing firewalld.service; do echo "/etc/systemd/system/$name.d/vps-firewall.conf"; done
}

systemd_runs() {
    [ -d /run/systemd/system ]
}

ask_systemd() {
    quickly systemctl --no-ask-password "$@"
}

# A load that fails is tried again a few times before the network comes up, and every 5 s after that: a host without a
# firewall that can be reached can be repaired, one without a network can't.
unit_text() {
    cat <<END
# Written by pulumi-vps-firewall, which takes it away again.
[Unit]
Description=Firewall of pulumi-vps-firewall
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target shutdown.target
Conflicts=shutdown.target
After=local-fs.target $flushing
RequiresMountsFor=$state
ConditionPathExists=|$state/confirmed.nft
ConditionPathExists=|$state/confirmed.rules
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh $loader
ExecReload=/bin/sh $loader anew
TimeoutStartSec=120
END
    # Before 244, a unit that loads once and asks for a restart is no valid unit.
    if [ "$(systemd_version)" -ge 244 ]; then
        echo Restart=on-failure
        echo RestartSec=5
    fi
    echo
    echo '[Install]'
    echo WantedBy=sysinit.target
}

# ExecReload adds to the service's own list, which ends where it fails, and then nothing was flushed.
# firewalld has started, for systemd, before it empties iptables, and answers behind that.
drop_in_text() {
    load_after="/bin/sh $loader" load_before=''
    case $drop_in in
        *firewalld*) load_after="/bin/sh -c \"firewall-cmd --state; exec /bin/sh $loader\"" ;;
        *nftables*) ;;
        *netfilter-persistent* | *tables.service*) load_before="ExecStartPre=-/bin/sh $loader sets
" ;;
    esac
    cat <<END
# Written by pulumi-vps-firewall, which takes it away again.
[Unit]
RequiresMountsFor=$state

[Service]
${load_before}ExecStartPost=-$load_after
ExecReload=-/bin/sh $loader
ExecStopPost=-/bin/sh $loader
END
}

# "systemd 252 (252.39-1~deb12u2)", "systemd 257.7 (257.7-1)"; 0 when it does not say.
systemd_version() {
    # shellcheck disable=SC2046
    set -- $(systemctl --version 2>/dev/null) 0 0
    set -- "${2%%[!0-9]*}"
    echo "${1:-0}"
}

# arm_by_systemd FILE: runs it as a service of PID 1, so that the end of the session's scope is not its end
# (KillUserProcesses), and starts it again when it was killed; a clean end (0) is its end. No timer: the deadline moves
# when the load has ended, and a revert that fails is tried again, so somebody has to watch either way.
arm_by_systemd() {
    systemd_runs && has systemd-run || return 1
    quickly systemd-run --quiet --collect --unit="vps-firewall-revert-$apply_id" \
        --description="Takes a firewall change back unless it is confirmed" \
        -p DefaultDependencies=no -p Conflicts=shutdown.target -p Before=shutdown.target -p IgnoreOnIsolate=yes \
        -p Restart=always -p RestartPreventExitStatus=0 -p RestartSec=1 -p StartLimitIntervalSec=0 \
        -p TimeoutStopSec=5 \
        /bin/sh -c "[ ! -e $1 ] || exec sh $1" >/dev/null 2>&1 9>&-
}

armed_by_systemd() {
    quickly systemctl is-active --quiet "vps-firewall-revert-$apply_id.service"
}
