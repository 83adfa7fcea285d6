#!/bin/sh
# PID 1 of a lab host: makes the host's own file system, waits for its network, starts sshd, then only reaps.
# It lives exactly as long as its standard input: when the process that opened the lab dies, however it dies, the input
# ends, this script ends, and the kernel ends every process, mount and interface of these namespaces with it.
set -eu
umask 022

# Own file system: the machine's root below, everything written goes to a tmpfs that only this mount namespace sees.
mount -t tmpfs -o mode=755 lab "$LAB_SCRATCH"
cd "$LAB_SCRATCH"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" root
cd root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs home
mount -t tmpfs -o mode=700 tmpfs root
mkdir .machine
pivot_root . .machine
umount -l /.machine
rmdir /.machine

# Own identity, and nothing of ours that the machine itself may have.
hostname "$LAB_NAME"
echo "$LAB_NAME" >/etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n%s %s\n' "${LAB_IPV4%/*}" "$LAB_NAME" >/etc/hosts
rm -f /etc/machine-id
echo "$LAB_MACHINE_ID" >/etc/machine-id
rm -rf /var/lib/vps-firewall /etc/ssh
mkdir -p /etc/ssh /run/sshd /run/lock

# What such a host runs when it boots; nobody does here.
printf '#!/bin/sh\nexit 0\n' >/etc/rc.local
chmod 755 /etc/rc.local

allowKey() { # HOME OWNER
    mkdir -p "$1/.ssh"
    echo "$LAB_AUTHORIZED_KEY" >"$1/.ssh/authorized_keys"
    chmod 700 "$1" "$1/.ssh"
    chown -R "$2" "$1"
}
sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow # a locked root may not log in by key either
allowKey /root root:root
if [ -n "$LAB_SUDO" ]; then
    echo 'deploy:x:1500:1500::/home/deploy:/bin/sh' >>/etc/passwd
    echo 'deploy:x:1500:' >>/etc/group
    echo 'deploy:*:19000:0:99999:7:::' >>/etc/shadow
    mkdir /home/deploy
    allowKey /home/deploy deploy:deploy
    if [ "$LAB_SUDO" = passwordless ]; then
        echo 'deploy ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/deploy
        chmod 440 /etc/sudoers.d/deploy
    fi
fi

case "$LAB_NFT" in
installed) ;;
absent) rm -f /usr/sbin/nft ;;
*) # the real nft that says it is an older one
    mv /usr/sbin/nft /usr/sbin/nft.real
    cat >/usr/sbin/nft <<WRAPPER
#!/bin/sh
case "\$1" in -v | --version | -V) echo "nftables v$LAB_NFT (Lab)" && exit ;; esac
exec /usr/sbin/nft.real "\$@"
WRAPPER
    chmod 755 /usr/sbin/nft
    ;;
esac

cat >/etc/ssh/sshd_config <<CONFIG
$LAB_SSHD_CONFIG
Port $LAB_PORT
PidFile /run/sshd.pid
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp
CONFIG
for type in ed25519 ecdsa rsa; do
    case "$type" in rsa) bits="-b 2048" ;; *) bits="" ;; esac # quick to make
    ssh-keygen -q -t "$type" $bits -N '' -C "$LAB_NAME" -f "/etc/ssh/ssh_host_${type}_key" &
done
wait
# Newer sshd refuses an address for a while after failed logins, which tests of failed logins can't use.
if /usr/sbin/sshd -t -o PerSourcePenalties=no 2>/dev/null; then
    echo 'PerSourcePenalties no' >>/etc/ssh/sshd_config
fi

echo mounted
read -r _ # until eth0 has been put into this namespace
set_net() { # SETTING VALUE; a container may forbid it
    [ ! -w "/proc/sys/net/$1" ] || echo "$2" 2>/dev/null >"/proc/sys/net/$1" || true
}
for scope in all default eth0; do
    set_net "ipv6/conf/$scope/disable_ipv6" 0
    set_net "ipv6/conf/$scope/accept_dad" 0
done
# Every refusal is to be seen: the kernel sends a peer only a few ICMP errors a second otherwise.
set_net ipv4/icmp_ratelimit 0
set_net ipv6/icmp/ratelimit 0
ip -batch - <<NETWORK
link set lo up
link set eth0 up
addr add $LAB_IPV4 dev eth0
addr add $LAB_IPV6 dev eth0 nodad
route add default via $LAB_GATEWAY4
route add ::/0 via $LAB_GATEWAY6
NETWORK

/usr/sbin/sshd -E /var/log/sshd.log
until [ -s /run/sshd.pid ]; do sleep 0.01; done # it listens once that is written, later than the command returns
cat /etc/ssh/ssh_host_*_key.pub
echo ready

# Waiting for one child reaps every orphan too.
exec 3<&0
cat <&3 >/dev/null &
wait $!
