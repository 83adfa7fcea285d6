import * as pulumi from "@pulumi/pulumi";
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";

const config = new pulumi.Config();

// Who reaches the databases: the guide opens them to everybody "if you need to".
const office = new AddressSet("office", { entries: ["198.51.100.0/24", "2001:db8:77::/48"] });

// The guide answers ping or does not, for all of ICMP. Here errors always pass, and ping has a limit for each source.
const ping = { service: "ping", limit: "5/second burst 10 per source" };

const server = new FirewallTemplate("server", {
    rules: {
        // The guide's table forgets port 22. Its place among the rules does not matter; without it the update is refused.
        ssh: { service: "ssh" },
        web: { service: ["http", "https"] },
        smtp: { service: "smtp" },
        // The guide opens tcp alone, and most queries come over udp: `dns` is both.
        dns: { service: "dns" },
        // pop3, imap and imap3 of the table are cleartext or obsolete, and 587 and 995 are missing.
        mail: { service: ["imaps", "pop3s", "submission", "smtps"] },
        // ftp-data is not here, since no client connects to port 20; passive mode needs the range of the FTP server.
        ftp: { service: "ftp" },
        "ftp-passive": { protocol: "tcp", ports: "50000-50100" },
        svn: { service: "svn" },
        data: { service: ["mysql", "postgresql", "ldap"], from: office },
        // The guide's Tomcat "directly": it goes past the web server, so not for everybody.
        webcache: { service: "webcache", from: office },
        ...(config.getBoolean("ping") ? { ping } : {}),
    },
});

// What stands here instead of the guide's other commands:
// - `--sport 25`, `--sport 53`: these let anybody in who sends from such a port. Replies pass by the base, all of them.
// - `--source` (localhost): the base accepts by the loopback interface, ::1 and the server's own addresses too.
// - `-j DROP` as the last rule: the default action, so what is added later still counts; for IPv6 as well.
// - save, start, chkconfig: a change that a new connection has confirmed is loaded at boot, before the network.
new HostFirewall("eapps-1", {
    connection: { host: "192.0.2.10", user: "root" },
    templates: [server],
    defaults: { ingress: "drop", egress: "accept" },
});
