#!/bin/sh -e
# Makes the namespace of namespace.sh one in which packets are forwarded, then becomes the command given behind the names of
# its interfaces. The mark of a packet says by which of them it leaves, whatever address it is for: its second hexadecimal
# digit is the interface's number, from 1 on.
interfaces=$1
shift

set_value() { echo "$2" >"/proc/sys/net/$1"; }
set_value ipv4/conf/all/forwarding 1
set_value ipv6/conf/all/forwarding 1
set_value ipv4/conf/all/send_redirects 0

number=0
for interface in $interfaces; do
    number=$((number + 1))
    if [ "$interface" != tap0 ]; then
        ip tuntap add dev "$interface" mode tap
        ip link set "$interface" address 02:00:00:00:00:01 arp off up
    fi
    for name in send_redirects rp_filter; do
        set_value "ipv4/conf/$interface/$name" 0
    done
    for name in route_localnet accept_local; do
        set_value "ipv4/conf/$interface/$name" 1
    done
    for family in -4 -6; do
        ip "$family" rule add fwmark "$((number * 16))/0xf0" lookup "$((100 + number))" pref 2
        ip "$family" route add default dev "$interface" table "$((100 + number))"
    done
done

# What this host itself answers leaves by tap0, from an address of its own.
ip address add 198.18.0.1/32 dev tap0
ip address add 2001:db8:ffff:ffff::1/128 dev tap0 nodad

exec "$@"
