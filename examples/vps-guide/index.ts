import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";

const server = new FirewallTemplate("server", {
    // Minimum: ssh, http, https. The others are the guide's optional rows "for a web server"; take those that you run.
    // - Source 0.0.0.0/0 is IPv4 alone: presets are for both families.
    // - Source port Any and destination VPS IP are what a rule means that names neither.
    // - dns: the guide opens tcp alone, and most queries come over udp.
    // - imap, pop3, ftp: cleartext, which the preview says. Better: imaps, pop3s, and sftp over ssh.
    extends: ["minimum", "dns", "smtp", "imap", "pop3", "ftp"],
    // The guide's row for port 21 transfers no file in passive mode: set this range in the FTP server too.
    rules: { "ftp-passive": { protocol: "tcp", ports: "50000-50100" } },
});

new HostFirewall("vps-1", {
    connection: { host: "192.0.2.10", user: "root" },
    templates: [server],
    // Inbound, the guide prints no row for the rest: it is dropped. Outbound, its row "All" is the default action, also
    // for IPv6. Replies, loopback and ICMP errors, of which it says nothing, are the base of every host.
    defaults: { ingress: "drop", egress: "accept" },
});
