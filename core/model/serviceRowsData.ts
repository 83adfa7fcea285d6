import type { ServiceRows } from "./serviceRows";

// Storage, databases, queues, monitoring.
// Where the source is iana: the IANA Service Name and Transport Protocol Port Number Registry,
// https://www.iana.org/assignments/service-names-port-numbers, for protocol numbers
// https://www.iana.org/assignments/protocol-numbers. Else: the documentation of the project, at the site named there.
export const dataServices: ServiceRows = {
    // name and aliases | protocols | ports or types | source | what it is
    "Files and storage": `
        ftp                                      | tcp     | 21                         | iana                         | FTP control, cleartext; for passive data add a rule with tcp and the range your server is set to
        ftp-data                                 | tcp     | 20                         | iana                         | FTP data, active mode: the server connects from this port, as egress with sourcePorts 20
        ftps                                     | tcp     | 990                        | iana                         | FTP control over TLS; passive data as with ftp
        ftps-data                                | tcp     | 989                        | iana                         | FTP data over TLS, active mode: the server connects from this port
        rsync                                    | tcp     | 873                        | iana                         | file synchronisation daemon
        nfs                                      | tcp     | 2049                       | iana                         | Network File System 4; for NFS 3 see also rpcbind and mountd
        rpcbind portmapper sunrpc                | tcp udp | 111                        | iana                         | RPC port mapper; over UDP it amplifies attacks
        mountd                                   | tcp udp | 20048                      | iana                         | NFS 3 mounts; statd and lockd have only the ports that the server is configured with
        smb samba cifs microsoft-ds              | tcp     | 445                        | iana                         | Windows file sharing
        afp afpovertcp netatalk                  | tcp     | 548                        | iana                         | Apple file sharing
        afs openafs                              | udp     | 7000-7009                  | iana                         | OpenAFS
        iscsi iscsi-target                       | tcp     | 3260                       | iana                         | block devices
        isns                                     | tcp udp | 3205                       | iana                         | iSCSI name service
        nbd                                      | tcp     | 10809                      | iana                         | block devices, cleartext
        drbd                                     | tcp     | 7788-7799                  | linbit.com                   | DRBD replication, the customary range
        linstor                                  | tcp     | 3370                       | linbit.com                   | LINSTOR controller API
        linstor-satellite                        | tcp     | 3366                       | linbit.com                   | LINSTOR satellites
        ceph-mon                                 | tcp     | 3300, 6789                 | docs.ceph.com                | Ceph monitors
        ceph-osd ceph-mgr ceph-mds               | tcp     | 6800-7568                  | docs.ceph.com                | Ceph OSDs, managers and metadata servers
        ceph-rgw                                 | tcp     | 7480                       | docs.ceph.com                | Ceph object gateway
        ceph-dashboard                           | tcp     | 8443                       | docs.ceph.com                | Ceph dashboard
        glusterfs glusterd                       | tcp     | 24007-24008                | docs.gluster.org             | GlusterFS daemon; each brick takes a port from 49152 up
        lustre                                   | tcp     | 988                        | lustre.org                   | Lustre
        moosefs                                  | tcp     | 9419-9421                  | moosefs.com                  | MooseFS master
        minio                                    | tcp     | 9000-9001                  | min.io                       | MinIO API and console
        seaweedfs-master                         | tcp     | 9333                       | github.com/seaweedfs         | SeaweedFS master
        hdfs-namenode                            | tcp     | 8020, 9870                 | hadoop.apache.org            | HDFS name node
        hdfs-datanode                            | tcp     | 9864, 9866-9867            | hadoop.apache.org            | HDFS data nodes
        syncthing                                | tcp udp | 22000                      | docs.syncthing.net           | Syncthing
        syncthing-discovery                      | udp     | 21027                      | docs.syncthing.net           | Syncthing discovery on the local network
        syncthing-gui                            | tcp     | 8384                       | docs.syncthing.net           | Syncthing web interface
        bittorrent                               | tcp udp | 6881-6889                  | bittorrent.org               | BitTorrent, its usual range
        transmission                             | tcp udp | 51413                      | transmissionbt.com           | Transmission, BitTorrent
        transmission-rpc                         | tcp     | 9091                       | transmissionbt.com           | Transmission web interface
        deluge                                   | tcp     | 58846                      | deluge-torrent.org           | Deluge daemon
        deluge-web                               | tcp     | 8112                       | deluge-torrent.org           | Deluge web interface
        aria2-rpc                                | tcp     | 6800                       | aria2.github.io              | aria2 control
        ipfs-swarm                               | tcp udp | 4001                       | docs.ipfs.tech               | IPFS peers
        ipfs-api                                 | tcp     | 5001                       | docs.ipfs.tech               | IPFS control; whoever reaches it owns the node
        bacula-dir bareos-dir                    | tcp     | 9101                       | iana                         | Bacula and Bareos director
        bacula-fd bareos-fd                      | tcp     | 9102                       | iana                         | Bacula and Bareos clients
        bacula-sd bareos-sd                      | tcp     | 9103                       | iana                         | Bacula and Bareos storage
        amanda                                   | tcp udp | 10080                      | iana                         | Amanda backup
        restic-server                            | tcp     | 8000                       | github.com/restic            | restic REST server
        urbackup                                 | tcp     | 55413-55415                | urbackup.org                 | UrBackup server
        duplicati                                | tcp     | 8200                       | duplicati.com                | Duplicati web interface
        synology-dsm                             | tcp     | 5000-5001                  | kb.synology.com              | Synology DSM
        nut                                      | tcp     | 3493                       | iana                         | Network UPS Tools
        apcupsd                                  | tcp     | 3551                       | iana                         | APC UPS daemon
        dicom                                    | tcp     | 104, 11112                 | iana                         | medical images
        gridftp gsiftp                           | tcp     | 2811                       | iana                         | GridFTP control
    `,
    Databases: `
        mysql mariadb                            | tcp     | 3306                       | iana                         | MySQL and MariaDB
        mysqlx                                   | tcp     | 33060                      | iana                         | MySQL X protocol
        mysql-router                             | tcp     | 6446-6449                  | dev.mysql.com                | MySQL Router
        galera                                   | tcp     | 4444, 4567-4568            | galeracluster.com            | Galera replication and state transfer
        proxysql                                 | tcp     | 6033                       | proxysql.com                 | ProxySQL clients
        proxysql-admin                           | tcp     | 6032                       | proxysql.com                 | ProxySQL administration
        maxscale-admin                           | tcp     | 8989                       | mariadb.com                  | MaxScale administration
        postgresql postgres pgsql                | tcp     | 5432                       | iana                         | PostgreSQL
        pgbouncer                                | tcp     | 6432                       | iana                         | PgBouncer
        pgpool                                   | tcp     | 9999                       | pgpool.net                   | Pgpool-II
        patroni                                  | tcp     | 8008                       | patroni.readthedocs.io       | Patroni REST API
        pgadmin                                  | tcp     | 5050                       | pgadmin.org                  | pgAdmin web interface
        mssql ms-sql-s sqlserver                 | tcp     | 1433                       | iana                         | Microsoft SQL Server
        mssql-browser ms-sql-m                   | udp     | 1434                       | iana                         | SQL Server Browser; it amplifies attacks
        oracle-db                                | tcp     | 1521                       | docs.oracle.com              | Oracle listener
        oracle-db-tls                            | tcp     | 2484                       | iana                         | Oracle listener over TLS
        oracle-em                                | tcp     | 5500                       | docs.oracle.com              | Oracle Enterprise Manager Express
        db2                                      | tcp     | 50000                      | ibm.com                      | IBM Db2, its usual port
        firebird interbase gds-db                | tcp     | 3050                       | iana                         | Firebird and InterBase
        mongodb mongo                            | tcp     | 27017                      | iana                         | MongoDB
        mongodb-shard                            | tcp     | 27018                      | mongodb.com                  | MongoDB shard servers
        mongodb-config                           | tcp     | 27019                      | mongodb.com                  | MongoDB config servers
        redis valkey                             | tcp     | 6379                       | iana                         | Redis and Valkey
        redis-sentinel valkey-sentinel           | tcp     | 26379                      | redis.io                     | Redis Sentinel
        redis-cluster valkey-cluster             | tcp     | 16379                      | redis.io                     | Redis cluster bus: client port plus 10000
        memcached memcache                       | tcp     | 11211                      | iana                         | memcached; no sign-on of its own
        elasticsearch opensearch                 | tcp     | 9200                       | elastic.co                   | Elasticsearch and OpenSearch
        elasticsearch-cluster opensearch-cluster | tcp     | 9300                       | elastic.co                   | between nodes of Elasticsearch and OpenSearch
        solr                                     | tcp     | 8983                       | solr.apache.org              | Solr
        sphinx manticore                         | tcp     | 9306, 9312                 | iana                         | Sphinx and Manticore search
        meilisearch                              | tcp     | 7700                       | meilisearch.com              | Meilisearch
        typesense                                | tcp     | 8108                       | typesense.org                | Typesense
        cassandra                                | tcp     | 9042                       | cassandra.apache.org         | Cassandra clients
        cassandra-cluster                        | tcp     | 7000-7001                  | cassandra.apache.org         | between nodes of Cassandra
        cassandra-jmx                            | tcp     | 7199                       | cassandra.apache.org         | Cassandra management
        scylla-shard                             | tcp     | 19042                      | docs.scylladb.com            | ScyllaDB clients that know shards; others use cassandra
        clickhouse                               | tcp     | 8123, 9000                 | clickhouse.com               | ClickHouse clients
        clickhouse-tls                           | tcp     | 8443, 9440                 | clickhouse.com               | ClickHouse clients over TLS
        clickhouse-cluster                       | tcp     | 9009                       | clickhouse.com               | between servers of ClickHouse
        couchdb                                  | tcp     | 5984                       | iana                         | CouchDB
        couchbase                                | tcp     | 8091-8096, 11210           | docs.couchbase.com           | Couchbase
        couchbase-tls                            | tcp     | 11207, 18091-18096         | docs.couchbase.com           | Couchbase over TLS
        cockroachdb cockroach                    | tcp     | 26257                      | iana                         | CockroachDB
        tidb                                     | tcp     | 4000                       | docs.pingcap.com             | TiDB
        tikv                                     | tcp     | 20160                      | docs.pingcap.com             | TiKV
        yugabytedb ysql                          | tcp     | 5433                       | docs.yugabyte.com            | YugabyteDB, YSQL
        vertica                                  | tcp     | 5433                       | vertica.com                  | Vertica
        influxdb                                 | tcp     | 8086                       | docs.influxdata.com          | InfluxDB
        questdb                                  | tcp     | 8812, 9000, 9009           | questdb.com                  | QuestDB
        opentsdb                                 | tcp     | 4242                       | opentsdb.net                 | OpenTSDB
        victoriametrics                          | tcp     | 8428                       | docs.victoriametrics.com     | VictoriaMetrics
        neo4j bolt                               | tcp     | 7474, 7687                 | iana                         | Neo4j web interface and Bolt
        arangodb                                 | tcp     | 8529                       | docs.arangodb.com            | ArangoDB
        orientdb                                 | tcp     | 2424, 2480                 | orientdb.org                 | OrientDB
        rethinkdb                                | tcp     | 28015                      | rethinkdb.com                | RethinkDB clients
        aerospike                                | tcp     | 3000-3003                  | aerospike.com                | Aerospike
        riak                                     | tcp     | 8087, 8098                 | docs.riak.com                | Riak
        hbase                                    | tcp     | 16000, 16010, 16020, 16030 | hbase.apache.org             | HBase
        hive                                     | tcp     | 10000                      | hive.apache.org              | HiveServer2
        hive-metastore                           | tcp     | 9083                       | hive.apache.org              | Hive Metastore
        milvus                                   | tcp     | 19530                      | milvus.io                    | Milvus vectors
        qdrant                                   | tcp     | 6333-6334                  | qdrant.tech                  | Qdrant vectors
        weaviate                                 | tcp     | 8080, 50051                | docs.weaviate.io             | Weaviate vectors
        tarantool                                | tcp     | 3301                       | tarantool.io                 | Tarantool
        foundationdb                             | tcp     | 4500                       | apple.github.io/foundationdb | FoundationDB, first process
        ignite                                   | tcp     | 10800                      | ignite.apache.org            | Ignite thin clients
        hazelcast                                | tcp     | 5701                       | docs.hazelcast.com           | Hazelcast
        infinispan                               | tcp     | 11222                      | infinispan.org               | Infinispan
        spark                                    | tcp     | 7077                       | spark.apache.org             | Spark master
        spark-ui                                 | tcp     | 4040                       | spark.apache.org             | Spark application web interface
        yarn                                     | tcp     | 8088                       | hadoop.apache.org            | Hadoop YARN web interface
        flink                                    | tcp     | 8081                       | flink.apache.org             | Flink web interface
        dask                                     | tcp     | 8786-8787                  | docs.dask.org                | Dask scheduler and dashboard
        ray-dashboard                            | tcp     | 8265                       | docs.ray.io                  | Ray dashboard and jobs; whoever reaches it runs code
    `,
    "Queues and coordination": `
        kafka                                    | tcp     | 9092                       | kafka.apache.org             | Kafka
        kafka-connect                            | tcp     | 8083                       | kafka.apache.org             | Kafka Connect
        schema-registry                          | tcp     | 8081                       | docs.confluent.io            | Kafka Schema Registry
        redpanda-admin                           | tcp     | 9644                       | docs.redpanda.com            | Redpanda administration
        amqp rabbitmq                            | tcp     | 5672                       | iana                         | RabbitMQ
        amqps                                    | tcp     | 5671                       | iana                         | RabbitMQ over TLS
        rabbitmq-management                      | tcp     | 15672                      | rabbitmq.com                 | RabbitMQ web interface
        rabbitmq-cluster                         | tcp     | 4369, 25672                | rabbitmq.com                 | between nodes of RabbitMQ
        rabbitmq-stream                          | tcp     | 5552                       | rabbitmq.com                 | RabbitMQ streams
        epmd                                     | tcp     | 4369                       | iana                         | Erlang port mapper
        stomp                                    | tcp     | 61613                      | rabbitmq.com                 | STOMP of RabbitMQ and ActiveMQ
        nats                                     | tcp     | 4222                       | docs.nats.io                 | NATS clients
        nats-cluster                             | tcp     | 6222                       | docs.nats.io                 | between servers of NATS
        nats-monitoring                          | tcp     | 8222                       | docs.nats.io                 | NATS monitoring
        activemq artemis openwire                | tcp     | 61616                      | activemq.apache.org          | ActiveMQ and Artemis
        activemq-web                             | tcp     | 8161                       | activemq.apache.org          | ActiveMQ and Artemis web console
        pulsar                                   | tcp     | 6650                       | pulsar.apache.org            | Pulsar
        pulsar-tls                               | tcp     | 6651                       | pulsar.apache.org            | Pulsar over TLS
        rocketmq                                 | tcp     | 9876, 10911                | rocketmq.apache.org          | RocketMQ name server and broker
        nsqd                                     | tcp     | 4150-4151                  | nsq.io                       | NSQ
        nsqlookupd                               | tcp     | 4160-4161                  | nsq.io                       | NSQ discovery
        beanstalkd                               | tcp     | 11300                      | beanstalkd.github.io         | beanstalkd
        gearman                                  | tcp     | 4730                       | iana                         | Gearman
        ibm-mq mqseries                          | tcp     | 1414                       | iana                         | IBM MQ listener
        temporal                                 | tcp     | 7233                       | docs.temporal.io             | Temporal
        faktory                                  | tcp     | 7419-7420                  | contribsys.com/faktory       | Faktory workers and web interface
        zookeeper                                | tcp     | 2181                       | zookeeper.apache.org         | ZooKeeper clients
        zookeeper-cluster                        | tcp     | 2888, 3888                 | zookeeper.apache.org         | between servers of ZooKeeper
        etcd                                     | tcp     | 2379-2380                  | iana                         | etcd clients and peers
        consul                                   | tcp     | 8500                       | developer.hashicorp.com      | Consul HTTP API
        consul-dns                               | tcp udp | 8600                       | developer.hashicorp.com      | Consul DNS
        consul-rpc                               | tcp     | 8300                       | developer.hashicorp.com      | between servers and clients of Consul
        consul-serf                              | tcp udp | 8301-8302                  | developer.hashicorp.com      | Consul gossip, LAN and WAN
        vault openbao                            | tcp     | 8200                       | developer.hashicorp.com      | Vault HTTP API
        vault-cluster                            | tcp     | 8201                       | developer.hashicorp.com      | between servers of Vault
    `,
    "Monitoring and logs": `
        prometheus                               | tcp     | 9090                       | prometheus.io                | Prometheus
        node-exporter                            | tcp     | 9100                       | prometheus.io                | Prometheus node exporter
        alertmanager                             | tcp     | 9093                       | prometheus.io                | Prometheus Alertmanager
        alertmanager-cluster                     | tcp udp | 9094                       | prometheus.io                | between Alertmanagers
        pushgateway                              | tcp     | 9091                       | prometheus.io                | Prometheus Pushgateway
        blackbox-exporter                        | tcp     | 9115                       | prometheus.io                | Prometheus blackbox exporter
        snmp-exporter                            | tcp     | 9116                       | prometheus.io                | Prometheus SNMP exporter
        mysqld-exporter                          | tcp     | 9104                       | prometheus.io                | Prometheus MySQL exporter
        postgres-exporter                        | tcp     | 9187                       | prometheus.io                | Prometheus PostgreSQL exporter
        redis-exporter                           | tcp     | 9121                       | github.com/oliver006         | Prometheus Redis exporter
        windows-exporter                         | tcp     | 9182                       | prometheus.io                | Prometheus Windows exporter
        grafana                                  | tcp     | 3000                       | grafana.com                  | Grafana
        loki                                     | tcp     | 3100                       | grafana.com                  | Grafana Loki
        tempo                                    | tcp     | 3200                       | grafana.com                  | Grafana Tempo
        alloy                                    | tcp     | 12345                      | grafana.com                  | Grafana Alloy
        pyroscope                                | tcp     | 4040                       | grafana.com                  | Grafana Pyroscope
        otlp opentelemetry                       | tcp     | 4317-4318                  | opentelemetry.io             | OpenTelemetry over gRPC and HTTP
        jaeger                                   | tcp     | 16686                      | jaegertracing.io             | Jaeger web interface
        jaeger-collector                         | tcp     | 14250, 14268               | jaegertracing.io             | Jaeger collector, its own formats
        zipkin                                   | tcp     | 9411                       | zipkin.io                    | Zipkin
        zabbix-agent                             | tcp     | 10050                      | iana                         | Zabbix agent
        zabbix-server zabbix-trapper             | tcp     | 10051                      | iana                         | Zabbix server and proxy
        nrpe nagios-nrpe                         | tcp     | 5666                       | iana                         | Nagios remote plugins
        nsca                                     | tcp     | 5667                       | nagios.org                   | Nagios passive checks
        icinga icinga2                           | tcp     | 5665                       | icinga.com                   | Icinga 2 API and cluster
        checkmk-agent                            | tcp     | 6556                       | iana                         | Checkmk agent
        munin                                    | tcp     | 4949                       | iana                         | Munin node
        netdata                                  | tcp     | 19999                      | learn.netdata.cloud          | Netdata
        collectd                                 | udp     | 25826                      | collectd.org                 | collectd
        statsd                                   | udp     | 8125                       | github.com/statsd            | StatsD
        graphite carbon                          | tcp     | 2003-2004                  | graphite.readthedocs.io      | Graphite metrics, plain and pickled
        ganglia                                  | tcp udp | 8649                       | ganglia.info                 | Ganglia
        datadog-apm                              | tcp     | 8126                       | docs.datadoghq.com           | Datadog agent, traces
        sentry                                   | tcp     | 9000                       | develop.sentry.dev           | Sentry, self-hosted web and ingestion
        uptime-kuma                              | tcp     | 3001                       | github.com/louislam          | Uptime Kuma
        glances                                  | tcp     | 61208-61209                | glances.readthedocs.io       | Glances web interface and server
        monit                                    | tcp     | 2812                       | mmonit.com                   | Monit
        syslog                                   | udp     | 514                        | iana                         | log collection
        syslog-tcp                               | tcp     | 514                        | rsyslog.com                  | log collection over TCP, cleartext
        syslog-conn                              | tcp     | 601                        | iana                         | reliable syslog
        syslog-tls                               | tcp     | 6514                       | iana                         | log collection over TLS
        gelf graylog-gelf                        | tcp udp | 12201                      | docs.graylog.org             | Graylog log messages
        beats logstash                           | tcp     | 5044                       | elastic.co                   | Beats to Logstash
        fluentd fluent-bit                       | tcp udp | 24224                      | docs.fluentd.org             | Fluentd and Fluent Bit forward, with its heartbeat
        kibana opensearch-dashboards             | tcp     | 5601                       | elastic.co                   | Kibana and OpenSearch Dashboards
        apm-server                               | tcp     | 8200                       | elastic.co                   | Elastic APM server
        fleet-server                             | tcp     | 8220                       | elastic.co                   | Elastic Fleet server
        splunk-web                               | tcp     | 8000                       | docs.splunk.com              | Splunk web interface
        splunk-management                        | tcp     | 8089                       | docs.splunk.com              | Splunk management
        splunk-hec                               | tcp     | 8088                       | docs.splunk.com              | Splunk HTTP event collector
        splunk-forwarding                        | tcp     | 9997                       | docs.splunk.com              | Splunk forwarders
        wazuh                                    | tcp     | 1514-1515                  | documentation.wazuh.com      | Wazuh agents and enrolment
        wazuh-api                                | tcp     | 55000                      | documentation.wazuh.com      | Wazuh API
        nessus                                   | tcp     | 8834                       | docs.tenable.com             | Nessus web interface
        snmp                                     | udp     | 161                        | iana                         | network management; it amplifies attacks
        snmp-trap snmptrap                       | udp     | 162                        | iana                         | network management notifications
        netflow                                  | udp     | 2055                       | cisco.com                    | NetFlow, its usual port
        ipfix                                    | udp     | 4739                       | iana                         | IPFIX flow export
        sflow                                    | udp     | 6343                       | iana                         | sFlow
        iperf                                    | tcp udp | 5001                       | iperf.fr                     | iperf 2 throughput tests
        iperf3                                   | tcp udp | 5201                       | software.es.net/iperf        | iperf 3 throughput tests
    `,
};
