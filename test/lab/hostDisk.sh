#!/bin/sh
# The hardware of a lab host: its disk, which outlives its boots, and the process namespace around all that runs on it.
# It lives exactly as long as its standard input: when the process that opened the lab dies, however it dies, the input
# ends, this script ends, and the kernel ends every process, mount and interface of the host with it.
set -eu
umask 022

# The disk: a userland below, everything written goes to a tmpfs that only this mount namespace sees.
mount -t tmpfs -o mode=755,size=50%,nr_inodes=1m lab "$LAB_SCRATCH"
cd "$LAB_SCRATCH"
mkdir upper work root home superuser cgroup
mount -t overlay overlay -o "lowerdir=$LAB_LOWER,upperdir=$PWD/upper,workdir=$PWD/work" root
chmod 700 superuser
mount --bind home root/home
mount --bind superuser root/root
if [ "$LAB_KIND" = systemd ]; then mount -t cgroup2 cgroup2 cgroup; fi

# Its programs: with busybox as the userland nothing but that, sshd and the packet filters.
if [ "$LAB_USERLAND" = busybox ]; then
    mkdir bin sbin
    cp root/usr/bin/busybox bin
    cp root/usr/sbin/sshd root/usr/sbin/nft sbin
    cp -P root/usr/sbin/xtables-*-multi root/usr/sbin/iptables* root/usr/sbin/ip6tables* sbin
    rm -f sbin/ip*tables-apply # a script for bash
    for applet in $(busybox --list); do
        [ -e "bin/$applet" ] || [ -e "sbin/$applet" ] || ln -s busybox "bin/$applet"
    done
    mount --bind bin root/usr/bin
    mount --bind sbin root/usr/sbin
    sed -i 's#:/bin/bash$#:/bin/sh#' root/etc/passwd # sshd refuses a user whose shell is not there
fi

# Own identity, and nothing of ours that the machine itself may have.
echo "$LAB_NAME" >root/etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n%s %s\n' "${LAB_IPV4%/*}" "$LAB_NAME" >root/etc/hosts
rm -f root/etc/machine-id root/etc/rc.local
echo "$LAB_MACHINE_ID" >root/etc/machine-id
rm -rf root/var/lib/vps-firewall root/etc/ssh
mkdir -p root/etc/ssh
if [ "$LAB_KIND" = plain ]; then # what it runs at the end of a boot
    printf '#!/bin/sh\nexit 0\n' >root/etc/rc.local
    chmod 755 root/etc/rc.local
fi
ln -sf /run/sshd.log root/var/log/sshd.log

allowKey() { # HOME OWNER
    mkdir -p "$1/.ssh"
    echo "$LAB_AUTHORIZED_KEY" >"$1/.ssh/authorized_keys"
    chmod 700 "$1" "$1/.ssh"
    chown -R "$2" "$1"
}
sed -i 's/^root:[^:]*:/root:*:/' root/etc/shadow # a locked root may not log in by key either
allowKey root/root 0:0
if [ -n "$LAB_SUDO" ]; then
    echo 'deploy:x:1500:1500::/home/deploy:/bin/sh' >>root/etc/passwd
    echo 'deploy:x:1500:' >>root/etc/group
    echo 'deploy:*:19000:0:99999:7:::' >>root/etc/shadow
    mkdir root/home/deploy
    allowKey root/home/deploy 1500:1500
    if [ "$LAB_SUDO" = passwordless ]; then
        echo 'deploy ALL=(ALL) NOPASSWD: ALL' >root/etc/sudoers.d/deploy
        chmod 440 root/etc/sudoers.d/deploy
    fi
fi

case "$LAB_IPTABLES" in
installed) ;;
absent) rm -f root/usr/sbin/iptables* root/usr/sbin/ip6tables* ;;
*)
    for end in '' -save -restore; do
        ln -sf "iptables-$LAB_IPTABLES$end" "root/usr/sbin/iptables$end"
        ln -sf "ip6tables-$LAB_IPTABLES$end" "root/usr/sbin/ip6tables$end"
    done
    ;;
esac

[ "$LAB_IPSET" = installed ] || rm -f root/usr/sbin/ipset

case "$LAB_NFT" in
installed) ;;
absent) rm -f root/usr/sbin/nft ;;
*) # the real nft that says it is an older one
    mv root/usr/sbin/nft root/usr/sbin/nft.real
    cat >root/usr/sbin/nft <<WRAPPER
#!/bin/sh
case "\$1" in -v | --version | -V) echo "nftables v$LAB_NFT (Lab)" && exit ;; esac
exec /usr/sbin/nft.real "\$@"
WRAPPER
    chmod 755 root/usr/sbin/nft
    ;;
esac

case "$LAB_KIND" in systemd) pam=yes ;; *) pam=no ;; esac
cat >root/etc/ssh/sshd_config <<CONFIG
$LAB_SSHD_CONFIG
Port $LAB_PORT
PidFile /run/sshd.pid
UsePAM $pam
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
    ssh-keygen -q -t "$type" $bits -N '' -C "$LAB_NAME" -f "root/etc/ssh/ssh_host_${type}_key" &
done
wait

# What ifupdown brings up, where a service manager runs it.
if [ "$LAB_KIND" = systemd ]; then
    # Each watches a folder, and a user has only 128 inotify instances (fs.inotify.max_user_instances).
    ln -sf /dev/null root/etc/systemd/system/systemd-ask-password-console.path
    ln -sf /dev/null root/etc/systemd/system/systemd-ask-password-wall.path
    cat >root/etc/network/interfaces <<INTERFACES
auto lo
iface lo inet loopback
auto eth0
iface eth0 inet static
    address $LAB_IPV4
    gateway $LAB_GATEWAY4
iface eth0 inet6 static
    address $LAB_IPV6
    gateway $LAB_GATEWAY6
    dad-attempts 0
    accept_ra 0
INTERFACES
fi

cat root/etc/ssh/ssh_host_*_key.pub
echo installed

# Waiting for one child reaps every orphan too.
exec 3<&0
cat <&3 >/dev/null &
wait $!
