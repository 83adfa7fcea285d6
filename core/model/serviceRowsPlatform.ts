import type { ServiceRows } from "./serviceRows";

// Containers, builds, panels, voice, things, games and the rest.
// Where the source is iana: the IANA Service Name and Transport Protocol Port Number Registry,
// https://www.iana.org/assignments/service-names-port-numbers, for protocol numbers
// https://www.iana.org/assignments/protocol-numbers. Else: the documentation of the project, at the site named there.
export const platformServices: ServiceRows = {
    // name and aliases | protocols | ports or types | source | what it is
    "Containers, clusters and virtual machines": `
        docker-plain docker-api                    | tcp         | 2375                       | iana                          | Docker API, cleartext; whoever reaches it is root
        docker-tls                                 | tcp         | 2376                       | iana                          | Docker API over TLS
        docker-swarm                               | tcp         | 2377                       | iana                          | Docker Swarm management; see also swarm-gossip and vxlan
        swarm-gossip metallb                       | tcp udp     | 7946                       | docs.docker.com               | between nodes of Docker Swarm; MetalLB too
        docker-registry                            | tcp         | 5000                       | distribution.github.io        | container registry
        portainer                                  | tcp         | 8000, 9443                 | docs.portainer.io             | Portainer, and tunnels of its edge agents
        kubernetes-api kubernetes k8s              | tcp         | 6443                       | kubernetes.io                 | Kubernetes API server
        kubelet                                    | tcp         | 10250                      | kubernetes.io                 | Kubernetes node agent
        kube-proxy-health                          | tcp         | 10256                      | kubernetes.io                 | Kubernetes kube-proxy, for load balancers
        kube-controller-manager                    | tcp         | 10257                      | kubernetes.io                 | Kubernetes controller manager
        kube-scheduler                             | tcp         | 10259                      | kubernetes.io                 | Kubernetes scheduler
        kubernetes-nodeport                        | tcp udp     | 30000-32767                | kubernetes.io                 | Kubernetes services of type NodePort
        rke2-supervisor                            | tcp         | 9345                       | docs.rke2.io                  | RKE2 nodes that join
        microk8s-api                               | tcp         | 16443                      | microk8s.io                   | MicroK8s API server
        microk8s-cluster                           | tcp         | 25000                      | microk8s.io                   | MicroK8s nodes that join
        talos-api                                  | tcp         | 50000-50001                | talos.dev                     | Talos Linux API
        flannel-vxlan                              | udp         | 8472                       | github.com/flannel-io         | Flannel and Cilium over VXLAN; cleartext
        flannel-wireguard                          | udp         | 51820-51821                | github.com/flannel-io         | Flannel over WireGuard
        calico-typha                               | tcp         | 5473                       | docs.tigera.io                | Calico Typha; see also bgp and vxlan
        cilium-health                              | tcp         | 4240                       | docs.cilium.io                | Cilium health checks
        hubble                                     | tcp         | 4244-4245                  | docs.cilium.io                | Cilium Hubble server and relay
        istiod                                     | tcp         | 15010, 15012, 15014, 15017 | istio.io                      | Istio control plane
        nomad                                      | tcp         | 4646-4648                  | developer.hashicorp.com       | Nomad; gossip also takes nomad-serf
        nomad-serf                                 | tcp udp     | 4648                       | developer.hashicorp.com       | between servers of Nomad
        mesos                                      | tcp         | 5050-5051                  | mesos.apache.org              | Mesos masters and agents
        slurm                                      | tcp         | 6817-6819                  | slurm.schedmd.com             | Slurm controller, nodes and accounting
        htcondor condor                            | tcp         | 9618                       | htcondor.org                  | HTCondor
        corosync                                   | udp         | 5404-5405                  | corosync.github.io            | Corosync
        pacemaker-remote                           | tcp         | 3121                       | clusterlabs.org               | Pacemaker remote nodes
        pcsd                                       | tcp         | 2224                       | clusterlabs.org               | Pacemaker configuration
        libvirt                                    | tcp         | 16509                      | libvirt.org                   | libvirt, cleartext
        libvirt-tls                                | tcp         | 16514                      | libvirt.org                   | libvirt over TLS
        libvirt-migration                          | tcp         | 49152-49215                | libvirt.org                   | live migration of virtual machines
        proxmox pve                                | tcp         | 8006                       | pve.proxmox.com               | Proxmox VE web interface
        proxmox-spice                              | tcp         | 3128                       | pve.proxmox.com               | Proxmox VE SPICE consoles
        proxmox-migration                          | tcp         | 60000-60050                | pve.proxmox.com               | Proxmox VE live migration
        proxmox-backup pbs                         | tcp         | 8007                       | pbs.proxmox.com               | Proxmox Backup Server
        lxd incus                                  | tcp         | 8443                       | documentation.ubuntu.com/lxd  | LXD and Incus API
        vmware-console                             | tcp udp     | 902                        | broadcom.com                  | ESXi consoles and heartbeats
        vcenter-admin                              | tcp         | 5480                       | broadcom.com                  | vCenter appliance management
        keystone                                   | tcp         | 5000                       | docs.openstack.org            | OpenStack Identity
        nova                                       | tcp         | 8774                       | docs.openstack.org            | OpenStack Compute
        glance                                     | tcp         | 9292                       | docs.openstack.org            | OpenStack Image
        neutron                                    | tcp         | 9696                       | docs.openstack.org            | OpenStack Networking
        cinder                                     | tcp         | 8776                       | docs.openstack.org            | OpenStack Block Storage
    `,
    "Source code, builds and configuration": `
        git                                        | tcp         | 9418                       | iana                          | Git protocol, cleartext
        svn subversion                             | tcp         | 3690                       | iana                          | Subversion
        cvs cvspserver                             | tcp         | 2401                       | iana                          | CVS
        perforce helix-core                        | tcp         | 1666                       | perforce.com                  | Perforce Helix Core
        gitea forgejo                              | tcp         | 3000                       | docs.gitea.com                | Gitea and Forgejo
        gerrit-ssh                                 | tcp         | 29418                      | gerritcodereview.com          | Gerrit over SSH
        bitbucket                                  | tcp         | 7990                       | confluence.atlassian.com      | Bitbucket Data Center
        bitbucket-ssh                              | tcp         | 7999                       | confluence.atlassian.com      | Bitbucket Data Center over SSH
        confluence                                 | tcp         | 8090                       | confluence.atlassian.com      | Confluence
        jenkins                                    | tcp         | 8080                       | jenkins.io                    | Jenkins
        jenkins-agent                              | tcp         | 50000                      | jenkins.io                    | Jenkins inbound agents, the port of its container image
        teamcity                                   | tcp         | 8111                       | jetbrains.com                 | TeamCity
        bamboo                                     | tcp         | 8085                       | confluence.atlassian.com      | Bamboo
        bamboo-agent                               | tcp         | 54663                      | confluence.atlassian.com      | Bamboo remote agents
        buildbot                                   | tcp         | 8010                       | docs.buildbot.net             | Buildbot web interface
        buildbot-worker                            | tcp         | 9989                       | docs.buildbot.net             | Buildbot workers
        gocd                                       | tcp         | 8153                       | docs.gocd.org                 | GoCD
        rundeck                                    | tcp         | 4440                       | docs.rundeck.com              | Rundeck
        sonarqube                                  | tcp         | 9000                       | docs.sonarsource.com          | SonarQube
        nexus                                      | tcp         | 8081                       | help.sonatype.com             | Nexus Repository
        artifactory                                | tcp         | 8081-8082                  | jfrog.com                     | Artifactory
        verdaccio                                  | tcp         | 4873                       | verdaccio.org                 | Verdaccio npm registry
        devpi                                      | tcp         | 3141                       | devpi.net                     | devpi Python index
        apt-cacher-ng                              | tcp         | 3142                       | wiki.debian.org               | cache of Debian packages
        distcc                                     | tcp         | 3632                       | iana                          | distributed compiler; no sign-on of its own
        puppet                                     | tcp         | 8140                       | iana                          | Puppet server
        puppetdb                                   | tcp         | 8081                       | puppet.com                    | PuppetDB over TLS
        salt saltstack                             | tcp         | 4505-4506                  | docs.saltproject.io           | Salt master
        cfengine                                   | tcp         | 5308                       | iana                          | CFEngine
        wsus                                       | tcp         | 8530-8531                  | learn.microsoft.com           | Windows Server Update Services
        web-deploy                                 | tcp         | 8172                       | learn.microsoft.com           | IIS Web Deploy
        java-rmi rmiregistry                       | tcp         | 1099                       | iana                          | Java RMI registry; whoever reaches it may run code
        node-inspector                             | tcp         | 9229                       | nodejs.org                    | Node.js debugger; whoever reaches it runs code
        xdebug                                     | tcp         | 9003                       | xdebug.org                    | Xdebug: PHP connects out to the developer (egress)
        adb                                        | tcp         | 5555                       | developer.android.com         | Android debugging; whoever reaches it runs code
        flexlm flexnet                             | tcp         | 27000-27009                | flexera.com                   | FlexNet licences; vendor daemons have ports of their own
    `,
    "Control panels": `
        cockpit                                    | tcp         | 9090                       | cockpit-project.org           | Cockpit web console
        webmin virtualmin                          | tcp         | 10000                      | webmin.com                    | Webmin and Virtualmin
        usermin                                    | tcp         | 20000                      | webmin.com                    | Usermin
        plesk                                      | tcp         | 8443, 8447                 | docs.plesk.com                | Plesk panel and updater
        cpanel whm                                 | tcp         | 2082-2083, 2086-2087       | docs.cpanel.net               | cPanel and WHM
        cpanel-webmail                             | tcp         | 2095-2096                  | docs.cpanel.net               | cPanel webmail
        cpanel-webdisk                             | tcp         | 2077-2078                  | docs.cpanel.net               | cPanel Web Disk
        directadmin                                | tcp         | 2222                       | docs.directadmin.com          | DirectAdmin
        ispconfig                                  | tcp         | 8080-8081                  | ispconfig.org                 | ISPConfig panel and apps
        hestiacp vestacp                           | tcp         | 8083                       | hestiacp.com                  | HestiaCP and VestaCP
        cyberpanel                                 | tcp         | 8090                       | cyberpanel.net                | CyberPanel
        cloudpanel                                 | tcp         | 8443                       | cloudpanel.io                 | CloudPanel
        ispmanager                                 | tcp         | 1500                       | ispmanager.com                | ispmanager
        interworx                                  | tcp         | 2443                       | interworx.com                 | InterWorx
        ajenti                                     | tcp         | 8000                       | ajenti.org                    | Ajenti
        virtualizor                                | tcp         | 4082-4085                  | virtualizor.com               | Virtualizor
        coolify                                    | tcp         | 8000                       | coolify.io                    | Coolify
        dokploy                                    | tcp         | 3000                       | docs.dokploy.com              | Dokploy
        pterodactyl-wings wings                    | tcp         | 2022, 8080                 | pterodactyl.io                | Pterodactyl node, and its SFTP
    `,
    "Chat, voice and video": `
        xmpp-client jabber-client                  | tcp         | 5222                       | iana                          | XMPP clients
        xmpp-server jabber-server                  | tcp         | 5269                       | iana                          | XMPP servers
        xmpps-client                               | tcp         | 5223                       | xmpp.org                      | XMPP clients over TLS, legacy port
        xmpp-bosh bosh                             | tcp         | 5280                       | iana                          | XMPP over HTTP
        matrix matrix-federation                   | tcp         | 8448                       | iana                          | Matrix between servers
        synapse                                    | tcp         | 8008                       | element-hq.github.io/synapse  | Matrix Synapse behind a proxy
        mattermost                                 | tcp         | 8065                       | docs.mattermost.com           | Mattermost
        mattermost-calls                           | tcp udp     | 8443                       | docs.mattermost.com           | Mattermost calls
        irc                                        | tcp         | 6667                       | iana                          | IRC, cleartext
        ircs                                       | tcp         | 6697                       | iana                          | IRC over TLS
        quassel                                    | tcp         | 4242                       | quassel-irc.org               | Quassel core
        sip                                        | tcp udp     | 5060                       | iana                          | SIP; voice itself takes RTP ports of the server's configuration
        sips                                       | tcp         | 5061                       | iana                          | SIP over TLS
        stun turn                                  | tcp udp     | 3478                       | iana                          | STUN and TURN; see also turn-relay
        turns stuns                                | tcp         | 5349                       | iana                          | STUN and TURN over TLS
        turn-relay                                 | udp         | 49152-65535                | github.com/coturn             | TURN relayed media, the default range of coturn
        iax iax2                                   | udp         | 4569                       | iana                          | Asterisk to Asterisk
        h323                                       | tcp         | 1720                       | iana                          | H.323 calls; media have ports of their own
        mgcp                                       | udp         | 2427                       | iana                          | Media Gateway Control Protocol
        sccp skinny                                | tcp         | 2000                       | iana                          | Cisco telephones
        asterisk-rtp                               | udp         | 10000-20000                | docs.asterisk.org             | Asterisk media, the range of its sample configuration
        asterisk-ami                               | tcp         | 5038                       | docs.asterisk.org             | Asterisk manager, cleartext
        asterisk-http                              | tcp         | 8088-8089                  | docs.asterisk.org             | Asterisk REST and WebSocket
        freeswitch-rtp bigbluebutton               | udp         | 16384-32768                | developer.signalwire.com      | FreeSWITCH media; BigBlueButton too
        freeswitch-esl                             | tcp         | 8021                       | developer.signalwire.com      | FreeSWITCH event socket
        jitsi-videobridge jitsi                    | udp         | 10000                      | jitsi.github.io               | Jitsi media
        livekit                                    | tcp         | 7880-7881                  | docs.livekit.io               | LiveKit; see also livekit-rtp
        livekit-rtp                                | udp         | 50000-60000                | docs.livekit.io               | LiveKit media
        mumble                                     | tcp udp     | 64738                      | mumble.info                   | Mumble
        teamspeak teamspeak3                       | udp         | 9987                       | support.teamspeak.com         | TeamSpeak voice; see also teamspeak-files
        teamspeak-files                            | tcp         | 30033                      | support.teamspeak.com         | TeamSpeak file transfer
        teamspeak-query                            | tcp         | 10011                      | support.teamspeak.com         | TeamSpeak ServerQuery, cleartext
        teamspeak-query-ssh                        | tcp         | 10022                      | support.teamspeak.com         | TeamSpeak ServerQuery over SSH
        tox                                        | udp         | 33445                      | tox.chat                      | Tox
        smpp                                       | tcp         | 2775                       | iana                          | text messages to operators
        rtmp                                       | tcp         | 1935                       | iana                          | live video ingestion
        rtsp                                       | tcp         | 554                        | iana                          | streaming control; media have ports of their own
        rtsp-alt                                   | tcp         | 8554                       | iana                          | streaming control, alternative port
        icecast                                    | tcp         | 8000                       | icecast.org                   | Icecast streams
    `,
    "Media and home servers": `
        plex                                       | tcp         | 32400                      | iana                          | Plex
        jellyfin emby                              | tcp         | 8096, 8920                 | jellyfin.org                  | Jellyfin and Emby
        jellyfin-discovery                         | udp         | 7359                       | jellyfin.org                  | Jellyfin discovery on the local network
        mpd                                        | tcp         | 6600                       | musicpd.org                   | Music Player Daemon
        snapcast                                   | tcp         | 1704-1705                  | github.com/badaix             | Snapcast
        daap owntone                               | tcp         | 3689                       | iana                          | Digital Audio Access Protocol
        minidlna readymedia                        | tcp         | 8200                       | minidlna.sourceforge.net      | MiniDLNA; see also ssdp
        navidrome                                  | tcp         | 4533                       | navidrome.org                 | Navidrome
        immich                                     | tcp         | 2283                       | immich.app                    | Immich
        photoprism                                 | tcp         | 2342                       | docs.photoprism.app           | PhotoPrism
        sonarr                                     | tcp         | 8989                       | wiki.servarr.com              | Sonarr
        radarr                                     | tcp         | 7878                       | wiki.servarr.com              | Radarr
        lidarr                                     | tcp         | 8686                       | wiki.servarr.com              | Lidarr
        prowlarr                                   | tcp         | 9696                       | wiki.servarr.com              | Prowlarr
    `,
    "Things and industry": `
        mqtt mosquitto                             | tcp         | 1883                       | iana                          | MQTT, cleartext
        mqtts secure-mqtt                          | tcp         | 8883                       | iana                          | MQTT over TLS
        emqx-websocket                             | tcp         | 8083-8084                  | docs.emqx.com                 | MQTT of EMQX over WebSocket, cleartext and TLS
        emqx-dashboard                             | tcp         | 18083                      | docs.emqx.com                 | EMQX dashboard
        coap                                       | udp         | 5683                       | iana                          | CoAP; it amplifies attacks
        coaps                                      | udp         | 5684                       | iana                          | CoAP over DTLS
        home-assistant                             | tcp         | 8123                       | home-assistant.io             | Home Assistant
        esphome                                    | tcp         | 6052                       | esphome.io                    | ESPHome dashboard
        node-red                                   | tcp         | 1880                       | nodered.org                   | Node-RED
        homebridge                                 | tcp         | 8581                       | homebridge.io                 | Homebridge web interface
        openhab                                    | tcp         | 8080, 8443                 | openhab.org                   | openHAB
        matter                                     | udp         | 5540                       | iana                          | Matter devices
        lorawan-forwarder semtech-udp              | udp         | 1700                       | chirpstack.io                 | LoRaWAN packet forwarders
        traccar                                    | tcp         | 8082                       | traccar.org                   | Traccar web interface; each device protocol has a port of its own
        octoprint                                  | tcp         | 5000                       | octoprint.org                 | OctoPrint
        moonraker                                  | tcp         | 7125                       | moonraker.readthedocs.io      | Moonraker of Klipper
        gpsd                                       | tcp         | 2947                       | iana                          | GPS daemon
        ntrip rtcm-sc104                           | tcp         | 2101                       | iana                          | corrections for satellite positions
        aprs-is                                    | tcp         | 14580                      | aprs-is.net                   | amateur radio packets, filtered feed
        modbus mbap                                | tcp         | 502                        | iana                          | Modbus, cleartext; never for the internet
        modbus-tls                                 | tcp         | 802                        | iana                          | Modbus over TLS
        opcua opc-ua                               | tcp         | 4840                       | iana                          | OPC UA
        bacnet                                     | udp         | 47808                      | iana                          | BACnet; never for the internet
        knxnet-ip knx                              | udp         | 3671                       | iana                          | KNXnet/IP; never for the internet
        iec-104                                    | tcp         | 2404                       | iana                          | IEC 60870-5-104; never for the internet
        dnp3                                       | tcp udp     | 20000                      | iana                          | DNP3; never for the internet
        ethernet-ip                                | tcp udp     | 44818                      | iana                          | EtherNet/IP; never for the internet
        s7 iso-tsap                                | tcp         | 102                        | iana                          | Siemens S7 over ISO-TSAP; never for the internet
        hl7 mllp                                   | tcp         | 2575                       | iana                          | HL7 medical messages, cleartext
    `,
    "Printing and scanning": `
        ipp cups ipps                              | tcp         | 631                        | iana                          | printing, CUPS
        lpd printer                                | tcp         | 515                        | iana                          | line printer daemon
        jetdirect pdl-datastream                   | tcp         | 9100                       | iana                          | raw printing
        sane sane-port                             | tcp         | 6566                       | iana                          | scanners
        hylafax                                    | tcp         | 4559                       | hylafax.org                   | HylaFAX
    `,
    Games: `
        minecraft                                  | tcp         | 25565                      | minecraft.wiki                | Minecraft Java
        minecraft-query                            | udp         | 25565                      | minecraft.wiki                | Minecraft Java status query
        minecraft-rcon                             | tcp         | 25575                      | minecraft.wiki                | Minecraft Java remote console, cleartext
        minecraft-bedrock                          | udp         | 19132-19133                | minecraft.wiki                | Minecraft Bedrock, IPv4 and IPv6
        bungeecord                                 | tcp         | 25577                      | spigotmc.org                  | BungeeCord proxy of Minecraft
        luanti minetest                            | udp         | 30000                      | luanti.org                    | Luanti
        source-server srcds cs2 csgo tf2 garrysmod | tcp udp     | 27015                      | developer.valvesoftware.com   | Source engine games, and their remote console
        source-tv                                  | udp         | 27020                      | developer.valvesoftware.com   | Source engine spectators
        xonotic                                    | udp         | 26000                      | xonotic.org                   | Xonotic
        quake3 openarena                           | udp         | 27960                      | ioquake3.org                  | Quake III Arena and games made of it
        arma3                                      | udp         | 2302-2306                  | community.bistudio.com        | Arma 3
        rust-game                                  | udp         | 28015                      | wiki.facepunch.com            | Rust, the game
        rust-game-rcon                             | tcp         | 28016                      | wiki.facepunch.com            | Rust, the game: remote console
        ark                                        | udp         | 7777-7778, 27015           | ark.wiki.gg                   | ARK: Survival Evolved
        valheim                                    | udp         | 2456-2457                  | valheim.com                   | Valheim
        satisfactory                               | tcp udp     | 7777                       | satisfactory.wiki.gg          | Satisfactory
        palworld                                   | udp         | 8211                       | docs.palworldgame.com         | Palworld
        project-zomboid                            | udp         | 16261-16262                | pzwiki.net                    | Project Zomboid
        v-rising                                   | udp         | 9876-9877                  | github.com/StunlockStudios    | V Rising
        factorio                                   | udp         | 34197                      | wiki.factorio.com             | Factorio
        terraria                                   | tcp         | 7777                       | terraria.wiki.gg              | Terraria
        dont-starve-together                       | udp         | 10999                      | forums.kleientertainment.com  | Don't Starve Together
        fivem redm                                 | tcp udp     | 30120                      | docs.fivem.net                | FiveM and RedM
        sa-mp samp                                 | udp         | 7777                       | open.mp                       | San Andreas Multiplayer and open.mp
        openttd                                    | tcp udp     | 3979                       | openttd.org                   | OpenTTD
        freeciv                                    | tcp         | 5556                       | iana                          | Freeciv
        wesnoth                                    | tcp         | 15000                      | wesnoth.org                   | Battle for Wesnoth
        teeworlds ddnet                            | udp         | 8303                       | teeworlds.com                 | Teeworlds and DDNet
        mindustry                                  | tcp udp     | 6567                       | mindustrygame.github.io       | Mindustry
        veloren                                    | tcp         | 14004                      | book.veloren.net              | Veloren
        vintage-story                              | tcp udp     | 42420                      | wiki.vintagestory.at          | Vintage Story
    `,
    Currencies: `
        bitcoin                                    | tcp         | 8333                       | bitcoin.org                   | Bitcoin peers
        bitcoin-rpc                                | tcp         | 8332                       | bitcoin.org                   | Bitcoin control; never for the internet
        lightning                                  | tcp         | 9735                       | github.com/lightning          | Lightning peers
        electrum                                   | tcp         | 50001-50002                | electrumx.readthedocs.io      | Electrum servers, cleartext and TLS
        litecoin                                   | tcp         | 9333                       | litecoin.org                  | Litecoin peers
        monero                                     | tcp         | 18080                      | getmonero.org                 | Monero peers
        ethereum                                   | tcp udp     | 30303                      | geth.ethereum.org             | Ethereum execution peers
        ethereum-rpc                               | tcp         | 8545-8546                  | geth.ethereum.org             | Ethereum control; never for the internet
        lighthouse                                 | tcp udp     | 9000                       | lighthouse-book.sigmaprime.io | Ethereum consensus peers of Lighthouse
        polkadot                                   | tcp         | 30333                      | docs.polkadot.com             | Polkadot peers
        cometbft cosmos tendermint                 | tcp         | 26656                      | docs.cometbft.com             | Cosmos and CometBFT peers
    `,
    ICMP: `
        ping                                       | icmp icmpv6 | echo-request               | iana                          | echo requests, both families
    `,
};
