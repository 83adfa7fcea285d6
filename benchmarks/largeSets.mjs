/**
 * `npm run bench:largeSets` (after `npm run build`; needs root, python3 and nft): what an address set of 100,000 networks costs
 * in each of the ways in which nftables can hold it, side by side and in turn, with the nft of this machine and those of the
 * userlands that `sh test/lab/makeUserland.sh bullseye` and `trixie` make; and how that grows. Writes the tables of
 * docs/performance.md anew.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { writeSection } from "./performancePage.mjs";

const root = join(import.meta.dirname, "..");
const library = createRequire(join(root, "dist", "index.js"));
const { checkPolicy } = library("./core/model/checkPolicy.js");
const { render } = library("./core/dialects/nftables/index.js");

const OWNERSHIP = { owner: "0".repeat(16), resource: "00000000-0000-4000-8000-000000000000", applyId: "0".repeat(16) };
const LENGTHS = [32, 32, 32, 32, 32, 28, 24, 24, 24, 23, 22, 20];

const folder = mkdtempSync(join(tmpdir(), "vps-firewall-large-"));
const holders = [];

const dotted = (address) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
const prefix = ({ address, length }) => (length === 32 ? dotted(address) : `${dotted(address)}/${length}`);

/** Networks of mixed lengths, one in each of `count` blocks of the size of a /20 or less, so that none meets another. */
function networks(count) {
    const free = Math.floor(Math.log2((2 ** 32 * 0.8) / count));
    return Array.from({ length: count }, (_, i) => {
        const wanted = LENGTHS[i % LENGTHS.length];
        return { address: (0x0b000000 + i * 2 ** free) >>> 0, length: Math.max(wanted, 32 - free + 1) };
    });
}

const braces = (elements) => `elements = { ${elements.join(",\n")} }`;
const set = (name, type, elements) => `set ${name} { type ${type}; ${braces(elements)}\n}`;
const table = (objects, rules) =>
    `table inet t {\n${objects.join("\n")}\nchain input {\ntype filter hook input priority 0; policy accept;\n${rules.join("\n")}\n}\n}\n`;

function intervals(all) {
    const text = table([set("s", "ipv4_addr; flags interval", all.map(prefix))], ["ip saddr @s counter drop"]);
    return { text, set: "s", element: "250.1.2.0/24" };
}

/** With a second field that every packet meets: nft then hands single elements on, whatever the rest of the set is. */
function concatenation(all) {
    const elements = all.map((each) => `${prefix(each)} . 0-255`);
    const objects = [set("s", "ipv4_addr . inet_proto; flags interval", elements)];
    return {
        text: table(objects, ["ip saddr . meta l4proto @s counter drop"]),
        set: "s",
        element: "250.1.2.0/24 . 0-255",
    };
}

/** A set of intervals for each first byte. */
function buckets(all) {
    const of = new Map();
    for (const each of all) of.set(each.address >>> 24, [...(of.get(each.address >>> 24) ?? []), each]);
    const objects = [...of].flatMap(([byte, some]) => [
        set(`s${byte}`, "ipv4_addr; flags interval", some.map(prefix)),
        `chain c${byte} {\nip saddr @s${byte} counter drop\n}`,
    ]);
    const map = [...of.keys()].map((byte) => `${byte}.0.0.0 : jump c${byte}`).join(", ");
    // Between two networks of the last bucket.
    const last = Math.max(...of.keys());
    return {
        text: table(objects, [`ip saddr & 255.0.0.0 vmap { ${map} }`]),
        set: `s${last}`,
        element: `${last}.255.255.254`,
    };
}

/** As this library renders it: its sets, and its rules that ask them. */
function ours(all) {
    const { policy } = checkPolicy({
        templates: [{ name: "web", rules: { blocked: "drop any from set blocked" } }],
        sets: { blocked: { entries: all.map(prefix) } },
        defaults: { ingress: "accept" },
    });
    const text = render(policy, OWNERSHIP);
    const objects = text.match(/^ {4}set [^]*?^ {4}\}$/gm);
    const rules = text.split("\n").filter((line) => line.includes('"web/blocked"'));
    const [, name] = /set (\S+_24) /.exec(text);
    return { text: table(objects, rules), set: name, element: "250.1.2.0" };
}

const WAYS = {
    "one set of intervals": intervals,
    "intervals beside a field that is always met": concatenation,
    "a set of intervals for each first byte": buckets,
    "a hash set for each length (this library)": ours,
};

function measure(where, count, ways, rounds) {
    const place = join(folder, `${count}-${where === "/" ? "machine" : where.split("/").at(-1)}`);
    console.error(`measuring ${place}`);
    mkdirSync(place);
    const all = networks(count);
    ways.forEach((way, i) => {
        const { text, ...one } = WAYS[way](all);
        writeFileSync(join(place, `${i}.nft`), text);
        writeFileSync(join(place, `${i}.json`), JSON.stringify(one));
    });
    const python = `python3 ${join(import.meta.dirname, "largeSets.py")} '${where}' '${place}' ${rounds}`;
    const script = where === "/" ? python : `mount --bind '${place}' '${where}/mnt' && ${python}`;
    const found = JSON.parse(
        execFileSync("unshare", ["--net", "--mount", "sh", "-c", script], { encoding: "utf8", maxBuffer: 1 << 26 }),
    );
    return { place, rows: ways.map((way, i) => ({ way, ...found[i] })) };
}

function userland(name) {
    const script = join(root, "test", "lab", "makeUserland.sh");
    return execFileSync("sh", [script, name, "--cached"], { encoding: "utf8" }).trim();
}

/** The share of packets that still get through where each way is asked and none of its networks is met. */
async function packets(place, ways) {
    const files = [join(folder, "none.nft"), ...ways.map((_, i) => join(place, `${i}.nft`))];
    writeFileSync(files[0], table([], []));
    const pids = [];
    for (const file of files) {
        const script = `mount -t proc proc /proc && ip link set lo up && nft -f ${file} && echo ready && exec cat`;
        const child = spawn("unshare", ["--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script], {
            stdio: ["pipe", "pipe", "inherit"],
        });
        holders.push(child);
        await new Promise((resolve) => child.stdout.once("data", resolve));
        pids.push(
            execFileSync("pgrep", ["-P", String(child.pid)], { encoding: "utf8" })
                .trim()
                .split("\n")[0],
        );
    }
    const args = pids.flatMap((pid, i) => [pid, String(i)]);
    const measured = JSON.parse(
        execFileSync("python3", [join(import.meta.dirname, "packets.py"), ...args], { encoding: "utf8" }),
    );
    return ways.map((_, i) => measured[i + 1][0] / measured[0][0]);
}

function markdown(head, rows) {
    const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i].length)));
    const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
    return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

const seconds = ([time]) => `${time.toFixed(time < 0.1 ? 3 : 2)} s`;
const memory = ([, peak]) => `${peak.toFixed(0)} MB`;
const number = (value) => value.toLocaleString("en");

try {
    const ways = Object.keys(WAYS);
    const machine = measure("/", 100_000, ways, 3);
    const share = await packets(machine.place, ways);
    const plain = machine.rows[0].load[0];
    const tried = machine.rows.map(({ way, load, add, delete: less, list }, i) => [
        way,
        `${seconds(load)} (${(load[0] / plain).toFixed(2)})`,
        memory(load),
        seconds(add),
        seconds(less),
        memory(add),
        seconds(list),
        memory(list),
        share[i].toFixed(2),
    ]);
    const others = ["bullseye", "trixie"].flatMap((name) => {
        const where = userland(name);
        if (!where) console.log(`${name} is left out: \`sh test/lab/makeUserland.sh ${name}\` makes it`);
        if (!where) return [];
        const version = execFileSync("chroot", [where, "nft", "--version"], { encoding: "utf8" }).split(" ")[1];
        const { rows } = measure(where, 100_000, ways, 3);
        return rows.map(({ way, load, add, delete: less, list }) => [
            version.slice(1),
            way,
            `${seconds(load)} (${(load[0] / rows[0].load[0]).toFixed(2)})`,
            seconds(add),
            seconds(less),
            seconds(list),
        ]);
    });
    const grown = [10_000, 100_000, 1_000_000].flatMap((count) => {
        const some = [ways[0], ways[3]];
        const rows =
            count === 100_000
                ? [0, 3].map((i) => machine.rows[i])
                : measure("/", count, some, count < 1e6 ? 3 : 1).rows;
        return rows.map(({ way, load, add, delete: less, list }) => [
            number(count),
            way,
            seconds(load),
            memory(load),
            seconds(add),
            seconds(less),
            seconds(list),
            memory(list),
        ]);
    });
    const nft = execFileSync("nft", ["--version"], { encoding: "utf8" }).trim();
    const text = `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, Linux ${release()}, ${nft}. 100,000 IPv4 networks of ${new Set(LENGTHS).size} lengths, medians, in turn; in brackets the share of the time of one set of intervals. Memory is the peak of nft. Packets: how many still get through per second, as a share of those with no rule at all, where every set is asked and none holds the address. The machine did other things at the same time: only what stands in one table can be compared.

${markdown(["", "load", "memory", "one more", "one less", "memory", "list", "memory", "packets"], tried)}

The same with other versions of nft:

${markdown(["nft", "", "load", "one more", "one less", "list"], others)}

How it grows:

${markdown(["networks", "", "load", "memory", "one more", "one less", "list", "memory"], grown)}`;
    writeSection("bench:largeSets", text);
    console.log(text);
} finally {
    for (const holder of holders) holder.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
}
