import { describeLab, openLab, runCommand, type Lab, type LabHost } from ".";

describeLab("the lab", () => {
    let lab: Lab;
    let web1: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        web1 = await lab.addHost("web1");
    });
    afterAll(() => lab?.close());

    test("ssh reaches a host over IPv4 and IPv6 with the lab's key and known_hosts", async () => {
        for (const address of [web1.ipv4, web1.ipv6]) {
            const result = await runCommand([
                "ssh",
                "-F",
                "none",
                "-o",
                `UserKnownHostsFile=${web1.knownHostsFile}`,
                "-o",
                "StrictHostKeyChecking=yes",
                "-o",
                "BatchMode=yes",
                "-i",
                web1.keyFile,
                `root@${address}`,
                "hostname; echo $SSH_CONNECTION",
            ]);
            expect(result.stderr).toBe("");
            expect(result.stdout).toMatch(/^web1\n10\.77\.\d+\.200 |^web1\nfd77:\d+::200 /);
        }
    });
});
