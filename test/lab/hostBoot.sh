#!/bin/sh
# One boot of a lab host: PID 1 of new network, mount, PID, UTS and IPC namespaces on the host's disk (hostDisk.sh).
# A plain host brings up its network, starts sshd and /etc/rc.local, then only reaps until its standard input ends;
# else systemd takes this script's place, in a cgroup of its own.
set -eu
umask 022

if [ "$LAB_KIND" = systemd ] && [ -z "${LAB_IN_CGROUP:-}" ]; then
    mkdir "$LAB_SCRATCH/cgroup/$LAB_CGROUP"
    echo 0 >"$LAB_SCRATCH/cgroup/$LAB_CGROUP/cgroup.procs"
    LAB_IN_CGROUP=yes exec unshare --cgroup sh "$0"
fi

cd "$LAB_SCRATCH/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 net/tun:10:200; do
    name=${device%%:*}
    numbers=${device#*:}
    mkdir -p "$(dirname "dev/$name")"
    mknod -m 666 "dev/$name" c "${numbers%:*}" "${numbers#*:}"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir -p run/sshd run/lock
cat proc/sys/kernel/random/uuid >run/boot-id
chmod 444 run/boot-id
mount --bind run/boot-id proc/sys/kernel/random/boot_id
rm run/boot-id
hostname "$LAB_NAME"

echo mounted
read -r _ # until eth0 has been put into this namespace
set_net() { # SETTING VALUE; a container may forbid it
    [ ! -w "proc/sys/net/$1" ] || echo "$2" 2>/dev/null >"proc/sys/net/$1" || true
}
for scope in all default eth0; do
    set_net "ipv6/conf/$scope/disable_ipv6" 0
    set_net "ipv6/conf/$scope/accept_dad" 0
done
# Every refusal is to be seen: the kernel sends a peer only a few ICMP errors a second otherwise.
set_net ipv4/icmp_ratelimit 0
set_net ipv6/icmp/ratelimit 0
if [ "$LAB_KIND" = plain ]; then
    ip -batch - <<NETWORK
link set lo up
link set eth0 up
addr add $LAB_IPV4 dev eth0
addr add $LAB_IPV6 dev eth0 nodad
route add default via $LAB_GATEWAY4
route add ::/0 via $LAB_GATEWAY6
NETWORK
else
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -o remount,bind,ro sys # so that systemd knows the devices are not its own to look after
    # Settings of the network are the host's own, all others are the machine's.
    mount --rbind proc/sys proc/sys
    mount --bind proc/sys/net proc/sys/net
    mount -o remount,bind,ro proc/sys
fi

mkdir run/.machine
pivot_root . run/.machine
cd /
umount -l /run/.machine
rmdir /run/.machine

# Newer sshd refuses an address for a while after failed logins, which tests of failed logins can't use.
if ! grep -q PerSourcePenalties /etc/ssh/sshd_config && /usr/sbin/sshd -t -o PerSourcePenalties=no 2>/dev/null; then
    echo 'PerSourcePenalties no' >>/etc/ssh/sshd_config
fi

if [ "$LAB_KIND" = systemd ]; then
    # Never the machine's clock, modules or kernel log.
    exec env -i container=lab PATH="$PATH" setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-syslog \
        /sbin/init </dev/null >/dev/null 2>&1
fi

/usr/sbin/sshd -E /run/sshd.log
until [ -s /run/sshd.pid ]; do sleep 0.01; done # it listens once that is written, later than the command returns
[ ! -x /etc/rc.local ] || /etc/rc.local </dev/null >/run/rc.local.log 2>&1 || true
echo ready

# Waiting for one child reaps every orphan too. It lives on while a clean reboot ends the others.
exec 3<&0
(trap '' TERM && exec cat) <&3 >/dev/null &
wait $!
