import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { sideBySide } from "../support/sideBySide";
import { openDeployment } from "./deployment";

// Hosts side by side on a busy machine.
jest.setTimeout(60_000);

/** A far side that talks on a connection, and can be silent for a while. */
interface Talker {
    readonly to: string;
    pause(): void;
    goOn(): void;
    /** Bytes said until it was silent. */
    saidBefore(): number;
    destroy(): void;
}

function openTalker(socket: Socket, every: number): Talker {
    let [said, before, silent] = [0, 0, false];
    const talk = setInterval(() => {
        if (silent) return;
        socket.write(".");
        said++;
    }, every);
    socket.on("error", () => undefined).on("close", () => clearInterval(talk));
    return {
        to: socket.remoteAddress!.replace("::ffff:", ""),
        pause() {
            silent = true;
            before = said;
        },
        goOn: () => (silent = false),
        saidBefore: () => before,
        destroy: () => socket.destroy(),
    };
}

describeLab("the first apply on a live host", () => {
    let lab: Lab;
    let tracked: LabHost;
    let control: LabHost;
    let busy: LabHost;
    let bare: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        const started = [
            lab.addHost("tracked"),
            lab.addHost("control"),
            lab.addHost("busy"),
            lab.addHost("bare"),
        ] as const;
        [tracked, control, busy, bare] = await Promise.all(started);
    });
    afterAll(() => lab.close());

    sideBySide({
        "a connection on which only the far side talks lives on, since it is tracked before anything is enforced":
            async () => {
                // Slower than acknowledgements are sent, so that nothing of the hosts' is on its way when a ruleset is loaded.
                const talkers: Talker[] = [];
                const far = createServer((socket) => talkers.push(openTalker(socket, 300)));
                far.listen(7000, lab.deployer.ipv4);
                await once(far, "listening");
                const hosts = [tracked, control];
                const counts = await Promise.all(
                    hosts.map(async (host) =>
                        (await host.run("cat /proc/sys/net/netfilter/nf_conntrack_count")).stdout.trim(),
                    ),
                );
                expect(counts).toEqual(["0", "0"]);
                const streams = await Promise.all(
                    hosts.map((host) => host.follow({ to: lab.deployer.ipv4, port: 7000 })),
                );
                const takeControl = (host: LabHost, track: number) => {
                    const { provider, check } = openDeployment(lab, { timing: { track } });
                    return provider.create(check(host));
                };
                // A late acknowledgement would have the control's connection tracked too: nothing is said while it is loaded.
                const untracked = talkers.find(({ to }) => to === control.ipv4)!;
                const loaded = async () => {
                    await new Promise((resolve) => setTimeout(resolve, 1000));
                    untracked.pause();
                    await new Promise((resolve) => setTimeout(resolve, 1000));
                    await takeControl(control, 0);
                    untracked.goOn();
                };
                await Promise.all([takeControl(tracked, 3), loaded()]);
                // Silence takes time to be seen.
                await new Promise((resolve) => setTimeout(resolve, 4000));
                const [lives, cut] = await Promise.all(streams.map((stream) => stream.close()));
                // The one that was cut never hears of it.
                for (const talker of talkers) talker.destroy();
                far.close();
                expect(lives?.ended).toBe(false);
                expect(lives?.longestGap).toBeLessThan(3000);
                // Without that the same connection is cut, so the test would notice.
                expect(untracked.saidBefore()).toBeGreaterThan(0);
                expect(cut?.bytes).toBe(untracked.saidBefore());
                expect(cut?.longestGap).toBeGreaterThan(3500);
            },
        "EA-9: who filters besides, and what listens and closes, is named before anything is loaded; later closings too":
            async () => {
                await Promise.all([
                    busy.listen(5432),
                    busy.listen(443),
                    busy.listen(161, { protocol: "udp" }),
                    busy.listen(6379, { host: "127.0.0.1" }),
                    busy.listen(8080, { host: busy.ipv4 }),
                ]);
                await busy.run(["nft", "-f", "-"], {
                    input: "table ip filter {\n chain INPUT {\n type filter hook input priority 0; policy accept;\n }\n }\n",
                });
                await busy.run(`mkdir -p /etc/ufw /lib/ufw; echo ENABLED=yes >/etc/ufw/ufw.conf
            for file in /lib/ufw/ufw-init /usr/sbin/ufw; do echo '#!/bin/sh' >$file; chmod 755 $file; done
            cp /bin/sleep /run/fail2ban-server; /run/fail2ban-server 300 >/dev/null 2>&1 &`);
                const { provider, check, said } = openDeployment(lab);
                const rules = { ssh: { service: "ssh" }, web: { service: "https", from: "198.51.100.0/24" } };
                const { id, outputs } = await provider.create(check(busy, { rules }));

                const others = said.find((text) => text.startsWith("VF117"));
                expect(others).toMatch(
                    /VF117 others filter on \S+ too: ufw \(does not filter now; the next boot loads \/etc\/ufw\), fail2ban, table ip filter\./,
                );
                const closing = said.find((text) => text.startsWith("VF120"));
                expect(closing).toMatch(/VF120 this closes on \S+, where somebody listens: [^.]*\btcp 5432\b/);
                expect(closing).toMatch(/\budp 161\b/);
                expect(closing).toMatch(/\btcp 8080\b/);
                expect(closing).not.toMatch(/\b(22|443|6379)\b/);
                const armed = said.findIndex((text) => text.includes("armed: the host goes back"));
                expect(armed).toBeGreaterThan(said.indexOf(closing!));

                said.length = 0;
                const next = await provider.update(id, check(busy), outputs);
                const later = said.filter((text) => /^VF(117|120)/.test(text));
                expect(later).toEqual([
                    expect.stringMatching(/^VF120 this closes on \S+, where somebody listens: tcp 443[. ]/),
                ]);

                said.length = 0;
                await provider.update(
                    id,
                    check(busy, { rules: { ssh: { service: "ssh" }, ping: { service: "ping" } } }),
                    next,
                );
                expect(said.filter((text) => /^VF(117|120)/.test(text))).toEqual([]);
            },
        "without ss, listeners come from the kernel's own tables, by port alone": async () => {
            const { provider, check, said } = openDeployment(lab);
            await bare.run("rm -f /usr/bin/ss /bin/ss");
            await Promise.all([bare.listen(5432), bare.listen(161, { protocol: "udp", host: bare.ipv6 })]);
            await provider.create(check(bare));
            const closing = said.find((text) => text.startsWith("VF120"));
            expect(closing).toMatch(/listens: tcp 5432, udp 161\./);
        },
    });
});
