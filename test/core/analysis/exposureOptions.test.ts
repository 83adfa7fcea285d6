import { exposureOf } from "./exposureOf";

const egress = { "egress any": "anywhere" };
const lines = (...said: string[]) => exposureOf(Object.fromEntries(said.map((line, index) => [`r${index}`, line])));

test("exceptions read as they do where a drop makes them", () => {
    expect(lines("accept tcp from anywhere except 203.0.113.0/24 to port 443")).toEqual({
        "ingress tcp 443": "anywhere except 203.0.113.0/24",
        ...egress,
    });
    expect(lines("accept tcp from 10.0.0.0/8 except 10.0.0.0/9, 192.0.2.1 to port 443")).toEqual({
        "ingress tcp 443": "10.128.0.0/9",
        ...egress,
    });
    // A drop that excepts lets the exceptions go on.
    expect(lines("drop any from anywhere except 198.51.100.0/24", "accept tcp from anywhere to port 22")).toEqual({
        "ingress tcp 22": "198.51.100.0/24",
        ...egress,
    });
});

test("an exception of one rule leaves packets to another whose addresses are not known yet either", () => {
    const templates = [
        { name: "base", rules: { ssh: "accept tcp from anywhere except (not known yet) to port 22" } },
        { name: "web", rules: { own: "drop tcp from anywhere to (not known yet)" } },
        { name: "last", rules: { ssh: "accept tcp from anywhere to port 22" } },
    ];
    // Only an address that the first excepts can meet the second, and then one of the server's that this names.
    expect(exposureOf(templates)).toEqual({
        "ingress tcp 22": "anywhere except (not known yet) to (not known yet)",
        ...egress,
    });
});

test("an exception that is not known yet takes nothing for granted", () => {
    expect(lines("accept tcp from anywhere except (not known yet) to port 22")).toEqual({
        "ingress tcp 22": "anywhere except (not known yet)",
        ...egress,
    });
    expect(lines("drop any from anywhere except (not known yet)", "accept tcp from anywhere to port 22")).toEqual({
        "ingress tcp 22": "(not known yet)",
        ...egress,
    });
});

test("interfaces that rules name are said where they differ from the others", () => {
    expect(lines("accept tcp from anywhere to port 22 in wg0")).toEqual({
        "ingress tcp 22": "in wg0: anywhere",
        ...egress,
    });
    expect(
        lines("accept tcp from 198.51.100.0/24 to port 22", "accept tcp from 10.0.0.0/8 to port 22 in eth1"),
    ).toEqual({
        "ingress tcp 22": "198.51.100.0/24; in eth1: 10.0.0.0/8, 198.51.100.0/24",
        ...egress,
    });
    expect(lines("accept tcp from anywhere to port 22", "drop any from anywhere in eth1")).toEqual({
        "ingress tcp 22": "anywhere; in eth1: nobody",
        ...egress,
    });
    expect(lines("egress drop udp to anywhere out wg*")).toEqual({
        "egress any": "anywhere",
        "egress udp": "anywhere; out wg*: nobody",
    });
});

test("an interface is said too where a pattern that covers it fares otherwise", () => {
    expect(
        lines(
            "accept tcp from anywhere to port 22",
            "drop any from anywhere in wg*",
            "accept tcp from anywhere to port 22 in wg0 priority 1",
        ),
    ).toEqual({ "ingress tcp 22": "anywhere; in wg*: nobody; in wg0: anywhere", ...egress });
});

test("packets that open no connection have lines of their own where they fare otherwise", () => {
    expect(lines("accept tcp from anywhere to port 22", "drop any from anywhere state invalid")).toEqual({
        "ingress tcp 22": "anywhere",
        "ingress any state invalid": "nobody",
        ...egress,
    });
    expect(lines("accept tcp from anywhere to port 22 state new", "accept tcp from anywhere to port 80")).toEqual({
        "ingress tcp 22": "anywhere",
        "ingress tcp 80": "anywhere",
        ...Object.fromEntries(
            ["related", "invalid", "untracked"].flatMap((state) => [
                [`ingress any state ${state}`, "nobody"],
                [`ingress tcp 80 state ${state}`, "anywhere"],
            ]),
        ),
        ...egress,
    });
});

test("flags that begin no connection have lines of their own where they fare otherwise", () => {
    expect(lines("accept tcp from anywhere to port 80", "drop tcp from anywhere flags null, xmas")).toEqual({
        "ingress tcp 80": "anywhere",
        "ingress tcp flags null": "nobody",
        "ingress tcp flags xmas": "nobody",
        ...egress,
    });
});

test("a limit is said with those whom it holds back", () => {
    expect(lines("accept icmp echo-request from anywhere limit 10/second burst 20")).toEqual({
        "ingress icmp echo-request": "anywhere limit 10/second burst 20",
        ...egress,
    });
    expect(
        lines(
            "accept tcp from 198.51.100.0/24 to port 22",
            "accept tcp from anywhere to port 22 limit 6/minute burst 5 per source",
        ),
    ).toEqual({
        "ingress tcp 22": "198.51.100.0/24; anywhere except 198.51.100.0/24 limit 6/minute burst 5 per source",
        ...egress,
    });
});

test("a limit that cannot bite is not said", () => {
    expect(
        lines("accept tcp from anywhere to port 22 limit 6/minute burst 5", "accept tcp from anywhere to port 22-23"),
    ).toEqual({ "ingress tcp 22-23": "anywhere", ...egress });
});

test("codes of ICMP are said where they fare otherwise than the rest of their type", () => {
    expect(lines("accept icmp destination-unreachable/fragmentation-needed from anywhere")).toEqual({
        "ingress icmp destination-unreachable/fragmentation-needed": "anywhere",
        "ingress icmp destination-unreachable": "nobody",
        ...egress,
    });
});

test("logs, answers and last days change no traffic", () => {
    const plain = lines("drop any from 203.0.113.0/24", "accept tcp from anywhere to port 22");
    expect(
        lines(
            'reject any from 203.0.113.0/24 log prefix "no: " with admin-prohibited',
            "accept tcp from anywhere to port 22 log expires 2027-01-31",
        ),
    ).toEqual(plain);
});
