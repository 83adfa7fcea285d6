#!/bin/sh
# Prints the folder of a Debian userland for lab hosts: sh makeUserland.sh bullseye|bookworm|trixie [--cached]
# One that is not in the cache is made first, which takes most of a minute and a registry; who asks meanwhile waits. With
# --cached nothing is made, and nothing printed where none is there. The folder is named after the recipe below, so that
# a changed one makes it anew and disturbs nobody who runs the old.
set -eu
suite=$1
cache=${VPS_FIREWALL_LAB_CACHE:-/var/cache/vps-firewall-lab}
userland=$cache/$suite-$(sed '1,/^# The recipe/d' "$0" | sha256sum | cut -c1-12)

if [ -d "$userland" ]; then
    touch "$userland" # in use
    echo "$userland"
    exit
fi
[ "${2:-}" != --cached ] || exit 0
if [ -z "${LAB_MAKING:-}" ]; then
    # With its own mounts and processes, all of which end with this one.
    LAB_MAKING=1 exec unshare --mount --pid --fork --kill-child sh "$0" "$suite"
fi
mkdir -p "$cache"
exec 9>"$cache/$suite.lock"
flock 9
[ ! -d "$userland" ] || exec sh "$0" "$suite" # made meanwhile
# Under the lock: what is half made belongs to a process that was killed, and what nobody used for a day is old.
find "$cache" -mindepth 1 -maxdepth 1 -name ".$suite-*" -exec rm -rf {} +
find "$cache" -mindepth 1 -maxdepth 1 -name "$suite*" -type d -mtime +0 -exec rm -rf {} +
half=$(mktemp -d "$cache/.$suite-XXXXXX")
log=$cache/$suite.log

# The recipe: systemd and what belongs to it on a real server, both packet filters, what the tests call.
packages=systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,sudo,ifupdown,iproute2,procps,nftables,iptables
packages=$packages,busybox,libfaketime
debootstrap --variant=minbase --include="$packages" "$suite" "$half" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    echo "debootstrap could not make the userland of Debian $suite; its whole output is in $log" >&2
    exit 1
}
# Nothing that starts by itself while a test measures, and nothing that belongs to the machine.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-tmpfiles-clean.timer getty@.service console-getty.service getty-static.service \
    user@.service sys-fs-fuse-connections.mount dev-hugepages.mount; do
    ln -sf /dev/null "$half/etc/systemd/system/$unit"
done
rm -rf "$half"/var/cache/apt/* "$half"/var/lib/apt/lists/* "$half"/etc/ssh/ssh_host_* "$half"/etc/machine-id
chmod 755 "$half"
mv "$half" "$userland"
echo "$userland"
