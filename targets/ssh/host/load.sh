# shellcheck shell=sh
# shellcheck disable=SC2034
# Written by pulumi-vps-firewall, which takes it away again. Run at boot, before the network is up, and whenever another
# service has emptied the packet filter: loads the confirmed ruleset.
#
#   load.sh          unless it is there
#   load.sh anew     in any case
#   load.sh sets     only sees to it that what another service has saved can be loaded
set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV CDPATH
cd /
state=/var/lib/vps-firewall
failure=/run/vps-firewall/boot-failure
load_seconds=60

has() {
    command -v "$1" >/dev/null 2>&1
}

limited() {
    if has timeout; then timeout "$load_seconds" "$@"; else "$@"; fi
}
