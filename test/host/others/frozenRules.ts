/**
 * The rules of programs that are not in the lab, as they write them: in nftables' own form, and for iptables-restore. IPv6 is the
 * same with other addresses. Without what changes by itself: elements that time out, and counters.
 */

/** CrowdSec's firewall bouncer; the set of a second origin, for captchas it cannot give, has nothing in it. */
const CROWDSEC_NFT = `
table ip crowdsec {
    set crowdsec-blacklists { type ipv4_addr; flags timeout; }
    set crowdsec-blacklists-CAPI { type ipv4_addr; flags timeout; elements = { 203.0.113.7, 203.0.113.8 }; }
    chain crowdsec-chain-input {
        type filter hook input priority filter - 10; policy accept;
        ip saddr @crowdsec-blacklists counter drop
        ip saddr @crowdsec-blacklists-CAPI counter drop
    }
    chain crowdsec-chain-forward {
        type filter hook forward priority filter - 10; policy accept;
        ip saddr @crowdsec-blacklists-CAPI counter log prefix "crowdsec drop " drop
    }
}
table ip6 crowdsec6 {
    set crowdsec6-blacklists { type ipv6_addr; flags timeout; elements = { 2001:db8:bad::7 }; }
    chain crowdsec6-chain-input {
        type filter hook input priority filter - 10; policy accept;
        ip6 saddr @crowdsec6-blacklists counter drop
    }
}
`;

/** kube-proxy --proxy-mode nftables, one service with two endpoints and a node port. */
const KUBE_PROXY_NFT = `
table ip kube-proxy {
    comment "rules for kube-proxy";
    set cluster-ips { type ipv4_addr; comment "Active ClusterIPs"; elements = { 10.96.0.1 }; }
    set nodeport-ips { type ipv4_addr; comment "IPs that accept NodePort traffic"; elements = { 10.77.1.10 }; }
    map service-ips {
        type ipv4_addr . inet_proto . inet_service : verdict
        comment "ClusterIP, ExternalIP and LoadBalancer IP traffic"
        elements = { 10.96.0.1 . tcp . 443 : goto service-2QRHZV4L-default/kubernetes/tcp/https }
    }
    map service-nodeports {
        type inet_proto . inet_service : verdict
        comment "NodePort traffic"
        elements = { tcp . 30443 : goto service-2QRHZV4L-default/kubernetes/tcp/https }
    }
    map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; }
    chain filter-prerouting {
        type filter hook prerouting priority -110; policy accept;
        ct state new jump firewall-check
    }
    chain filter-input {
        type filter hook input priority -110; policy accept;
        ct state new jump service-endpoints-check
        ct state new jump cluster-ips-check
    }
    chain filter-forward {
        type filter hook forward priority -110; policy accept;
        ct state new jump service-endpoints-check
        ct state new jump cluster-ips-check
    }
    chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
    chain nat-output { type nat hook output priority -100; policy accept; jump services; }
    chain nat-postrouting { type nat hook postrouting priority srcnat; policy accept; jump masquerading; }
    chain masquerading {
        meta mark & 0x00004000 == 0x00000000 return
        meta mark set meta mark ^ 0x00004000
        masquerade fully-random
    }
    chain mark-for-masquerade { meta mark set meta mark | 0x00004000; }
    chain firewall-check { return; }
    chain service-endpoints-check {
        ip daddr . meta l4proto . th dport vmap @no-endpoint-services
    }
    chain cluster-ips-check {
        ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"
    }
    chain services {
        ip daddr . meta l4proto . th dport vmap @service-ips
        ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
    }
    chain endpoint-A { ip saddr 10.244.0.5 jump mark-for-masquerade; meta l4proto tcp dnat to 10.244.0.5:6443; }
    chain endpoint-B { ip saddr 10.244.0.6 jump mark-for-masquerade; meta l4proto tcp dnat to 10.244.0.6:6443; }
    chain service-2QRHZV4L-default/kubernetes/tcp/https {
        ip saddr != 10.244.0.0/16 jump mark-for-masquerade
        numgen random mod 2 vmap { 0 : goto endpoint-A, 1 : goto endpoint-B }
    }
}
`;

/** libvirt with firewall_backend = nftables, its network "default". */
const LIBVIRT_NFT = `
table ip libvirt_network {
    chain forward {
        type filter hook forward priority filter; policy accept;
        counter jump guest_cross
        counter jump guest_input
        counter jump guest_output
    }
    chain guest_output {
        ip saddr 192.168.122.0/24 iifname "virbr0" counter accept
        iifname "virbr0" counter reject
    }
    chain guest_input {
        oifname "virbr0" ip daddr 192.168.122.0/24 ct state established,related counter accept
        oifname "virbr0" counter reject
    }
    chain guest_cross {
        iifname "virbr0" oifname "virbr0" counter accept
    }
    chain guest_nat {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr 192.168.122.0/24 ip daddr 224.0.0.0/24 counter return
        ip saddr 192.168.122.0/24 ip daddr 255.255.255.255 counter return
        meta l4proto tcp ip saddr 192.168.122.0/24 ip daddr != 192.168.122.0/24 counter masquerade to :1024-65535
        ip saddr 192.168.122.0/24 ip daddr != 192.168.122.0/24 counter masquerade
    }
}
`;

/** wg-quick up wg0, which has AllowedIPs = 0.0.0.0/0. */
const WIREGUARD_NFT = `
table ip wg-quick-wg0 {
    chain preraw {
        type filter hook prerouting priority raw; policy accept;
        iifname != "wg0" ip daddr 10.8.0.1 fib saddr type != local drop
    }
    chain premangle {
        type filter hook prerouting priority mangle; policy accept;
        meta l4proto udp meta mark set ct mark
    }
    chain postmangle {
        type filter hook postrouting priority mangle; policy accept;
        meta l4proto udp meta mark 0x0000ca6c ct mark set meta mark
    }
}
`;

/** Tailscale, where it does not write into the tables of iptables. */
const TAILSCALE_NFT = `
table ip ts-filter {
    chain ts-input {
        ip saddr 100.101.102.103 iifname "lo" counter accept
        ip saddr 100.115.92.0/23 iifname != "tailscale0" counter return
        ip saddr 100.64.0.0/10 iifname != "tailscale0" counter drop
        iifname "tailscale0" counter accept
        udp dport 41641 counter accept
    }
    chain ts-forward {
        iifname "tailscale0" counter meta mark set meta mark & 0xff00ffff ^ 0x00040000
        meta mark & 0x00ff0000 == 0x00040000 counter accept
        ip saddr 100.64.0.0/10 oifname "tailscale0" counter drop
        oifname "tailscale0" counter accept
    }
    chain INPUT { type filter hook input priority filter; policy accept; counter jump ts-input; }
    chain FORWARD { type filter hook forward priority filter; policy accept; counter jump ts-forward; }
}
`;

/** Each table apart: nft 1.0.6 wants a line break before a closing brace. */
export const FROZEN_NFT = [CROWDSEC_NFT, KUBE_PROXY_NFT, LIBVIRT_NFT, WIREGUARD_NFT, TAILSCALE_NFT]
    .join("")
    .replace(/; }$/gm, "\n}");

/** All of them in one host, Tailscale on top, as it puts itself there; CrowdSec without its sets (the kernel has no ipset). */
const FILTER = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:CROWDSEC_CHAIN - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-SERVICES - [0:0]
:LIBVIRT_FWI - [0:0]
:LIBVIRT_FWO - [0:0]
:LIBVIRT_FWX - [0:0]
:LIBVIRT_INP - [0:0]
:LIBVIRT_OUT - [0:0]
:ts-forward - [0:0]
:ts-input - [0:0]
-A INPUT -j ts-input
-A INPUT -j CROWDSEC_CHAIN
-A INPUT -j LIBVIRT_INP
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A INPUT -j KUBE-FIREWALL
-A FORWARD -j ts-forward
-A FORWARD -j LIBVIRT_FWX
-A FORWARD -j LIBVIRT_FWI
-A FORWARD -j LIBVIRT_FWO
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A OUTPUT -j LIBVIRT_OUT
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -j KUBE-FIREWALL
-A CROWDSEC_CHAIN -s @STRANGER -m comment --comment "crowdsec: it's a \\"ban\\"" -j DROP
-A KUBE-FIREWALL ! -s @LOOPBACK -d @LOOPBACK -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A LIBVIRT_FWI -d @GUESTS -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A LIBVIRT_FWI -o virbr0 -j REJECT --reject-with @UNREACHABLE
-A LIBVIRT_FWO -s @GUESTS -i virbr0 -j ACCEPT
-A LIBVIRT_FWO -i virbr0 -j REJECT --reject-with @UNREACHABLE
-A LIBVIRT_FWX -i virbr0 -o virbr0 -j ACCEPT
-A LIBVIRT_INP -i virbr0 -p udp -m udp --dport 53 -j ACCEPT
-A LIBVIRT_INP -i virbr0 -p tcp -m tcp --dport 53 -j ACCEPT
-A LIBVIRT_INP -i virbr0 -p udp -m udp --dport 67 -j ACCEPT
-A LIBVIRT_OUT -o virbr0 -p udp -m udp --dport 68 -j ACCEPT
-A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000
-A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT
-A ts-forward -s @TAILNET -o tailscale0 -j DROP
-A ts-forward -o tailscale0 -j ACCEPT
-A ts-input -s @TAILNET -i lo -j ACCEPT
-A ts-input -s @TAILNET ! -i tailscale0 -j DROP
-A ts-input -i tailscale0 -j ACCEPT
-A ts-input -p udp -m udp --dport 41641 -j ACCEPT
COMMIT
`;

const NAT = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SEP-A - [0:0]
:KUBE-SEP-B - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]
:LIBVIRT_PRT - [0:0]
:ts-postrouting - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -j ts-postrouting
-A POSTROUTING -j LIBVIRT_PRT
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
-A KUBE-SEP-A -s 10.244.0.5/32 -m comment --comment "default/kubernetes:https" -j KUBE-MARK-MASQ
-A KUBE-SEP-A -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination 10.244.0.5:6443
-A KUBE-SEP-B -s 10.244.0.6/32 -m comment --comment "default/kubernetes:https" -j KUBE-MARK-MASQ
-A KUBE-SEP-B -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination 10.244.0.6:6443
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
-A KUBE-SVC-NPX46M4PTMTKRN6Y -m comment --comment "default/kubernetes:https -> 10.244.0.5:6443" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-A
-A KUBE-SVC-NPX46M4PTMTKRN6Y -m comment --comment "default/kubernetes:https -> 10.244.0.6:6443" -j KUBE-SEP-B
-A LIBVIRT_PRT -s 192.168.122.0/24 -d 224.0.0.0/24 -j RETURN
-A LIBVIRT_PRT -s 192.168.122.0/24 ! -d 192.168.122.0/24 -p tcp -j MASQUERADE --to-ports 1024-65535
-A LIBVIRT_PRT -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE
-A ts-postrouting -m mark --mark 0x40000/0xff0000 -j MASQUERADE
COMMIT
`;

const OTHERS = `*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -p udp -m comment --comment "wg-quick(8) rule for wg0" -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff
-A POSTROUTING -p udp -m mark --mark 0xca6c -m comment --comment "wg-quick(8) rule for wg0" -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff
-A POSTROUTING -o virbr0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill
COMMIT
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -d @WG ! -i wg0 -m addrtype ! --src-type LOCAL -m comment --comment "wg-quick(8) rule for wg0" -j DROP
COMMIT
`;

const ADDRESSES = {
    4: {
        STRANGER: "203.0.113.7/32",
        LOOPBACK: "127.0.0.0/8",
        GUESTS: "192.168.122.0/24",
        TAILNET: "100.64.0.0/10",
        UNREACHABLE: "icmp-port-unreachable",
        WG: "10.8.0.1/32",
    },
    6: {
        STRANGER: "2001:db8:bad::7/128",
        LOOPBACK: "::1/128",
        GUESTS: "fd00:122::/64",
        TAILNET: "fd7a:115c:a1e0::/48",
        UNREACHABLE: "icmp6-port-unreachable",
        WG: "fd08::1/128",
    },
} as const;

/** For the restore program of a family. */
export function frozenIptables(family: 4 | 6): string {
    // What is redirected is IPv4's alone.
    const text = FILTER + (family === 4 ? NAT : "") + OTHERS;
    return text.replace(/@([A-Z]+)/g, (_, name: string) => ADDRESSES[family][name as keyof (typeof ADDRESSES)[4]]);
}
