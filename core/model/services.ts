import type { Protocol } from "./rule";

/** A named protocol and port set. Ports are those of the server (the destination of its clients). */
export interface Service {
    readonly name: string;
    readonly aliases: readonly string[];
    readonly protocols: readonly Protocol[];
    /** Ports and ranges, as text; none for ICMP. */
    readonly ports: readonly string[];
    readonly icmpTypes?: readonly string[];
    readonly description: string;
}

type Row = readonly [name: string, protocols: string, ports: string, description: string, aliases?: string];

// Numbers: IANA Service Name and Transport Protocol Port Number Registry, or the project's own documentation
// where it is not registered there.
const rows: readonly Row[] = [
    ["ssh", "tcp", "22", "Secure Shell", "sftp"],
    ["http", "tcp", "80", "web", "www"],
    ["https", "tcp", "443", "web over TLS"],
    ["http3", "udp", "443", "web over QUIC", "quic"],
    ["http-alt", "tcp", "8080", "alternative web port", "webcache tomcat"],
    ["https-alt", "tcp", "8443", "alternative web port over TLS"],
    ["ftp", "tcp", "21", "FTP control; passive data needs its own range"],
    ["ftp-data", "tcp", "20", "FTP data, active mode"],
    ["ftps", "tcp", "990", "FTP control over TLS"],
    ["telnet", "tcp", "23", "Telnet, cleartext"],
    ["smtp", "tcp", "25", "mail between servers"],
    ["submission", "tcp", "587", "mail from clients"],
    ["submissions", "tcp", "465", "mail from clients over TLS", "smtps"],
    ["pop3", "tcp", "110", "mailbox access, cleartext"],
    ["pop3s", "tcp", "995", "mailbox access over TLS"],
    ["imap", "tcp", "143", "mailbox access, cleartext"],
    ["imap3", "tcp", "220", "obsolete mailbox protocol, not IMAP4"],
    ["imaps", "tcp", "993", "mailbox access over TLS"],
    ["sieve", "tcp", "4190", "mail filter management", "managesieve"],
    ["dns", "tcp udp", "53", "name server", "domain"],
    ["dns-over-tls", "tcp", "853", "name server over TLS", "dot"],
    ["ntp", "udp", "123", "time server"],
    ["tftp", "udp", "69", "trivial file transfer"],
    ["kerberos", "tcp udp", "88", "Kerberos"],
    ["ldap", "tcp", "389", "directory"],
    ["ldaps", "tcp", "636", "directory over TLS"],
    ["snmp", "udp", "161", "network management"],
    ["snmp-trap", "udp", "162", "network management notifications"],
    ["syslog", "udp", "514", "log collection"],
    ["syslog-tls", "tcp", "6514", "log collection over TLS"],
    ["rsync", "tcp", "873", "file synchronisation daemon"],
    ["svn", "tcp", "3690", "Subversion"],
    ["git", "tcp", "9418", "Git protocol, cleartext"],
    ["nfs", "tcp", "2049", "Network File System 4"],
    ["smb", "tcp", "445", "Windows file sharing", "samba cifs"],
    ["rdp", "tcp udp", "3389", "Windows remote desktop"],
    ["vnc", "tcp", "5900-5909", "remote desktop, displays 0 to 9"],
    ["winrm", "tcp", "5985-5986", "Windows remote management"],
    ["mysql", "tcp", "3306", "MySQL and MariaDB", "mariadb"],
    ["postgresql", "tcp", "5432", "PostgreSQL", "postgres"],
    ["mssql", "tcp", "1433", "Microsoft SQL Server"],
    ["oracle-db", "tcp", "1521", "Oracle listener"],
    ["mongodb", "tcp", "27017", "MongoDB"],
    ["redis", "tcp", "6379", "Redis and Valkey", "valkey"],
    ["memcached", "tcp", "11211", "memcached"],
    ["elasticsearch", "tcp", "9200", "Elasticsearch and OpenSearch", "opensearch"],
    ["cassandra", "tcp", "9042", "Cassandra clients"],
    ["clickhouse", "tcp", "8123, 9000", "ClickHouse clients"],
    ["couchdb", "tcp", "5984", "CouchDB"],
    ["etcd", "tcp", "2379-2380", "etcd clients and peers"],
    ["kafka", "tcp", "9092", "Kafka"],
    ["amqp", "tcp", "5672", "RabbitMQ", "rabbitmq"],
    ["amqps", "tcp", "5671", "RabbitMQ over TLS"],
    ["nats", "tcp", "4222", "NATS clients"],
    ["mqtt", "tcp", "1883", "MQTT, cleartext"],
    ["mqtts", "tcp", "8883", "MQTT over TLS"],
    ["docker-tls", "tcp", "2376", "Docker API over TLS"],
    ["kubernetes-api", "tcp", "6443", "Kubernetes API server"],
    ["kubelet", "tcp", "10250", "Kubernetes node agent"],
    ["consul", "tcp", "8500", "Consul HTTP API"],
    ["vault", "tcp", "8200", "Vault HTTP API"],
    ["prometheus", "tcp", "9090", "Prometheus"],
    ["node-exporter", "tcp", "9100", "Prometheus node exporter"],
    ["alertmanager", "tcp", "9093", "Prometheus Alertmanager"],
    ["grafana", "tcp", "3000", "Grafana"],
    ["loki", "tcp", "3100", "Grafana Loki"],
    ["zabbix-agent", "tcp", "10050", "Zabbix agent"],
    ["cockpit", "tcp", "9090", "Cockpit web console"],
    ["webmin", "tcp", "10000", "Webmin"],
    ["plesk", "tcp", "8443, 8447", "Plesk panel and updater"],
    ["cpanel", "tcp", "2082-2083, 2086-2087", "cPanel and WHM"],
    ["xmpp-client", "tcp", "5222", "XMPP clients"],
    ["xmpp-server", "tcp", "5269", "XMPP servers"],
    ["irc", "tcp", "6667", "IRC, cleartext"],
    ["ircs", "tcp", "6697", "IRC over TLS"],
    ["sip", "tcp udp", "5060", "SIP"],
    ["sips", "tcp", "5061", "SIP over TLS"],
    ["stun", "tcp udp", "3478", "STUN and TURN", "turn"],
    ["wireguard", "udp", "51820", "WireGuard, its usual port"],
    ["openvpn", "udp", "1194", "OpenVPN, its usual port"],
    ["ike", "udp", "500", "IPsec key exchange", "isakmp"],
    ["ipsec-nat-t", "udp", "4500", "IPsec through NAT"],
    ["l2tp", "udp", "1701", "L2TP"],
    ["pptp", "tcp", "1723", "PPTP control"],
    ["mosh", "udp", "60000-61000", "Mobile Shell"],
    ["minecraft", "tcp", "25565", "Minecraft Java"],
];

const ping: Service = {
    name: "ping",
    aliases: [],
    protocols: ["icmp", "icmpv6"],
    ports: [],
    icmpTypes: ["echo-request"],
    description: "echo requests, both families",
};

/** The catalogue, in the order of the reference page. */
export const services: readonly Service[] = [...rows.map(fromRow), ping];

function fromRow([name, protocols, ports, description, aliases = ""]: Row): Service {
    return {
        name,
        aliases: aliases.split(" ").filter(Boolean),
        protocols: protocols.split(" ") as Protocol[],
        ports: ports.split(", "),
        description,
    };
}

const byName = new Map(services.flatMap((service) => [service.name, ...service.aliases].map((n) => [n, service])));

export function findService(name: string): Service | undefined {
    return byName.get(name);
}

export function serviceNames(): string[] {
    return [...byName.keys()];
}
