import type { LabHost } from "../../lab";
import { sortedOthers } from "./listing";

/** Another firewall that runs on a host of the userland "managers", opens ssh and closes the rest. */
export interface Manager {
    readonly name: string;
    /** The services that it is, where these are not called like it. */
    readonly units?: readonly string[];
    /** Installs, configures and starts it, for the next boot too. */
    readonly start: string;
    /** Prints whether it filters and whether the next boot has it filter. */
    readonly state: string;
    readonly on: string;
    readonly off: string;
}

const unit = (name: string) => `systemctl is-enabled ${name}; systemctl is-active ${name}`;

export const MANAGERS: readonly Manager[] = [
    {
        name: "ufw",
        start: "ufw allow 22/tcp && systemctl enable --now ufw && ufw --force enable",
        state: "ufw status | head -n 1; grep ^ENABLED /etc/ufw/ufw.conf",
        on: "Status: active\nENABLED=yes\n",
        off: "Status: inactive\nENABLED=no\n",
    },
    {
        name: "firewalld",
        start: "systemctl enable --now firewalld && firewall-cmd --state",
        state: unit("firewalld"),
        on: "enabled\nactive\n",
        off: "disabled\ninactive\n",
    },
    {
        name: "netfilter-persistent",
        start: `dpkg -r ufw && DEBIAN_FRONTEND=noninteractive dpkg -i /opt/packages/*.deb
for family in 4 6; do printf '*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:office - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "the office" -j office
-A office -j ACCEPT
COMMIT
' >/etc/iptables/rules.v$family; done
systemctl restart netfilter-persistent`,
        state: "systemctl is-enabled netfilter-persistent; iptables-save | grep -c 'the office' || true",
        on: "enabled\n1\n",
        off: "disabled\n0\n",
    },
    {
        name: "nftables",
        start: `cat >/etc/nftables.conf <<'END'
#!/usr/sbin/nft -f
flush ruleset
define office = { 10.0.0.0/8, 203.0.113.0/24 }
table inet filter {
    set known { type ipv4_addr; flags interval; elements = $office; }
    chain input {
        type filter hook input priority 0; policy drop;
        iif lo accept
        ct state established,related accept
        meta l4proto ipv6-icmp accept
        ip saddr @known tcp dport 22 accept
        tcp dport 22 limit rate 10/second accept
    }
    chain forward { type filter hook forward priority 0; policy drop
    }
}
table ip nat {
    chain postrouting { type nat hook postrouting priority 100; oifname "eth1" masquerade
    }
}
END
systemctl enable --now nftables`,
        state: "systemctl is-enabled nftables; nft list tables | grep -c 'inet filter' || true",
        on: "enabled\n1\n",
        off: "disabled\n0\n",
    },
];

export async function mustRun(host: LabHost, script: string): Promise<string> {
    const { code, stdout, stderr } = await host.run(script);
    if (code !== 0) throw new Error(`${script}: exit ${code} ${stderr}`);
    return stdout;
}

/** What the manager says of itself, and all that it has in the packet filters. */
export async function traceOf(host: LabHost, manager: Manager): Promise<{ state: string; rules: string[] }> {
    return { state: (await host.run(manager.state)).stdout, rules: await sortedOthers(host) };
}
