import { containerNotes, containersOf, policyFor } from "../../provider/containers";
import type { Published } from "../../targets/ssh";
import { readPublished } from "../../targets/ssh/readPublished";
import { policy } from "../core/dialects/nftables/build";

describe("what a host enforces", () => {
    const wanted = policy({ "web/ssh": "accept tcp from anywhere to port 22" });

    test("published ports are covered where there is an engine, unless they are left alone", () => {
        expect(policyFor({ policy: wanted, inputs: {} }, { containers: true })).toEqual({
            ...wanted,
            forward: "containers",
        });
        expect(policyFor({ policy: wanted, inputs: { containers: "filter" } }, { containers: true }).forward).toBe(
            "containers",
        );
        expect(policyFor({ policy: wanted, inputs: {} }, { containers: false })).toBe(wanted);
        expect(policyFor({ policy: wanted, inputs: { containers: "leave" } }, { containers: true })).toBe(wanted);
    });

    test("is the same object each time, by which its packet sets are remembered", () => {
        const wish = { policy: wanted, inputs: {} };
        expect(policyFor(wish, { containers: true })).toBe(policyFor(wish, { containers: true }));
    });

    test.each([
        ["covered, as by default", {}, true, "containers", undefined],
        ["covered, as was said", { containers: "filter" }, true, "containers", "filter"],
        ["an engine that came later", {}, true, undefined, "leave"],
        ["no engine", {}, false, undefined, undefined],
        ["left alone", { containers: "leave" }, true, undefined, "leave"],
        ["covered, but to be left alone", { containers: "leave" }, true, "containers", "filter"],
    ] as const)("reads as %s", (_, inputs, containers, live, read) => {
        expect(containersOf(inputs, { containers, table: "marked" }, live)).toBe(read);
    });
});

describe("published ports", () => {
    test("are read from the rules of nat", () => {
        expect(
            readPublished(
                [
                    "4 -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80",
                    "4 -A DOCKER -d 127.0.0.1/32 ! -i docker0 -p tcp -m tcp --dport 8082 -j DNAT --to-destination 172.17.0.2:80",
                    "6 -A DOCKER -d ::/0 ! -i docker0 -p udp -m udp --dport 53 -j DNAT --to-destination [fd00:dead::2]:53",
                    "4 -A NETAVARK-DN-1D8721804F16F -p tcp -m tcp --dport 8090 -j DNAT --to-destination 10.88.0.2:80",
                    'nft ip daddr 192.0.2.10 tcp dport 81 counter dnat ip to 172.18.0.3:8000 comment "x"',
                    "nft fib daddr type local tcp dport 82 dnat to [fd00:dead::3]:80",
                    "4 -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.9",
                    "4 -A DOCKER -p tcp -m tcp --dport 99999 -j DNAT --to-destination 172.17.0.2:80",
                    "4 -A DOCKER -p tcp -m tcp --dport 83 -j DNAT --to-destination \u001b[31m",
                    "nonsense",
                ].join("\n"),
            ),
        ).toEqual([
            { family: 4, protocol: "tcp", port: 8080, to: "172.17.0.2:80" },
            { family: 4, protocol: "tcp", port: 8082, to: "172.17.0.2:80", own: "127.0.0.1" },
            { family: 6, protocol: "udp", port: 53, to: "[fd00:dead::2]:53" },
            { family: 4, protocol: "tcp", port: 8090, to: "10.88.0.2:80" },
            { family: 4, protocol: "tcp", port: 81, to: "172.18.0.3:8000", own: "192.0.2.10" },
            { family: 6, protocol: "tcp", port: 82, to: "[fd00:dead::3]:80" },
        ]);
    });

    const inputs = { target: { host: "192.0.2.10" } } as Parameters<typeof containerNotes>[0];
    const port = (number: number, own?: string): Published => ({
        family: 4,
        protocol: "tcp",
        port: number,
        to: "172.17.0.2:80",
        ...(own && { own }),
    });
    const covering = {
        ...policy({ "web/a": "accept tcp from anywhere to port 8080" }),
        forward: "containers" as const,
    };

    test("that close are told once, when they are covered; those that pass by each time", () => {
        const notes = (wanted = covering, before?: typeof covering) =>
            containerNotes(inputs, wanted, before, [port(8080), port(8081)]).map(({ message }) => message);
        expect(notes()).toEqual([expect.stringMatching(/^VF196 .*any more: tcp 8081 \(172\.17\.0\.2:80\)\./)]);
        expect(notes(covering, covering)).toEqual([]);
        const { forward: _, ...leaving } = covering;
        expect(containerNotes(inputs, leaving, undefined, [port(8080)])).toMatchObject([{ code: "VF197" }]);
        expect(containerNotes(inputs, leaving, undefined, [])).toEqual([]);
    });

    test("on loopback only were never reached from outside", () => {
        expect(containerNotes(inputs, covering, undefined, [port(8082, "127.0.0.1")])).toEqual([]);
        const { forward: _, ...leaving } = covering;
        expect(containerNotes(inputs, leaving, undefined, [port(8082, "127.0.0.1"), port(9, "::1")])).toEqual([]);
    });
});
