import { openVps, proveVpsRows, renderVpsRows } from "../../../../core/dialects/leaseweb";
import { policy } from "../nftables/build";
import { type Ask, packetOf } from "../packetWords";
import { fate, notesOf, on, refusal, rowsOf } from "./vps";

// What becomes of packets at the firewall of a VPS. The ids are those of the acceptance list.

describe("the switch", () => {
    const rows = renderVpsRows(policy({ "web/ssh": "accept tcp from anywhere to port 22" })).rows;

    test("LW-3, LW-7, LW-9: off, everything passes, whatever rows wait", () => {
        for (const ask of ["in tcp X > 3306", "in udp X > 53", "in ping X", "in gre X"] as const) {
            expect(fate({ enabled: false, rows }, ask)).toBe("accept (off)");
            expect(fate({ enabled: true, rows }, ask)).toBe("drop (no row)");
        }
        expect(fate({ enabled: true, rows }, "in tcp X > 22")).toBe("accept");
    });

    test("LW-4: on without rows, nothing comes in", () => {
        expect(rowsOf(policy({}))).toEqual([]);
        for (const ask of ["in tcp X > 3306", "in udp X > 53", "in ping X"] as const)
            expect(fate({ enabled: true, rows: [] }, ask)).toBe("drop (no row)");
    });
});

describe("what leaves, and what comes back", () => {
    test("LW-35, LW-36: outbound is free; to accept some of it is a note, to close it an error", () => {
        const wanted = policy({ "web/out": "egress accept tcp to anywhere port 443" });
        expect(rowsOf(wanted)).toEqual([]);
        expect(notesOf(wanted, "outbound is free")).toMatchObject([{ severity: "note", keys: ["web/out"] }]);
        expect(fate(on(wanted), "out tcp > X:443")).toBe("accept (outbound)");
        const drop = refusal(policy({ "web/out": "egress drop tcp to anywhere port 25" }));
        expect([drop.key, drop.field]).toEqual(["web/out", "direction"]);
        expect(drop.problem).toContain("enforce egress on the host (HostFirewall)");
        const closed = refusal(policy({}, {}, { ingress: "drop", egress: "drop" }));
        expect([closed.key, closed.field]).toEqual(["default action", "egress"]);
        expect(proveVpsRows([], policy({}, {}, { ingress: "drop", egress: "drop" }))).toMatchObject({
            direction: "egress",
            ...{ meant: "drop", done: "accept" },
        });
    });

    test("LW-37: replies of TCP, UDP and ICMP pass without a row, those of GRE don't", () => {
        for (const ask of ["in tcp X > 40000 reply", "in udp X > 40000 reply", "in ping X reply"] as const)
            expect(fate({ enabled: true, rows: [] }, ask)).toBe("accept (reply)");
        expect(fate({ enabled: true, rows: [] }, "in gre X reply")).toBe("drop (no row)");
    });

    test("LW-38, LW-39: what is related is a new packet: passive FTP needs its range", () => {
        const control = on(policy({ "web/ftp": "accept tcp from anywhere to port 21" }));
        expect(fate(control, "in tcp X > 21")).toBe("accept");
        expect(fate(control, "in tcp X > 50000 related")).toBe("drop (no row)");
        const both = on(policy({ "web/ftp": "accept tcp from anywhere to port 21, 50000-50100" }));
        expect([21, 50050, 50101].map((port) => fate(both, `in tcp X > ${port}`))).toEqual([
            ...["accept", "accept"],
            "drop (no row)",
        ]);
        expect(fate(both, "in tcp X > 50050 related")).toBe("accept");
    });
});

describe("LW-30 to LW-34: what the provider blocks in its whole network", () => {
    const { rows } = on(policy({ "web/a": "accept any from anywhere" }));
    const asked = (ask: Ask, enabled = true) => openVps({ enabled, rows })(packetOf(ask));

    test.each(["in tcp X > 445", "in tcp X > 135", "in tcp X > 139", "in udp X > 137", "in udp X > 139"] as const)(
        "%s is dropped upstream, on and off",
        (ask) => {
            for (const enabled of [true, false])
                expect(asked(ask, enabled)).toEqual({ verdict: "drop", by: "upstream: Leaseweb" });
        },
    );
    test("LW-32: no other ports", () => {
        for (const ask of [
            "in tcp X > 134",
            "in tcp X > 140",
            "in tcp X > 446",
            "in udp X > 138",
            "in udp X > 445",
        ] as const)
            expect(asked(ask).verdict).toBe("accept");
    });
    test("LW-33: outbound too, in both positions of the switch", () => {
        for (const enabled of [true, false])
            expect(asked("out tcp > X:445", enabled)).toEqual({ verdict: "drop", by: "upstream: Leaseweb" });
        expect(asked("out tcp > X:443")).toEqual({ verdict: "accept", by: "outbound" });
    });
    test("LW-34: by a list of one's own", () => {
        const own = {
            provider: "Example",
            date: "2027-01",
            blocked: [{ protocol: "tcp", ports: { first: 25, last: 25 } }],
        } as const;
        const ask = openVps({ enabled: true, rows }, own);
        expect(ask(packetOf("in tcp X > 25"))).toEqual({ verdict: "drop", by: "upstream: Example" });
        expect(ask(packetOf("in tcp X > 445")).verdict).toBe("accept");
    });
});
