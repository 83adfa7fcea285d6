# shellcheck shell=sh
# Written by pulumi-vps-firewall, which takes it away again. Run at boot, before the network is up, and whenever
# nftables.service has emptied the packet filter: loads the confirmed ruleset.
#
#   load.sh          unless our table is there
#   load.sh anew     in any case
set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV CDPATH
cd /
confirmed=/var/lib/vps-firewall/confirmed.nft
failure=/run/vps-firewall/boot-failure

load() {
    if command -v timeout >/dev/null 2>&1; then
        timeout 60 nft -f "$confirmed" 2>&1
    else
        nft -f "$confirmed" 2>&1
    fi
}

# Reads no set, however large.
table_is_there() {
    nft list tables inet 2>/dev/null | grep -qx 'table inet vps_firewall'
}

[ -f "$confirmed" ] || exit 0
if [ "${1-}" != anew ] && table_is_there; then exit 0; fi
tries=5
until says=$(load); do
    # The next probe tells the user.
    mkdir -p "${failure%/*}"
    printf '%s\n' "$says" >"$failure"
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 1
done
rm -f "$failure"
