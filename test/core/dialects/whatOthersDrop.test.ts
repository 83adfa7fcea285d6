import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatExample } from "../../../core/analysis/witness";
import { type Listings, otherFilters } from "../../../core/dialects/otherFilters";
import { whatOthersDrop } from "../../../core/dialects/whatOthersDrop";
import { checkPolicy } from "../../../core/model/checkPolicy";

/** As real programs of Debian 12 list them. ufw: allow 22, limit 2222, 5432 from 198.51.100.0/24; firewalld as it is installed. */
const recorded = (name: string) => readFileSync(join(__dirname, "recordedOthers", name), "utf8");
const UFW: Listings = {
    nft: "",
    iptables: [
        { variant: "nft", family: 4, text: recorded("ufw.v4") },
        { variant: "nft", family: 6, text: recorded("ufw.v6") },
    ],
};

function policyOf(rules: Record<string, unknown>) {
    const { policy, problems } = checkPolicy({ templates: [{ name: "web", rules }] });
    expect(problems).toEqual([]);
    return policy;
}

const RULES = {
    ssh: { service: "ssh" },
    https: { service: "https" },
    other: { protocol: "tcp", ports: 2222 },
    postgres: { protocol: "tcp", ports: 5432 },
    out: { direction: "egress", service: "https" },
};

function dropsOf(listings: Listings, rules: Record<string, unknown> = RULES) {
    const { filters, unread } = otherFilters(listings);
    const { drops, perhaps } = whatOthersDrop(policyOf(rules), filters);
    return {
        drops: drops.map(
            ({ filter, rule, packet, whole }) =>
                `${filter}: ${whole ? "all" : "some"} of ${rule}: ${formatExample(packet)}`,
        ),
        perhaps,
        unread,
    };
}

const nft = (rules: string, more = "") =>
    JSON.stringify({
        nftables: [
            { metainfo: { version: "1.0.6" } },
            { table: { family: "inet", name: "filter" } },
            ...(more === "" ? [] : [JSON.parse(more)]),
            {
                chain: {
                    ...{ family: "inet", table: "filter", name: "in", type: "filter", hook: "input", prio: 0 },
                    policy: "accept",
                },
            },
            ...(rules === ""
                ? []
                : [{ rule: { family: "inet", table: "filter", chain: "in", expr: JSON.parse(rules) } }]),
        ],
    });
const match = (field: string, right: unknown) => ({
    match: { op: "==", left: { payload: { protocol: field.split(" ")[0], field: field.split(" ")[1] } }, right },
});

test("ufw: what it does not allow is dropped wholly, what it allows from some partly, what it limits perhaps", () => {
    expect(dropsOf(UFW)).toEqual({
        drops: [
            "ufw: all of web/https: tcp 203.0.113.9 -> port 443",
            "ufw: some of web/postgres: tcp 203.0.113.9 -> port 5432",
        ],
        perhaps: [],
        unread: [],
    });
    expect(dropsOf(UFW, { ssh: RULES.ssh })).toMatchObject({ drops: [] });
    expect(dropsOf(UFW, { other: RULES.other })).toMatchObject({ drops: [], perhaps: ["ufw"] });
});

test("firewalld: rejects what its zone does not name; packets of containers aside", () => {
    const { drops } = dropsOf({ nft: recorded("firewalld.json"), iptables: [] });
    expect(drops).toEqual([
        "firewalld: all of web/https: tcp 203.0.113.9 -> port 443",
        "firewalld: all of web/postgres: tcp 203.0.113.9 -> port 5432",
        "firewalld: all of web/other: tcp 203.0.113.9 -> port 2222",
        // 6to4 to addresses that nobody has (RFC 3964).
        "firewalld: some of web/out: out tcp -> :: port 443",
    ]);
});

test("ours is no other filter, in either packet filter", () => {
    const own = `*filter
:INPUT ACCEPT [0:0]
:VPSFW-IN - [0:0]
-A INPUT -j VPSFW-IN
-A VPSFW-IN -j DROP
COMMIT
`;
    const json = nft(JSON.stringify([{ drop: null }]))
        .replaceAll('"filter"', '"vps_firewall"')
        .replace(/"type":"\w+"/, '"type":"filter"');
    expect(otherFilters({ nft: json, iptables: [{ variant: "nft", family: 4, text: own }] }).filters).toEqual([]);
});

test("who bans is named, and what it bans today is no finding", () => {
    const banning = `*filter
:INPUT ACCEPT [0:0]
:f2b-sshd - [0:0]
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A f2b-sshd -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-sshd -j RETURN
COMMIT
`;
    expect(dropsOf({ nft: "", iptables: [{ variant: "nft", family: 4, text: banning }] })).toEqual({
        drops: [],
        perhaps: ["fail2ban"],
        unread: [],
    });
});

test("the elements of sets were not asked for: a set may hold anybody", () => {
    const set = JSON.stringify({ set: { family: "inet", table: "filter", name: "bad", type: "ipv4_addr" } });
    const drop = JSON.stringify([match("ip saddr", "@bad"), { drop: null }]);
    expect(dropsOf({ nft: nft(drop, set), iptables: [] })).toMatchObject({ drops: [], perhaps: ["table inet filter"] });
});

test("sets of ports and interfaces are known: what is not in one is dropped", () => {
    const set = JSON.stringify({ set: { family: "inet", table: "filter", name: "open", type: "inet_service" } });
    const rules = JSON.stringify([
        { match: { op: "!=", left: { payload: { protocol: "tcp", field: "dport" } }, right: "@open" } },
        { drop: null },
    ]);
    const listed = (elem: unknown) =>
        JSON.stringify({
            nftables: [
                { metainfo: { version: "1.0.6" } },
                { set: { family: "inet", table: "filter", name: "open", type: "inet_service", ...(elem as object) } },
            ],
        });
    const having = (nftSets: string) =>
        dropsOf({ nft: nft(rules, set), nftSets, iptables: [] }, { ssh: RULES.ssh, https: RULES.https });
    const https = "table inet filter: all of web/https: tcp 203.0.113.9 -> port 443";
    expect(having(`${listed({ elem: [22, { range: [9000, 9090] }] })}\n`)).toMatchObject({
        drops: [https],
        perhaps: [],
    });
    expect(having(listed({ elem: [22, 443] }))).toMatchObject({ drops: [], perhaps: [] });
    // Nothing is in it.
    expect(having(listed({}))).toMatchObject({ drops: [expect.stringContaining("web/ssh"), https] });
    const strange = listed({ elem: [{ range: 5 }, { strange: [] }] });
    for (const unknown of ["", "{", '{"nftables":{}}', '{"nftables":[{"set":5}]}', strange])
        expect(having(unknown)).toMatchObject({ drops: [], perhaps: ["table inet filter"] });
});

test("a table that accepts all says nothing; one that drops a port names it", () => {
    expect(dropsOf({ nft: nft(""), iptables: [] })).toEqual({ drops: [], perhaps: [], unread: [] });
    const drop = JSON.stringify([match("tcp dport", 443), { drop: null }]);
    expect(dropsOf({ nft: nft(drop), iptables: [] })).toMatchObject({
        drops: ["table inet filter: all of web/https: tcp 203.0.113.9 -> port 443"],
    });
});

test("what is not readable is said to be so, and never fails", () => {
    expect(dropsOf({ nft: "{", iptables: [{ variant: "nft", family: 4, text: "-A nothing" }] })).toEqual({
        drops: [],
        perhaps: [],
        unread: ["iptables", "nftables"],
    });
    // Thousands of matches that nobody knows.
    const strange = Array.from({ length: 3000 }, (_, i) => `-A INPUT -m strange${i} --some ${i} -j DROP\n`).join("");
    const text = `*filter\n:INPUT ACCEPT [0:0]\n${strange}COMMIT\n`;
    expect(dropsOf({ nft: "", iptables: [{ variant: "nft", family: 4, text }] })).toMatchObject({
        drops: [],
        perhaps: ["iptables"],
    });
});
