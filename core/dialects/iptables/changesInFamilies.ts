/** What is changed in each family, once where it is in both; where it is only in one, that is named. */
export function changesInFamilies(ipv4: readonly string[], ipv6: readonly string[]): string[] {
    return [
        ...ipv4.map((change) => (ipv6.includes(change) ? change : `${change} in IPv4`)),
        ...ipv6.filter((change) => !ipv4.includes(change)).map((change) => `${change} in IPv6`),
    ];
}
