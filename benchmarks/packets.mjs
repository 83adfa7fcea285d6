/**
 * `npm run bench:packets` (after `npm run build`; needs root, python3, nft and iptables): packets per second through the same
 * policy as this library lays it out, as one nft rule for each rule, and as iptables, ufw and firewalld hold it; the last rule
 * decides the packet. Each ruleset is loaded in a network namespace of its own, and all of them are measured side by side, in
 * turn: the median of short slices. Writes the tables of docs/performance.md anew.
 */
import { spawn, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { writeSection } from "./performancePage.mjs";

const root = join(import.meta.dirname, "..");
const library = createRequire(join(root, "dist", "index.js"));
const { checkPolicy } = library("./core/model/checkPolicy.js");
const { nftables, render } = library("./core/dialects/nftables/index.js");

const OWNERSHIP = {
    owner: "0".repeat(16),
    resource: "00000000-0000-4000-8000-000000000000",
    applyId: "0".repeat(16),
};
const SIZES = [100, 1000, 10000];
/** firewalld takes minutes for more. */
const MOST_OF_FIREWALLD = 1000;
const PORT = 9999;

const folder = mkdtempSync(join(tmpdir(), "vps-firewall-packets-"));
const holders = [];

/**
 * Networks that are dropped, then networks that reach a port each, then ports for everybody, the last of which the packets go
 * to: what is laid out in sets has asked each of them by then.
 */
function policyOf(count) {
    const open = count / 20;
    const networks = Array.from({ length: count - open }, (_, i) => ({
        source: `10.${i >> 8}.${i & 255}.0/24`,
        action: i % 4 ? "accept" : "drop",
        protocol: i % 4 === 3 ? "udp" : "tcp",
        port: 8000 + ((i * 7) % 40),
    }));
    const ports = Array.from({ length: open }, (_, i) => ({
        action: "accept",
        protocol: "udp",
        port: PORT - 2 * (open - 1 - i),
    }));
    const isDrop = ({ action }) => action === "drop";
    return [...networks.filter(isDrop), ...networks.filter((rule) => !isDrop(rule)), ...ports];
}

function lineOf({ source, action, protocol, port }) {
    return action === "drop"
        ? `drop any from ${source}`
        : `accept ${protocol} from ${source ?? "anywhere"} to port ${port}`;
}

/** Probes come by the loopback, which the base lets through before any rule is asked: there it is another interface. */
const notFromLoopback = (text) => text.replace('iif "lo"', 'iifname "nobody"');

function ours(rules, mostRules) {
    const lines = Object.fromEntries(rules.map((rule, i) => [`r${String(i).padStart(5, "0")}`, lineOf(rule)]));
    const { policy } = checkPolicy({
        templates: [{ name: "web", rules: lines }],
        defaults: { ingress: rules.length > 0 ? "drop" : "accept" },
    });
    const text = render(policy, OWNERSHIP, mostRules);
    if (nftables.prove({ text }, policy)) throw new Error("it does not mean the same");
    return notFromLoopback(text);
}

function iptablesLines(rules, chain) {
    return rules.map(({ source, action, protocol, port }) => {
        const match = [chain, ...(source ? [`-s ${source}`] : [])].join(" ");
        if (action === "drop") return `-A ${match} -j DROP`;
        return `-A ${match} -p ${protocol} -m ${protocol} --dport ${port} -j ACCEPT`;
    });
}

function iptables(rules) {
    const head = ["*filter", ":INPUT DROP [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]"];
    const replies = "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
    return [...head, replies, ...iptablesLines(rules, "INPUT"), "COMMIT", ""].join("\n");
}

function ufwUserRules(rules) {
    const chains = ["user-input", "user-output", "user-forward", "user-limit", "user-limit-accept"];
    return [
        "*filter",
        ...chains.map((chain) => `:ufw-${chain} - [0:0]`),
        "### RULES ###",
        ...iptablesLines(rules, "ufw-user-input"),
        "COMMIT",
        "",
    ].join("\n");
}

function firewalldZone(rules) {
    const all = rules.map(({ source, action, protocol, port }) => {
        const what = action === "drop" ? "<drop/>" : `<port port="${port}" protocol="${protocol}"/><accept/>`;
        return source
            ? `<rule family="ipv4"><source address="${source}"/>${what}</rule>`
            : `<port port="${port}" protocol="${protocol}"/>`;
    });
    return `<?xml version="1.0" encoding="utf-8"?>\n<zone target="DROP">${all.join("\n")}</zone>\n`;
}

/** A writable root over the cached userland with ufw and firewalld, which stays as it is. */
const inManagers = (managers) => `
mkdir -p ${folder}/root && mount -t tmpfs tmpfs ${folder}/root && cd ${folder}/root && mkdir upper work root
mount -t overlay overlay -o lowerdir=${managers},upperdir=upper,workdir=work root && cd root
mount -t proc proc proc && mount --rbind /dev dev && mount -t tmpfs tmpfs run && mount -t sysfs sysfs sys`;

const ufw = (managers, file) => `${inManagers(managers)}
sed -i 's/^ENABLED=no/ENABLED=yes/' etc/ufw/ufw.conf
sed -i '/-i lo -j ACCEPT/d' etc/ufw/before.rules
cp ${file} etc/ufw/user.rules
chroot . /lib/ufw/ufw-init start >/dev/null 2>&1`;

const firewalld = (managers, file) => `${inManagers(managers)}
cp ${file} etc/firewalld/zones/public.xml
mkdir -p run/dbus && chroot . dbus-uuidgen --ensure && chroot . dbus-daemon --system --fork --nopidfile
chroot . firewalld --nofork --nopid >/dev/null 2>&1 &
until chroot . firewall-cmd --state >/dev/null 2>&1; do sleep 0.2; done
handle=$(chroot . nft -a list chain inet firewalld filter_INPUT | sed -n 's/.*iifname "lo" accept # handle //p')
chroot . nft delete rule inet firewalld filter_INPUT handle $handle`;

/** Runs in a network namespace, with mounts and processes of its own, until its input ends. */
async function hold(name, load) {
    const script = `set -e\nmount -t proc proc /proc\nip link set lo up\n${load}\necho ready\nexec cat >/dev/null`;
    const child = spawn("unshare", ["--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script], {
        stdio: ["pipe", "pipe", "inherit"],
    });
    holders.push(child);
    const began = performance.now();
    await new Promise((resolve, reject) => {
        child.stdout.on("data", (text) => String(text).includes("ready") && resolve());
        child.on("exit", (code) => reject(new Error(`${name} could not be loaded (${code})`)));
    });
    return { pid: child.pid, seconds: (performance.now() - began) / 1000 };
}

const file = (name, text) => {
    const path = join(folder, name.replaceAll(/\W+/g, "-"));
    writeFileSync(path, text);
    return path;
};

function managersFolder() {
    const cache = "/var/cache/vps-firewall-lab";
    const all = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith("managers-")) : [];
    const [newest] = all.map((name) => join(cache, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    return newest;
}

function variants(managers) {
    const nft = (name, text) => `nft -f ${file(name, text)}`;
    const found = [
        ["nothing is filtered", undefined, ":"],
        ["no rules", undefined, nft("base", ours([]))],
    ];
    for (const size of SIZES) {
        const rules = policyOf(size);
        const legacy = file(`iptables-${size}`, iptables(rules));
        found.push(
            ["this library", size, nft(`laid-out-${size}`, ours(rules))],
            ["one nft rule each", size, nft(`one-to-one-${size}`, ours(rules, Infinity))],
            ["iptables-nft", size, `iptables-nft-restore ${legacy}`],
            ["iptables-legacy", size, `iptables-legacy-restore ${legacy}`],
        );
        if (!managers) continue;
        found.push(["ufw", size, ufw(managers, file(`ufw-${size}`, ufwUserRules(rules)))]);
        if (size <= MOST_OF_FIREWALLD)
            found.push(["firewalld", size, firewalld(managers, file(`firewalld-${size}`, firewalldZone(rules)))]);
    }
    return found;
}

const number = (value) => Math.round(value).toLocaleString("en");

function table(head, rows) {
    const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i].length)));
    const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
    return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

try {
    const managers = managersFolder();
    if (!managers)
        console.log(
            "ufw and firewalld are left out: `sh test/lab/makeUserland.sh managers` makes a userland with them",
        );
    const places = [];
    for (const [name, size, load] of variants(managers)) {
        const { pid, seconds } = await hold(`${name} (${size})`, load);
        // The process in the namespace: its parent is only the one that unshared it.
        const inner = execFileSync("pgrep", ["-P", String(pid)], { encoding: "utf8" })
            .trim()
            .split("\n")[0];
        places.push({ name, size, pid: inner, seconds });
    }
    const args = places.flatMap(({ pid }, i) => [pid, String(i)]);
    const measured = JSON.parse(
        execFileSync("python3", [join(import.meta.dirname, "packets.py"), ...args], { encoding: "utf8" }),
    );
    const all = places.map((place, i) => ({ ...place, rate: measured[i][0], arrived: measured[i][1] }));
    const lost = all.filter(({ arrived }) => arrived < 0.99);
    for (const { name, size, arrived } of lost)
        console.log(`${name} (${size}): only ${arrived} of the packets arrived`);
    const [none, base] = all;
    const at = (name, size) => all.find((each) => each.name === name && each.size === size);
    const cell = (found) => (found ? `${number(found.rate)} (${(found.rate / base.rate).toFixed(2)})` : "-");
    const names = [...new Set(all.slice(2).map(({ name }) => name))];
    const rows = names.map((name) => [name, ...SIZES.map((size) => cell(at(name, size)))]);
    const loads = names.map((name) => [
        name,
        ...SIZES.map((size) => (at(name, size) ? `${at(name, size).seconds.toFixed(2)} s` : "-")),
    ]);
    const [mine, each] = SIZES.slice(-1).flatMap((size) => [at("this library", size), at("one nft rule each", size)]);
    const heads = SIZES.map((size) => `${number(size)} rules`);
    const nft = execFileSync("nft", ["--version"], { encoding: "utf8" }).trim();
    const text = `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, Linux ${release()}, ${nft}. UDP packets per second that one sender gets through to a port that the last rule opens, and what share that is of the rate with no rules, with which only the base of this library is asked: ${number(base.rate)}. (With no packet filter at all, connections not tracked either, it is ${number(none.rate)}.) All rulesets hold the same policy: a quarter of the rules drop a network, most of the others let one reach a port, and the last twentieth open a port to everybody.

${table(["", ...heads], rows)}

With ${number(mine.size)} rules, what this library loads lets through ${(mine.rate / each.rate).toFixed(0)} times as many packets as one nft rule for each.

Time until the ruleset is in force, start of a namespace, of ufw or of firewalld included:

${table(["", ...heads], loads)}`;
    writeSection("bench:packets", text);
    console.log(text);
} finally {
    for (const holder of holders) {
        holder.removeAllListeners("exit");
        holder.kill("SIGKILL");
    }
    rmSync(folder, { recursive: true, force: true });
}
