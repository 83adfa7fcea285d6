import type { Plan } from "../../../targets/ssh/protocol";
import { RESOURCE } from "./rulesets";

/** A small ruleset by hand, in the form that the dialect renders: ssh and the given port are open; egress if wanted. */
export function restores(applyId: string, port: number, egress = false): string {
    const mark = `vpsfw1 o=0123456789abcdef r=${RESOURCE} a=${applyId} d=${String(port).padStart(16, "0")}`;
    const family = `*filter
:VPSFW-IN - [0:0]
${egress ? ":VPSFW-OUT - [0:0]\n" : ""}-A VPSFW-IN -m comment --comment "${mark}"
-A VPSFW-IN -i lo -m comment --comment "base:loopback" -j RETURN
-A VPSFW-IN -m conntrack --ctstate ESTABLISHED -m comment --comment "base:replies" -j RETURN
-A VPSFW-IN -p tcp -m tcp --dport 22 -m comment --comment "web/ssh" -j RETURN
-A VPSFW-IN -p tcp -m tcp --dport ${port} -m comment --comment "web/open" -j RETURN
-A VPSFW-IN -m comment --comment "default:drop" -j DROP
${egress ? '-A VPSFW-OUT -m comment --comment "default:accept" -j RETURN\n' : ""}-I INPUT 1 -j VPSFW-IN
${egress ? "-I OUTPUT 1 -j VPSFW-OUT\n" : ""}COMMIT
`;
    return `# vps-firewall ipv4\n${family}# vps-firewall ipv6\n${family}`;
}

export function iptablesPlan(applyId: string, port: number, egress = false): Plan {
    const forward = restores(applyId, port, egress);
    return { forward, boot: forward, manifest: { port } };
}

/** What others keep there, with a ban on top and a jump of theirs behind. */
export const FOREIGN_RULES = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:f2b-sshd - [0:0]
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A INPUT -p tcp -m tcp --dport 9999 -j DROP
-A FORWARD -o docker0 -j DOCKER
-A f2b-sshd -j RETURN
COMMIT
`;
