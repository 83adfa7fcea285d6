import type { Packet } from "../../../../core/analysis/decide";
import { boundsOf, iptables } from "../../../../core/dialects/iptables";
import { policy, web } from "../nftables/build";
import { before, behind, changed, type Edit, edited, saveOf, without } from "./save";

const jump = "-A INPUT -j VPSFW-IN";

function after(family: 4 | 6 | "both", edit: Edit, wanted = web) {
    const listing = edited(saveOf(wanted), family, edit);
    const reading = iptables.read(listing, wanted);
    return {
        ...reading,
        listing,
        change: reading.base.replace(/^.*; changed by hand: /, ""),
        foreign: Object.fromEntries(reading.unmanaged.map(({ key, line }) => [key, line])),
        difference: iptables.difference(listing, wanted),
    };
}

test("without the jump nothing is filtered in that family", () => {
    const ipv6 = after(6, without(jump));
    expect(ipv6.change).toBe("the jump to VPSFW-IN is missing in IPv6");
    expect(ipv6.difference).toBe(ipv6.base);
    expect(ipv6.understood).toBe(false);
    expect(ipv6.exposure!["ingress any"]).toBe("anywhere IPv6");
    expect(ipv6.exposure!["ingress tcp 443"]).toBe("anywhere except 203.0.113.0/24");
    expect(ipv6.mark).toBeDefined();

    const both = after("both", without(jump));
    expect(both.change).toBe("the jump to VPSFW-IN is missing");
    expect(both.effective).toEqual([]);
    expect(both.defaults.ingress).toBe("accept");
    expect(both.exposure).toEqual({ "ingress any": "anywhere", "egress any": "anywhere" });
    expect([...both.rules.keys()]).toEqual(web.rules.map(({ key }) => key));
});

test.each([
    ["-A INPUT -i eth0 -j VPSFW-IN", "the jump to VPSFW-IN is conditional in IPv4"],
    ["-A INPUT -g VPSFW-IN", "the jump to VPSFW-IN is altered in IPv4"],
])("%s is no jump for every packet", (line, change) => {
    const {
        change: said,
        understood,
        difference,
        base,
    } = after(
        4,
        changed(jump, () => line),
    );
    expect(said).toBe(change);
    expect(understood).toBe(false);
    expect(difference).toBe(base);
});

test("a conditional jump leaves the rest open, and that is what is said", () => {
    const { exposure } = after(
        "both",
        changed(jump, () => "-A INPUT -i eth0 -j VPSFW-IN"),
    );
    expect(exposure).toMatchObject({
        "ingress any": "anywhere; in eth0: nobody",
        "ingress tcp 443": "anywhere; in eth0: anywhere except 203.0.113.0/24",
    });
});

test("a jump with a match that is not understood may leave all open", () => {
    const { exposure, change } = after(
        "both",
        changed(jump, () => "-A INPUT -m socket -j VPSFW-IN"),
    );
    expect(change).toBe("the jump to VPSFW-IN is conditional");
    expect(exposure).toMatchObject({ "ingress any": "at most anywhere" });
});

test("a second jump does no harm, and is said", () => {
    const { change, understood, difference, base } = after("both", behind(jump, jump));
    expect(change).toBe("the jump to VPSFW-IN stands there twice");
    expect(understood).toBe(true);
    expect(difference).toBe(base);
});

test("a jump with a comment is one", () => {
    const { baseIntact, difference } = after(
        "both",
        changed(jump, () => '-A INPUT -m comment --comment "a b" -j VPSFW-IN'),
    );
    expect({ baseIntact, difference }).toEqual({ baseIntact: true, difference: undefined });
});

test("egress has its jump too", () => {
    const wanted = policy({ "web/a": "egress drop tcp to anywhere port 25" });
    expect(after(4, without("-A OUTPUT -j VPSFW-OUT"), wanted).change).toBe("the jump to VPSFW-OUT is missing in IPv4");
});

const STAND_BEFORE = "rules of others stand before the jump to VPSFW-IN";

test("a rule before the jump that accepts passes by our chain", () => {
    const one = after(4, before(jump, "-A INPUT -i virbr0 -j ACCEPT"));
    expect(one.foreign).toEqual({ "(unmanaged) any": "accept any from anywhere IPv4 in virbr0 (before our jump)" });
    expect(one.unmanaged[0]).toMatchObject({ place: "INPUT", position: 0 });
    expect(one.effective[0]!.key).toBe("(unmanaged) any");
    expect(one.change).toBe(`${STAND_BEFORE} in IPv4`);
    expect(one.understood).toBe(true);
    expect(one.difference).toBe(one.base);
    const both = after("both", before(jump, "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"));
    expect(both.foreign).toEqual({ "(unmanaged) tcp 22": "accept tcp from anywhere to port 22 (before our jump)" });
    expect(both.change).toBe(STAND_BEFORE);
});

test.each([
    ["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
    ["-i lo -j ACCEPT"],
    ["-j others"],
    ["-p tcp -g others"],
    ["-j NFQUEUE --queue-num 1"],
    ["-j SOMETHING"],
])("%s before the jump may accept", (rule) => {
    const { foreign, understood, exposure, change } = after(4, (lines) =>
        before(
            jump,
            `-A INPUT ${rule}`,
        )(
            before(
                "-A INPUT",
                ":others - [0:0]",
                ":deeper - [0:0]",
                "-A others -j deeper",
                "-A deeper -p tcp -m tcp --dport 3306 -j ACCEPT",
            )(lines),
        ),
    );
    expect(Object.values(foreign)).toEqual([`${rule} (IPv4, before our jump)`]);
    expect(change).toBe(`${STAND_BEFORE} in IPv4`);
    expect(understood).toBe(false);
    expect(exposure).toEqual(expect.any(Object));
});

test("what others accept in chains of theirs is in the bounds, and what they drop behind us is not", () => {
    const { exposure } = after("both", (lines) =>
        behind(
            jump,
            "-A INPUT -p tcp -m tcp --dport 443 -j DROP",
        )(
            before(
                jump,
                ":others - [0:0]",
                "-A INPUT -j others",
                "-A others -p tcp -m tcp --dport 3306 -j ACCEPT",
            )(lines),
        ),
    );
    expect(exposure).toMatchObject({
        "ingress tcp 3306": "anywhere",
        "ingress tcp 443": "anywhere except 203.0.113.0/24",
    });
});

test("what drops, logs, counts or returns before the jump is nobody's business", () => {
    const bans = [
        ":f2b-sshd - [0:0]",
        "-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd",
        "-A INPUT -s 192.0.2.1/32 -j DROP",
        "-A INPUT -s 192.0.2.2/32 -j REJECT --reject-with icmp-proto-unreachable",
        '-A INPUT -j LOG --log-prefix "in "',
        "-A INPUT -j TRACE",
        "-A INPUT -j MARK --set-xmark 0x1/0xffffffff",
        "-A INPUT -p tcp",
        "-A f2b-sshd -s 192.0.2.3/32 -j REJECT --reject-with icmp-port-unreachable",
        "-A f2b-sshd -j RETURN",
    ];
    const { unmanaged, understood, difference } = after(4, before(jump, ...bans));
    expect({ unmanaged, understood, difference }).toEqual({ unmanaged: [], understood: true, difference: undefined });
});

test("what returns from the built-in chain meets its policy", () => {
    const returns = before(jump, "-A INPUT -p tcp -m tcp --dport 22 -j RETURN");
    expect(after(4, returns).change).toBe(`${STAND_BEFORE} in IPv4`);
    const drops = (lines: string[]) => changed(":INPUT", () => ":INPUT DROP [0:0]")(returns(lines));
    expect(after(4, drops).difference).toBeUndefined();
});

test("rules of others elsewhere are none of ours", () => {
    const { difference } = after(
        "both",
        before(
            jump,
            ":DOCKER-USER - [0:0]",
            ":ufw-before-input - [0:0]",
            "-A FORWARD -j DOCKER-USER",
            "-A DOCKER-USER -j RETURN",
            "-A ufw-before-input -i lo -j ACCEPT",
        ),
    );
    expect(difference).toBeUndefined();
    expect(after("both", behind(jump, "-A INPUT -j ACCEPT")).difference).toBeUndefined();
});

test("bounds of one packet", () => {
    const ssh: Packet = {
        direction: "ingress",
        family: 4,
        protocol: 6,
        source: 0xcb007101n,
        destination: 0xc000020an,
        sourcePort: 40000,
        destinationPort: 3306,
    };
    const { listing } = after(
        4,
        before('"web/scanners"', "-A VPSFW-IN -p tcp -m tcp --dport 3306 -m owner --uid-owner 0 -j ACCEPT"),
    );
    expect(boundsOf(listing, ssh)).toEqual({ may: true, must: false });
    expect(boundsOf(listing, { ...ssh, family: 6 })).toEqual({ may: false, must: false });
    expect(boundsOf(listing, { ...ssh, destinationPort: 3307 })).toEqual({ may: false, must: false });
    expect(boundsOf(listing, { ...ssh, source: 1n, destinationPort: 443 })).toEqual({ may: true, must: true });
});
