/** What passes before any rule is asked. Larger than this it never gets; the number counts its changes. */
export const baseLine =
    "loopback, replies, icmp errors, neighbour discovery, multicast listener discovery, dhcp client (1)";
