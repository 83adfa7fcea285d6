import { findService } from "./services";
import type { PortRange } from "./ports";

/** Services by their names in the catalogue, for findings about what is open to the world. */

/** Data, and control of what runs there: hardly ever meant for strangers. */
const PRIVATE = words(`
    mysql mysqlx postgresql pgbouncer mssql oracle-db oracle-db-tls db2 firebird mongodb mongodb-shard mongodb-config
    redis redis-sentinel redis-cluster memcached elasticsearch elasticsearch-cluster solr meilisearch cassandra
    cassandra-cluster cassandra-jmx couchdb couchbase cockroachdb influxdb neo4j arangodb rethinkdb aerospike
    smb netbios-ssn nfs mountd rpcbind iscsi rsync ldap ldap-gc msrpc
    rabbitmq-management rabbitmq-cluster zookeeper kafka nats beanstalkd etcd consul consul-rpc vault
    docker-plain docker-tls docker-swarm kubelet kube-controller-manager kube-scheduler nomad
    hdfs-namenode hdfs-datanode distcc adb jupyter node-exporter x11
`);

const MANAGEMENT = words(`
    telnet rlogin rsh rdp vnc novnc winrm ipmi webmin cockpit cpanel proxmox proxmox-backup portainer
`);

/** UDP services that answer more than they are asked (CISA alert TA14-017A, and what was found since). */
const AMPLIFIERS = words(`
    snmp ssdp memcached-udp chargen cldap rpcbind qotd netbios-ns ws-discovery coap mdns tftp mssql-browser ipmi
`);

/** The same, where being asked by strangers may be what they are for. */
const PUBLIC_AMPLIFIERS = words("dns ntp");

/** Sign-on and content can be read on the way, and what to use instead. */
export const cleartextServices: Readonly<Record<string, string>> = {
    ftp: "Use sftp (ssh), or ftps.",
    telnet: "Use ssh.",
    rlogin: "Use ssh.",
    rsh: "Use ssh.",
    pop3: "Use pop3s (995), or have the server refuse a sign-on before STARTTLS.",
    imap: "Use imaps (993), or have the server refuse a sign-on before STARTTLS.",
    ldap: "Use ldaps (636), or have the server refuse a sign-on before StartTLS.",
};

export const obsoleteServices: Readonly<Record<string, string>> = {
    imap3: "Say imap or imaps, one of which is meant.",
};

/** One kind of traffic with the name that readers know it by. */
export interface NamedTraffic {
    readonly name: string;
    readonly protocol: "tcp" | "udp";
    readonly ports: readonly PortRange[];
}

export const privateTraffic = trafficOf(PRIVATE, "tcp");
export const managementTraffic = [...trafficOf(MANAGEMENT, "tcp"), ...trafficOf(["rdp"], "udp")];
export const sshTraffic = trafficOf(["ssh"], "tcp");
export const amplifierTraffic = trafficOf(AMPLIFIERS, "udp");
export const publicAmplifierTraffic = trafficOf(PUBLIC_AMPLIFIERS, "udp");
export const cleartextTraffic = trafficOf(Object.keys(cleartextServices), "tcp");
export const obsoleteTraffic = trafficOf(Object.keys(obsoleteServices), "tcp");

function words(text: string): string[] {
    return text.split(/\s+/).filter(Boolean);
}

function trafficOf(names: readonly string[], protocol: "tcp" | "udp"): NamedTraffic[] {
    return names.flatMap((name) => {
        if (name === "memcached-udp") return [{ name: "memcached", protocol, ports: [{ first: 11211, last: 11211 }] }];
        const service = findService(name);
        if (!service) throw new Error(`no service of the catalogue: ${name}`);
        if (!service.protocol.includes(protocol)) return [];
        const ports = service.ports.map((text) => {
            const [first, last = first] = text.split("-").map(Number);
            return { first: first!, last: last! };
        });
        return [{ name, protocol, ports }];
    });
}

export const trafficNames: readonly string[] = [
    privateTraffic,
    managementTraffic,
    sshTraffic,
    amplifierTraffic,
    publicAmplifierTraffic,
    cleartextTraffic,
    obsoleteTraffic,
].flatMap((list) => list.map(({ name }) => name));
