import type { Plan } from "../../../targets/ssh/protocol";

export const RESOURCE = "11111111-2222-3333-4444-555555555555";

/** A small ruleset by hand, in the form that the dialect renders: ssh and the given port are open. */
export function ruleset(applyId: string, port: number, resource = RESOURCE): string {
    return `table inet vps_firewall
delete table inet vps_firewall
table inet vps_firewall {
    chain vpsfw_mark {
        return comment "vpsfw1 o=0123456789abcdef r=${resource} a=${applyId} d=${String(port).padStart(16, "0")}"
    }
    chain input {
        type filter hook input priority filter; policy drop;
        iifname "lo" accept
        ct state established accept
        tcp dport 22 counter accept comment "web/ssh"
        tcp dport ${port} counter accept comment "web/open"
        counter drop
    }
}
`;
}

export function planFor(applyId: string, port: number): Plan {
    const forward = ruleset(applyId, port);
    return { forward, boot: forward, manifest: { port } };
}

/** What others keep in the packet filter. */
export const FOREIGN = `table ip filter {
    chain FORWARD { type filter hook forward priority 0; policy drop; }
    chain DOCKER {
        ip daddr 172.17.0.2 tcp dport 80 counter accept
    }
}
table inet f2b-table {
    set addr-set-sshd {
        type ipv4_addr
        elements = { 203.0.113.9, 203.0.113.10 }
    }
    chain f2b-chain {
        type filter hook input priority -1
        tcp dport 22 ip saddr @addr-set-sshd reject
    }
}
`;
