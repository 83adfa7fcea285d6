import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";

// Who may log in: your own network and the address you deploy from.
const office = new AddressSet("office", { entries: ["192.0.2.200", "198.51.100.0/24", "2001:db8:77::/48"] });

const web = new FirewallTemplate("web", {
    rules: {
        ssh: { service: "ssh", from: office },
        web: { service: ["http", "https"] },
        quic: { protocol: "udp", ports: 443 },
        scanners: { action: "drop", from: ["203.0.113.0/24"] },
        metrics: "accept tcp from 10.0.0.0/8 to port 9100", // the line that previews print is accepted as well
    },
});

for (const host of ["192.0.2.10", "192.0.2.11"]) {
    new HostFirewall(host, { connection: { host, user: "root" }, templates: [web] });
}
