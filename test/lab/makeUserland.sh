#!/bin/sh
# Prints the folder of a Debian userland for lab hosts: sh makeUserland.sh NAME [--cached]
#   bullseye | bookworm | trixie      as it is on a server
#   managers                          bookworm with the other programs that filter packets
#   docker20 | docker26 | docker28    bookworm, trixie or forky with its Docker, and Podman
# One that is not in the cache is made first, which takes most of a minute and a registry; who asks meanwhile waits. With
# --cached nothing is made, and nothing printed where none is there. The folder is named after the recipe below, so that
# a changed one makes it anew and disturbs nobody who runs the old.
set -eu
name=$1
cache=${VPS_FIREWALL_LAB_CACHE:-/var/cache/vps-firewall-lab}
userland=$cache/$name-$(sed '1,/^# The recipe/d' "$0" | sha256sum | cut -c1-12)

if [ -d "$userland" ]; then
    touch "$userland" # in use
    echo "$userland"
    exit
fi
[ "${2:-}" != --cached ] || exit 0
if [ -z "${LAB_MAKING:-}" ]; then
    # With its own mounts and processes, all of which end with this one.
    LAB_MAKING=1 exec unshare --mount --pid --fork --kill-child sh "$0" "$name"
fi
mkdir -p "$cache"
exec 9>"$cache/$name.lock"
flock 9
[ ! -d "$userland" ] || exec sh "$0" "$name" # made meanwhile
# Under the lock: what is half made belongs to a process that was killed, and what nobody used for a day is old.
find "$cache" -mindepth 1 -maxdepth 1 -name ".$name-*" -exec rm -rf {} +
find "$cache" -mindepth 1 -maxdepth 1 -name "$name-*" -type d -mtime +0 -exec rm -rf {} +
half=$(mktemp -d "$cache/.$name-XXXXXX")
log=$cache/$name.log

# The recipe: systemd and what belongs to it on a real server, both packet filters, what the tests call.
packages=systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,sudo,ifupdown,iproute2,procps,nftables,iptables
packages=$packages,ipset,busybox,libfaketime
case $name in
managers)
    suite=bookworm
    packages=$packages,fail2ban,python3-systemd,ufw,firewalld
    ;;
docker20 | docker26 | docker28)
    case $name in docker20) suite=bookworm ;; docker26) suite=trixie packages=$packages,docker-cli ;; *) suite=forky packages=$packages,docker-cli ;; esac
    packages=$packages,docker.io,podman,netavark,crun,ca-certificates
    ;;
*) suite=$name ;;
esac
# An old debootstrap has no script of its own for a new release; they are all the same.
script=/usr/share/debootstrap/scripts/$suite
[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
debootstrap --variant=minbase --include="$packages" "$suite" "$half" "" "$script" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    echo "debootstrap could not make the userland $name of Debian $suite; its whole output is in $log" >&2
    exit 1
}
# Nothing that starts by itself while a test measures, and nothing that belongs to the machine.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-tmpfiles-clean.timer getty@.service console-getty.service getty-static.service \
    user@.service sys-fs-fuse-connections.mount dev-hugepages.mount; do
    ln -sf /dev/null "$half/etc/systemd/system/$unit"
done
case $name in docker*) systemctl --root="$half" disable --quiet docker containerd docker.socket podman podman.socket >>"$log" 2>&1 || : ;; esac
if [ "$name" = managers ]; then
    # Each is off until a test starts it.
    systemctl --root="$half" disable --quiet fail2ban ufw firewalld
    # ufw and these exclude each other: a host installs them itself, by `dpkg`, once it has removed ufw.
    mkdir "$half/opt/packages"
    # shellcheck disable=SC2016
    chroot "$half" sh -c '
        apt-get update && apt-get install -y --download-only iptables-persistent netfilter-persistent &&
            mv /var/cache/apt/archives/*-persistent_*.deb /opt/packages' >>"$log" 2>&1 </dev/null
fi
rm -rf "$half"/var/cache/apt/* "$half"/var/lib/apt/lists/* "$half"/etc/ssh/ssh_host_* "$half"/etc/machine-id
chmod 755 "$half"
mv "$half" "$userland"
echo "$userland"
