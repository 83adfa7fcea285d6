// The story of the demo, from an open server to a destroyed stack. Runs inside the lab's network.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importLab } from "../compileLab.mjs";
import { root } from "../setup.mjs";
import { openEngine } from "./engines.mjs";
import { expect, heading, quoteBlock, quoteLines, say, summary } from "./screen.mjs";

const STRANGER = "198.18.0.9";
const SCANNER = "203.0.113.9";
const OFFICE = "198.51.100.10";

/** However long lines were folded. */
const flat = (text) => text.replace(/\s+/g, " ");

const { openLab } = await importLab();
const scratch = mkdtempSync(join(tmpdir(), "vpsfw-demo-"));

heading("Two servers start: real sshd, real nftables, each in namespaces of its own");
const lab = await openLab({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
try {
    process.exitCode = await story();
} finally {
    await lab.close();
    rmSync(scratch, { recursive: true, force: true });
}

async function story() {
    const hosts = await Promise.all(
        ["192.0.2.10", "192.0.2.11"].map((ipv4, i) => lab.addHost(`web-${i + 1}`, { ipv4, ipv6: `2001:db8:5::1${i}` })),
    );
    const [host] = hosts;
    for (const address of [STRANGER, SCANNER, OFFICE]) await lab.addAddress(address);
    await Promise.all(hosts.flatMap((one) => [80, 3306, 9100].map((port) => one.listen(port))));
    const program = quickStart();
    const engine = await openEngine({
        projectDir: program.folder,
        scratch,
        // `npm run types` and the tests check the types of the quick start; here they would only take time.
        env: { ...process.env, HOME: program.home, PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
        config: { "vps-firewall:privateKey": readFileSync(lab.keyFile, "utf8") },
    });
    say(`${hosts.map(({ ipv4 }) => ipv4).join(" and ")}, deployed to from ${lab.deployer.ipv4} with ${engine.name}`);
    const connect = (port, from) => lab.connect({ to: host.ipv4, port, from });
    const is = async (what, port, from, outcome) => expect(what, (await connect(port, from)) === outcome);
    await is("before: MySQL (3306) on an unmanaged server answers a stranger", 3306, STRANGER, "open");

    heading("pulumi preview: what examples/quickstart would do");
    const first = await engine.preview();
    expect("the preview succeeds", first.ok);
    quoteBlock(first.text, /^\s+exposure\s*:/, /^\s+owner/);
    quoteLines(first.text, /VF118 /);
    expect("the preview says that it takes control", /takes control of 192\.0\.2\.10/.test(flat(first.text)));

    heading("pulumi up: applied, confirmed over a new connection, saved");
    const up = await engine.up();
    quoteLines(up.text, /^\s*192\.0\.2\.1\d {2}\w+ing /);
    quoteLines(up.text, /VF120 /);
    expect("up succeeds on both servers", up.ok);
    expect(
        "it has named what listens and closes (VF120)",
        /VF120 this closes on 192\.0\.2\.10, where somebody listens: [^.]*tcp 3306/.test(flat(up.text)),
    );
    await is("the web (80) answers a stranger", 80, STRANGER, "open");
    await is("MySQL (3306) no longer answers a stranger", 3306, STRANGER, "timeout");
    await is("the scanners' network reaches nothing", 80, SCANNER, "timeout");
    await is("SSH (22) answers the office", 22, OFFICE, "open");
    await is("SSH (22) does not answer a stranger", 22, STRANGER, "timeout");

    heading("A rule changes: metrics also from the office. The preview says what opens");
    program.change(
        '"accept tcp from 10.0.0.0/8 to port 9100"',
        '"accept tcp from 10.0.0.0/8, 198.51.100.0/24 to port 9100"',
    );
    const change = await engine.preview();
    for (const what of [/FirewallRule: \(update\)/, /HostRuleset: \(update\)/])
        quoteBlock(change.text, what, /^\s+[~+-] \S+: \(|^Resources/);
    expect("the preview names the traffic that opens", /~ ingress tcp 9100\s*: "10\.0\.0\.0\/8"/.test(change.text));
    expect("up succeeds", (await engine.up()).ok);
    await is("metrics (9100) answer the office", 9100, OFFICE, "open");
    await is("metrics (9100) do not answer a stranger", 9100, STRANGER, "timeout");

    heading("Somebody opens MySQL by hand on 192.0.2.10");
    await host.run("nft insert rule inet vps_firewall input tcp dport 3306 accept");
    await is("MySQL is open now", 3306, STRANGER, "open");
    const drift = await engine.preview({ refresh: true });
    quoteLines(drift.text, /^\s*- .*tcp 3306/);
    expect("preview --refresh shows the drift as traffic", /- ingress tcp 3306/.test(drift.text));
    expect("up succeeds", (await engine.up({ refresh: true })).ok);
    await is("up closed it again", 3306, STRANGER, "timeout");

    heading("A mistake: the deploying address is dropped from the office");
    program.change('"192.0.2.200", ', "");
    const mistake = await engine.up();
    quoteLines(mistake.text, /^\s*(error: )?VF101 /);
    expect("the change is refused before anything happens (VF101)", !mistake.ok && /VF101/.test(mistake.text));
    await is("SSH still answers the office", 22, OFFICE, "open");

    heading(
        "The same mistake, forced with lockoutCheck: off. The server waits 5 s for a new connection, then goes back",
    );
    program.change("templates: [web] }", 'templates: [web], lockoutCheck: "off", confirmSeconds: 5 }');
    const forced = await engine.up();
    quoteLines(forced.text, /^\s*(error: |warning: )?VF1(06|10) /);
    expect("the server took it back by itself (VF110)", !forced.ok && /VF110/.test(forced.text));
    expect("we can still log in", (await lab.connect({ to: host.ipv4, port: 22 })) === "open");
    await is("and it filters as before", 3306, STRANGER, "timeout");

    heading("pulumi destroy");
    program.reset();
    const destroy = await engine.destroy();
    expect("destroy succeeds", destroy.ok);
    expect("nothing of ours is left in the packet filter", (await host.run("nft list ruleset")).stdout === "");

    return summary(`pulumi-vps-firewall on two real servers, with ${engine.name}`);
}

/** A copy of the quick start to be edited, beside a home directory that knows the servers' keys. */
function quickStart() {
    const folder = join(scratch, "quickstart");
    const home = join(scratch, "home");
    mkdirSync(folder);
    mkdirSync(join(home, ".ssh"), { recursive: true });
    symlinkSync(lab.knownHostsFile, join(home, ".ssh/known_hosts"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (const name of ["Pulumi.yaml", "package.json", "tsconfig.json"])
        writeFileSync(join(folder, name), readFileSync(join(root, "examples/quickstart", name)));
    const original = readFileSync(join(root, "examples/quickstart/index.ts"), "utf8");
    let text = original;
    const write = (next) => {
        text = next;
        writeFileSync(join(folder, "index.ts"), text);
    };
    write(original);
    return {
        folder,
        home,
        change(from, to) {
            if (!text.includes(from)) throw new Error(`the quick start no longer says ${from}`);
            write(text.replace(from, to));
        },
        reset: () => write(original),
    };
}
