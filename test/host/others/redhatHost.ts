import type { Lab, LabHost } from "../../lab";
import { type Manager, mustRun } from "./managers";

/**
 * What a host of the Red Hat family has where Debian has something else, on a Debian userland: bash as `sh`, sudo with a
 * `secure_path`, iptables of the nft variant alone, and the files and units of iptables-services and nftables as their packages
 * and Red Hat's manuals lay them out. The scripts behind the units were written here, to do what is documented of those.
 */
export async function addRedHatHost(lab: Lab, name: string): Promise<LabHost> {
    const host = await lab.addHost(name, {
        kind: "systemd",
        userland: "bookworm",
        iptables: "nft",
        sudo: "passwordless",
    });
    await mustRun(host, LAYOUT);
    return host;
}

/** Each of the services begins with what its package brings; `start` gives it rules that open ssh and close the rest. */
const LAYOUT = `
ln -sf bash /bin/sh
rm -f /usr/sbin/*legacy* /etc/nftables.conf
echo 'Defaults secure_path = /sbin:/bin:/usr/sbin:/usr/bin' >/etc/sudoers.d/redhat
mkdir -p /etc/sysconfig /etc/nftables /usr/libexec/iptables /usr/libexec/initscripts/legacy-actions/iptables
printf '# Uncomment the include statement here to load the default config sample\\n# include "/etc/nftables/main.nft"\\n' >/etc/sysconfig/nftables.conf
chmod 600 /etc/sysconfig/nftables.conf

cat >/usr/libexec/iptables/iptables.init <<'END'
#!/bin/bash
# iptables.init and its twin by the name ip6tables.init: start, stop, reload, save
family=\${0##*/}
family=\${family%.init}
file=/etc/sysconfig/$family
case $1 in
    start) [ -f $file ] && $family-restore $file ;;
    reload) $family-restore $file ;;
    save) umask 077 && $family-save >$file.new && mv $file.new $file ;;
    stop)
        for table in raw mangle nat filter security; do
            $family -t $table -F && $family -t $table -X && for chain in INPUT OUTPUT FORWARD PREROUTING POSTROUTING; do
                $family -t $table -P $chain ACCEPT
            done
        done 2>/dev/null
        true
        ;;
esac
END
chmod 755 /usr/libexec/iptables/iptables.init
ln -s iptables.init /usr/libexec/iptables/ip6tables.init
for name in iptables ip6tables; do cat >/lib/systemd/system/$name.service <<END
[Unit]
Description=firewall with $name
AssertPathExists=/etc/sysconfig/$name
Before=network-pre.target
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/libexec/iptables/$name.init start
ExecReload=/usr/libexec/iptables/$name.init reload
ExecStop=/usr/libexec/iptables/$name.init stop

[Install]
WantedBy=multi-user.target
END
done
cat >/lib/systemd/system/nftables.service <<'END'
[Unit]
Description=Netfilter Tables
Documentation=man:nft(8)
Wants=network-pre.target
Before=network-pre.target

[Service]
Type=oneshot
ProtectSystem=full
ProtectHome=true
ExecStart=/sbin/nft -f /etc/sysconfig/nftables.conf
ExecReload=/sbin/nft 'flush ruleset; include "/etc/sysconfig/nftables.conf";'
ExecStop=/sbin/nft flush ruleset
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload`;

export const REDHAT_MANAGERS: readonly Manager[] = [
    {
        name: "iptables-services",
        units: ["iptables", "ip6tables"],
        start: `for family in iptables ip6tables; do
case $family in iptables) icmp=icmp prohibited=icmp-host-prohibited ;; *) icmp=ipv6-icmp prohibited=icmp6-adm-prohibited ;; esac
cat >/etc/sysconfig/$family <<END
# what the package brings
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p $icmp -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT --reject-with $prohibited
-A FORWARD -j REJECT --reject-with $prohibited
COMMIT
END
done
systemctl enable --now iptables ip6tables`,
        state: `systemctl is-enabled iptables ip6tables
(iptables-save; ip6tables-save) | grep -c -- '--dport 22 -j ACCEPT' || true`,
        on: "enabled\nenabled\n2\n",
        off: "disabled\ndisabled\n0\n",
    },
    {
        name: "nftables",
        start: `cat >/etc/nftables/main.nft <<'END'
# drop any existing nftables ruleset
flush ruleset
include "/etc/nftables/names.nft"
table inet nftables_svc {
    set allowed_interfaces { type ifname; elements = { "lo" }
    }
    set allowed_tcp_dports { type inet_service; elements = { $opened }
    }
    chain allow {
        ct state established,related accept
        meta l4proto { icmp, ipv6-icmp } accept
        iifname @allowed_interfaces accept
        tcp dport @allowed_tcp_dports accept
    }
    chain INPUT {
        type filter hook input priority filter + 20; policy accept
        jump allow
        reject with icmpx type port-unreachable
    }
}
include "nftables/nat*.nft"
END
echo 'define opened = { 22, 9090 }' >/etc/nftables/names.nft
cat >/etc/nftables/nat.nft <<'END'
table ip nftables_svc {
    chain POSTROUTING { type nat hook postrouting priority srcnat + 20; policy accept
        oifname "eth1" masquerade
    }
}
END
sed -i 's/^# include/include/' /etc/sysconfig/nftables.conf
systemctl enable --now nftables`,
        state: "systemctl is-enabled nftables; nft list tables | grep -c nftables_svc || true",
        on: "enabled\n2\n",
        off: "disabled\n0\n",
    },
];
