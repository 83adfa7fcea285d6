#!/bin/sh -e
# Makes a fresh network namespace one in which any packet can be offered to the input and the output hook, then becomes
# the command given. Whatever is written to tap0 arrives: every address is ours, every source may come, and answers leave
# by tap0 again, whomever they are for.
[ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$PPID/ns/net")" ] || {
    echo "this is the network of whoever called: it must not be changed" >&2
    exit 1
}

ip link set lo up
ip tuntap add dev tap0 mode tap
# arp off: nobody answers there. The queue holds the answers to a whole batch.
ip link set tap0 address 02:00:00:00:00:01 arp off txqueuelen 20000 up

set_value() { echo "$2" >"/proc/sys/net/$1"; }
for interface in all default tap0; do
    set_value "ipv4/conf/$interface/rp_filter" 0
done
for interface in all tap0; do
    set_value "ipv4/conf/$interface/accept_local" 1
done
set_value ipv4/conf/tap0/route_localnet 1
# A reset that leaves takes the connection that it answers into the tables. It is forgotten at once, so that no probe
# belongs to one that was before.
for state in syn_sent syn_recv established fin_wait close_wait last_ack time_wait close max_retrans unacknowledged; do
    set_value "netfilter/nf_conntrack_tcp_timeout_$state" 0
done
set_value ipv4/icmp_ratelimit 0
set_value ipv4/icmp_msgs_per_sec 100000000
set_value ipv4/icmp_msgs_burst 100000000
set_value ipv6/icmp/ratelimit 0

# What this host sends does not come back to it, though every address is its own: it looks in a table of its own first.
for family in -4 -6; do
    ip "$family" rule add iif lo lookup 99 pref 1
    ip "$family" rule add lookup local pref 10
    ip "$family" rule del pref 0
    ip "$family" route add default dev tap0 table 99
    # In the table `local`: elsewhere an address does not count as ours, and REJECT stays silent.
    ip "$family" route add local default dev lo table local
done
# Link-local addresses need a route by the right device.
ip -6 route add local fe80::/10 dev tap0 table local

exec "$@"
