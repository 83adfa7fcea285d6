# shellcheck shell=sh
# Who else filters here, and who listens.

say_managers() {
    ! grep -qi '^ENABLED=yes' /etc/ufw/ufw.conf 2>/dev/null || say manager ufw
    if [ -d /sys/class/net/docker0 ] || [ -S /run/docker.sock ]; then say manager docker; fi
    # The kernel keeps 15 characters of a name.
    cat /proc/[0-9]*/comm 2>/dev/null | sort -u | while read -r name; do
        case $name in
            firewalld | tailscaled | kube-proxy | sshguard) say manager "$name" ;;
            fail2ban-server) say manager fail2ban ;;
            crowdsec-firewa) say manager crowdsec ;;
            lfd) say manager csf ;;
        esac
    done
    nft list tables 2>/dev/null | while read -r _ family name; do
        [ "$family $name" = "inet vps_firewall" ] || say table "$family $name"
    done
    for family in ip ip6; do
        while read -r name; do say table "$family $name (iptables-legacy)"; done 2>/dev/null <"/proc/net/${family}_tables_names"
    done
}

# What ss prints, or where there is no ss, the kernel's own tables: states 0A (listening) and 07 (an unconnected UDP socket).
say_listeners() {
    if has ss; then
        ss -H -l -t -u -n -p 2>/dev/null | section listeners
    else
        for protocol in tcp tcp6 udp udp6; do
            sed -n "s/^ *[0-9]*: \([0-9A-F]*:[0-9A-F]*\) [0-9A-F]*:[0-9A-F]* \(0A\|07\) .*/$protocol \2 \1/p" "/proc/net/$protocol" 2>/dev/null
        done | section sockets
    fi
}
