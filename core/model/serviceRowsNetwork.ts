import type { ServiceRows } from "./serviceRows";

// Web, remote access, mail, names and addresses, sign-on, VPN, routing.
// Where the source is iana: the IANA Service Name and Transport Protocol Port Number Registry,
// https://www.iana.org/assignments/service-names-port-numbers, for protocol numbers
// https://www.iana.org/assignments/protocol-numbers. Else: the documentation of the project, at the site named there.
export const networkServices: ServiceRows = {
    // name and aliases | protocols | ports or types | source | what it is
    Web: `
        http www                           | tcp     | 80                           | iana                       | web
        https                              | tcp     | 443                          | iana                       | web over TLS
        http3 quic                         | udp     | 443                          | iana                       | web over QUIC
        http-alt webcache tomcat           | tcp     | 8080                         | iana                       | alternative web port
        https-alt                          | tcp     | 8443                         | tomcat.apache.org          | alternative web port over TLS
        tomcat-ajp ajp                     | tcp     | 8009                         | tomcat.apache.org          | AJP, from a web server to Tomcat; no sign-on of its own
        wildfly-admin jboss-admin          | tcp     | 9990                         | docs.wildfly.org           | WildFly and JBoss management
        glassfish-admin payara-admin       | tcp     | 4848                         | glassfish.org              | GlassFish administration
        weblogic                           | tcp     | 7001                         | docs.oracle.com            | WebLogic administration server
        websphere-admin                    | tcp     | 9043, 9060                   | ibm.com                    | WebSphere administration console
        caddy-admin                        | tcp     | 2019                         | caddyserver.com            | Caddy administration API
        envoy-admin                        | tcp     | 9901                         | envoyproxy.io              | Envoy administration
        haproxy-stats                      | tcp     | 8404                         | haproxy.com                | HAProxy statistics and metrics
        varnish                            | tcp     | 6081                         | varnish-cache.org          | Varnish cache
        varnish-admin                      | tcp     | 6082                         | varnish-cache.org          | Varnish administration
        php-fpm fastcgi                    | tcp     | 9000                         | php.net                    | FastCGI from a web server to PHP
        gunicorn                           | tcp     | 8000                         | gunicorn.org               | Python web applications
        squid                              | tcp     | 3128                         | squid-cache.org            | Squid web proxy
        icp                                | udp     | 3130                         | iana                       | Internet Cache Protocol, between proxies
        socks socks5                       | tcp     | 1080                         | iana                       | SOCKS proxy
        privoxy                            | tcp     | 8118                         | privoxy.org                | Privoxy web proxy
        tinyproxy                          | tcp     | 8888                         | tinyproxy.github.io        | Tinyproxy web proxy
        shadowsocks                        | tcp udp | 8388                         | shadowsocks.org            | Shadowsocks proxy
        tor-relay                          | tcp     | 9001                         | torproject.org             | Tor relay, its usual port
        tor-socks                          | tcp     | 9050                         | torproject.org             | Tor proxy for local programs
        gopher                             | tcp     | 70                           | iana                       | Gopher
        gemini                             | tcp     | 1965                         | geminiprotocol.net         | Gemini
        ghost                              | tcp     | 2368                         | ghost.org                  | Ghost publishing
        odoo                               | tcp     | 8069, 8072                   | odoo.com                   | Odoo, and its live chat
        collabora libreoffice-online       | tcp     | 9980                         | collaboraonline.com        | Collabora Online, office documents
        etherpad                           | tcp     | 9001                         | etherpad.org               | Etherpad
        jupyter                            | tcp     | 8888                         | jupyter.org                | Jupyter notebooks
        rstudio posit-workbench            | tcp     | 8787                         | posit.co                   | RStudio Server
        shiny-server                       | tcp     | 3838                         | posit.co                   | Shiny applications
        streamlit                          | tcp     | 8501                         | streamlit.io               | Streamlit applications
        gradio                             | tcp     | 7860                         | gradio.app                 | Gradio applications
        comfyui                            | tcp     | 8188                         | docs.comfy.org             | ComfyUI
        ollama                             | tcp     | 11434                        | iana                       | Ollama language models; no sign-on of its own
        selenium webdriver                 | tcp     | 4444                         | selenium.dev               | Selenium Grid and WebDriver
    `,
    "Remote access": `
        ssh sftp                           | tcp     | 22                           | iana                       | Secure Shell
        mosh                               | udp     | 60000-61000                  | mosh.org                   | Mobile Shell; signs on over ssh first
        telnet                             | tcp     | 23                           | iana                       | Telnet, cleartext
        telnets                            | tcp     | 992                          | iana                       | Telnet over TLS
        rlogin                             | tcp     | 513                          | iana                       | BSD remote login, cleartext
        rsh                                | tcp     | 514                          | iana                       | BSD remote shell, cleartext
        rexec                              | tcp     | 512                          | iana                       | BSD remote execution, cleartext
        rdp ms-wbt-server                  | tcp udp | 3389                         | iana                       | Windows remote desktop
        vnc                                | tcp     | 5900-5909                    | tigervnc.org               | remote desktop, displays 0 to 9
        novnc                              | tcp     | 6080                         | novnc.com                  | VNC in a browser
        x11                                | tcp     | 6000-6063                    | iana                       | X Window System, cleartext; forward it over ssh instead
        xdmcp                              | udp     | 177                          | iana                       | X display manager, cleartext
        winrm wsman                        | tcp     | 5985-5986                    | iana                       | Windows remote management
        msrpc epmap                        | tcp     | 135                          | iana                       | Windows RPC endpoint mapper; the calls themselves take msrpc-dynamic
        msrpc-dynamic                      | tcp     | 49152-65535                  | learn.microsoft.com        | Windows RPC calls, the default dynamic range
        teamviewer                         | tcp udp | 5938                         | teamviewer.com             | TeamViewer
        anydesk                            | tcp     | 7070                         | anydesk.com                | AnyDesk, direct connections
        rustdesk                           | tcp     | 21115-21119                  | rustdesk.com               | RustDesk server; see also rustdesk-id
        rustdesk-id                        | udp     | 21116                        | rustdesk.com               | RustDesk server, registration of clients
        guacamole guacd                    | tcp     | 4822                         | guacamole.apache.org       | Guacamole proxy daemon
        nomachine                          | tcp     | 4000                         | nomachine.com              | NoMachine NX
        radmin                             | tcp     | 4899                         | iana                       | Radmin
        apple-remote-desktop net-assistant | tcp udp | 3283                         | iana                       | Apple Remote Desktop reports
        citrix-ica ica                     | tcp     | 1494                         | iana                       | Citrix sessions
        citrix-cgp                         | tcp     | 2598                         | citrix.com                 | Citrix sessions with reliability
        teleport                           | tcp     | 3023-3025, 3080              | goteleport.com             | Teleport proxy and auth service
        teleport-node                      | tcp     | 3022                         | goteleport.com             | Teleport SSH nodes
        ttyd                               | tcp     | 7681                         | tsl0922.github.io/ttyd     | terminal in a browser
        shellinabox                        | tcp     | 4200                         | github.com/shellinabox     | terminal in a browser
        ipmi asf-rmcp                      | udp     | 623                          | iana                       | baseboard management; never for the internet
        finger                             | tcp     | 79                           | iana                       | who is logged in, cleartext
        ident auth                         | tcp     | 113                          | iana                       | who opened a connection; IRC servers ask for it
    `,
    "Mail and news": `
        smtp mail                          | tcp     | 25                           | iana                       | mail between servers
        submission                         | tcp     | 587                          | iana                       | mail from clients
        submissions smtps                  | tcp     | 465                          | iana                       | mail from clients over TLS
        smtp-alt                           | tcp     | 2525                         | documentation.mailgun.com  | mail from clients where a hoster blocks 25 and 587
        lmtp                               | tcp     | 24                           | dovecot.org                | delivery into mailboxes
        pop3                               | tcp     | 110                          | iana                       | mailbox access, cleartext
        pop3s                              | tcp     | 995                          | iana                       | mailbox access over TLS
        imap imap2 imap4                   | tcp     | 143                          | iana                       | mailbox access, cleartext
        imap3                              | tcp     | 220                          | iana                       | obsolete mailbox protocol, not IMAP4
        imaps                              | tcp     | 993                          | iana                       | mailbox access over TLS
        sieve managesieve                  | tcp     | 4190                         | iana                       | mail filter management
        rspamd                             | tcp     | 11332-11334                  | rspamd.com                 | Rspamd proxy, workers and web interface
        spamd spamassassin                 | tcp     | 783                          | spamassassin.apache.org    | SpamAssassin daemon
        clamd clamav                       | tcp     | 3310                         | clamav.net                 | ClamAV daemon; no sign-on of its own
        amavis                             | tcp     | 10024                        | amavis.org                 | Amavis content filter
        razor                              | tcp     | 2703                         | razor.sourceforge.net      | Razor spam catalogue; a mail server asks it (egress)
        pyzor                              | udp     | 24441                        | pyzor.org                  | Pyzor spam digests; a mail server asks it (egress)
        dcc                                | udp     | 6277                         | dcc-servers.net            | DCC spam checksums; a mail server asks it (egress)
        mailpit mailhog                    | tcp     | 1025, 8025                   | mailpit.axllent.org        | mail catcher for tests
        nntp                               | tcp     | 119                          | iana                       | Usenet news, cleartext
        nntps                              | tcp     | 563                          | iana                       | Usenet news over TLS
        uucp                               | tcp     | 540                          | iana                       | UUCP
        lotus-notes domino                 | tcp     | 1352                         | iana                       | Notes and Domino
    `,
    "Names, addresses and time": `
        dns domain                         | tcp udp | 53                           | iana                       | name server; this host's own queries are egress to it
        dns-over-tls dot                   | tcp     | 853                          | iana                       | name server over TLS
        dns-over-quic doq                  | udp     | 853                          | iana                       | name server over QUIC
        mdns bonjour avahi                 | udp     | 5353                         | iana                       | multicast DNS on the local network
        llmnr                              | tcp udp | 5355                         | iana                       | Windows name resolution on the local network
        rndc                               | tcp     | 953                          | iana                       | BIND remote control
        unbound-control                    | tcp     | 8953                         | nlnetlabs.nl               | Unbound remote control
        nsd-control                        | tcp     | 8952                         | nlnetlabs.nl               | NSD remote control
        powerdns-api                       | tcp     | 8081                         | doc.powerdns.com           | PowerDNS Authoritative web server and API
        powerdns-recursor-api              | tcp     | 8082                         | doc.powerdns.com           | PowerDNS Recursor web server and API
        dnsdist-console                    | tcp     | 5199                         | dnsdist.org                | dnsdist console
        adguard-home                       | tcp     | 3000                         | adguard.com                | AdGuard Home, first setup
        whois nicname                      | tcp     | 43                           | iana                       | owners of domains and addresses
        rwhois                             | tcp     | 4321                         | iana                       | referral whois
        dhcp-server bootps dhcp            | udp     | 67                           | iana                       | DHCP server; this host's own client sends to it
        dhcp-client bootpc                 | udp     | 68                           | iana                       | answers to this host's DHCP client; hosts let them in by the base
        dhcpv6-server                      | udp     | 547                          | iana                       | DHCPv6 server; this host's own client sends to it
        dhcpv6-client                      | udp     | 546                          | iana                       | answers to this host's DHCPv6 client; hosts let them in by the base
        dhcp-failover                      | tcp     | 647                          | iana                       | between two DHCP servers
        tftp                               | udp     | 69                           | iana                       | trivial file transfer; data take a port of their own that only a helper of connection tracking knows
        ntp                                | udp     | 123                          | iana                       | time server
        nts ntske nts-ke                   | tcp     | 4460                         | iana                       | key exchange of secured NTP; the time itself takes ntp
        ptp                                | udp     | 319-320                      | iana                       | Precision Time Protocol
        chrony-control                     | udp     | 323                          | chrony-project.org         | chrony remote control
        time                               | tcp udp | 37                           | iana                       | obsolete time protocol
        daytime                            | tcp udp | 13                           | iana                       | test service of inetd
        echo                               | tcp udp | 7                            | iana                       | test service of inetd; over UDP it amplifies attacks
        discard                            | tcp udp | 9                            | iana                       | test service of inetd
        chargen                            | tcp udp | 19                           | iana                       | test service of inetd; over UDP it amplifies attacks
        qotd quote                         | tcp udp | 17                           | iana                       | test service of inetd; over UDP it amplifies attacks
        traceroute                         | udp     | 33434-33523                  | man7.org                   | probes of Unix traceroute: 30 hops of 3
        ssdp upnp                          | udp     | 1900                         | iana                       | UPnP discovery; never for the internet
        nat-pmp pcp                        | udp     | 5351                         | iana                       | port mapping by NAT-PMP and PCP
        slp svrloc                         | tcp udp | 427                          | iana                       | Service Location Protocol; over UDP it amplifies attacks
        ws-discovery wsd                   | udp     | 3702                         | iana                       | Web Services discovery; over UDP it amplifies attacks
        netbios-ns wins                    | udp     | 137                          | iana                       | NetBIOS names
        netbios-dgm                        | udp     | 138                          | iana                       | NetBIOS datagrams
        netbios-ssn                        | tcp     | 139                          | iana                       | NetBIOS sessions, old Windows file sharing
        teredo                             | udp     | 3544                         | iana                       | IPv6 tunnelled in UDP
    `,
    "Directory and sign-on": `
        ldap                               | tcp     | 389                          | iana                       | directory
        ldaps                              | tcp     | 636                          | iana                       | directory over TLS
        cldap                              | udp     | 389                          | iana                       | directory over UDP, finds domain controllers; it amplifies attacks
        ldap-gc global-catalog             | tcp     | 3268                         | iana                       | Active Directory global catalogue
        ldaps-gc global-catalog-tls        | tcp     | 3269                         | iana                       | Active Directory global catalogue over TLS
        adws                               | tcp     | 9389                         | iana                       | Active Directory Web Services
        kerberos                           | tcp udp | 88                           | iana                       | Kerberos
        kpasswd                            | tcp udp | 464                          | iana                       | Kerberos password changes
        kadmin kerberos-adm                | tcp     | 749                          | iana                       | Kerberos administration
        radius                             | udp     | 1812                         | iana                       | RADIUS authentication
        radius-acct                        | udp     | 1813                         | iana                       | RADIUS accounting
        radius-coa radius-dynauth          | udp     | 3799                         | iana                       | RADIUS changes from the server
        radsec                             | tcp     | 2083                         | iana                       | RADIUS over TLS
        tacacs tacacs-plus                 | tcp     | 49                           | iana                       | TACACS+
        diameter                           | tcp     | 3868                         | iana                       | Diameter
        keycloak                           | tcp     | 8080, 8443                   | keycloak.org               | Keycloak
        authentik                          | tcp     | 9000, 9443                   | goauthentik.io             | authentik
        authelia                           | tcp     | 9091                         | authelia.com               | Authelia
        hkp pgp-keyserver                  | tcp     | 11371                        | iana                       | OpenPGP key server
        kms                                | tcp     | 1688                         | learn.microsoft.com        | Windows volume activation
    `,
    "VPN and tunnels": `
        wireguard                          | udp     | 51820                        | wireguard.com              | WireGuard, its usual port
        wg-easy                            | tcp     | 51821                        | github.com/wg-easy         | WireGuard web interface wg-easy
        openvpn                            | udp     | 1194                         | iana                       | OpenVPN, its usual port
        openvpn-tcp                        | tcp     | 1194                         | iana                       | OpenVPN over TCP
        openvpn-admin                      | tcp     | 943                          | openvpn.net                | OpenVPN Access Server web interface
        ike isakmp                         | udp     | 500                          | iana                       | IPsec key exchange; see also ipsec-nat-t and esp
        ipsec-nat-t                        | udp     | 4500                         | iana                       | IPsec through NAT
        esp ipsec-esp                      | 50      | -                            | iana                       | IPsec payload where no NAT is between
        ah ipsec-ah                        | 51      | -                            | iana                       | IPsec authentication header
        gre                                | 47      | -                            | iana                       | GRE tunnels; PPTP needs it beside pptp
        ipip ipencap                       | 4       | -                            | iana                       | IPv4 in IP tunnels
        sixinfour 6in4 sit                 | 41      | -                            | iana                       | IPv6 in IPv4 tunnels
        l2tp                               | udp     | 1701                         | iana                       | L2TP; inside IPsec, see ike
        pptp                               | tcp     | 1723                         | iana                       | PPTP control; its data are gre. Broken, do not use
        tailscale                          | udp     | 41641                        | tailscale.com              | Tailscale, direct connections
        zerotier                           | udp     | 9993                         | docs.zerotier.com          | ZeroTier
        nebula                             | udp     | 4242                         | nebula.defined.net         | Nebula
        tinc                               | tcp udp | 655                          | iana                       | tinc
        softether                          | tcp     | 443, 992, 1194, 5555         | softether.org              | SoftEther VPN server
        openconnect ocserv anyconnect      | tcp udp | 443                          | ocserv.openconnect-vpn.net | OpenConnect server and AnyConnect
        cloudflared                        | tcp udp | 7844                         | developers.cloudflare.com  | Cloudflare Tunnel; the host connects out (egress)
        frp                                | tcp     | 7000                         | github.com/fatedier/frp    | frp server
        vxlan                              | udp     | 4789                         | iana                       | VXLAN tunnels, also of Docker Swarm; cleartext
        geneve                             | udp     | 6081                         | iana                       | Geneve tunnels; cleartext
        gue                                | udp     | 6080                         | iana                       | Generic UDP Encapsulation
    `,
    "Routing and network equipment": `
        bgp                                | tcp     | 179                          | iana                       | BGP
        bfd                                | udp     | 3784-3785                    | iana                       | fast failure detection beside BGP and OSPF
        bfd-multihop                       | udp     | 4784                         | iana                       | fast failure detection over several hops
        ospf                               | 89      | -                            | iana                       | OSPF
        eigrp                              | 88      | -                            | iana                       | EIGRP
        pim                                | 103     | -                            | iana                       | multicast routing
        igmp                               | 2       | -                            | iana                       | multicast membership, IPv4
        vrrp keepalived carp               | 112     | -                            | iana                       | shared addresses: keepalived, VRRP, CARP
        hsrp                               | udp     | 1985                         | iana                       | shared addresses of Cisco routers
        rip                                | udp     | 520                          | iana                       | RIP
        ripng                              | udp     | 521                          | iana                       | RIP for IPv6
        ldp                                | tcp udp | 646                          | iana                       | MPLS label distribution
        babel                              | udp     | 6696                         | iana                       | Babel routing
        olsr                               | udp     | 698                          | iana                       | OLSR mesh routing
        rpki-rtr                           | tcp     | 323                          | iana                       | RPKI to routers, cleartext
        rpki-rtr-tls                       | tcp     | 324                          | iana                       | RPKI to routers over TLS
        netconf                            | tcp     | 830                          | iana                       | NETCONF over SSH
        netconf-tls                        | tcp     | 6513                         | iana                       | NETCONF over TLS
        gnmi                               | tcp     | 9339                         | iana                       | gNMI telemetry and configuration
        openflow                           | tcp     | 6653                         | iana                       | OpenFlow
        capwap                             | udp     | 5246-5247                    | iana                       | controllers of wireless access points
        cwmp tr-069                        | tcp     | 7547                         | iana                       | TR-069 management of home routers
        winbox                             | tcp     | 8291                         | help.mikrotik.com          | MikroTik WinBox
        mikrotik-api                       | tcp     | 8728-8729                    | help.mikrotik.com          | MikroTik API, cleartext and over TLS
        unifi                              | tcp     | 6789, 8080, 8443, 8843, 8880 | help.ui.com                | UniFi Network server; see also stun and unifi-discovery
        unifi-discovery                    | udp     | 10001                        | help.ui.com                | UniFi device discovery
        gtp-control                        | udp     | 2123                         | iana                       | GTP of mobile networks, control
        gtp-user                           | udp     | 2152                         | iana                       | GTP of mobile networks, user data
        pfcp                               | udp     | 8805                         | iana                       | PFCP of mobile networks
    `,
};
