// What `npm test` and `npm run demo` do before they start, so that each works as the first command in a fresh clone:
// npm's packages, Debian's packages for the lab, the build. Plain Node, since it runs before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** What the lab runs, and the Debian package that brings it. */
const labPrograms = {
    nft: "nftables",
    "iptables-restore": "iptables",
    ipset: "ipset",
    sshd: "openssh-server",
    ssh: "openssh-client",
    ip: "iproute2",
    sudo: "sudo",
    unshare: "util-linux",
    busybox: "busybox",
    tcsh: "tcsh",
    debootstrap: "debootstrap",
    python3: "python3-minimal",
};

/** A failure whose text is all that the user has to read. */
class SetupError extends Error {}

/** Runs `main`; a SetupError ends the process with its text alone. */
export async function runScript(main) {
    try {
        process.exitCode = await main();
    } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        console.error(error.message);
        process.exitCode = 1;
    }
}

/** Where `program` is, or undefined. Debian keeps some of them where a user's PATH does not look. */
export function findProgram(program) {
    const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
    return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(file) {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}

/** `npm ci`, unless what is installed is what package-lock.json says. */
export function installDependencies() {
    const installed = readLock("node_modules/.package-lock.json");
    const wanted = Object.entries(readLock("package-lock.json"));
    const same = wanted.every(
        ([path, { version, optional }]) =>
            !path.startsWith("node_modules/") || optional || installed[path]?.version === version,
    );
    if (same) return;
    console.log("Installing the npm packages of package-lock.json (npm ci).");
    mustSucceed("npm", ["ci", "--no-audit", "--no-fund"]);
}

function readLock(file) {
    const path = join(root, file);
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {};
}

/** `npm run build`, unless the build is newer than every source file and folder. */
export function build() {
    const output = join(root, "dist/components/index.js");
    const sources = ["components", "core", "engine", "provider", "targets", "package.json", "tsconfig.json"];
    const newest = Math.max(...sources.flatMap((source) => modificationTimes(join(root, source))));
    if (existsSync(output) && statSync(output).mtimeMs > newest) return;
    try {
        mustSucceed("npm", ["run", "--silent", "build"]);
    } catch (error) {
        // What a failed build leaves must not pass for a build next time.
        rmSync(join(root, "dist"), { recursive: true, force: true });
        throw error;
    }
}

function modificationTimes(path) {
    const { mtimeMs } = statSync(path);
    if (!statSync(path).isDirectory()) return [mtimeMs];
    return [mtimeMs, ...readdirSync(path).flatMap((name) => modificationTimes(join(path, name)))];
}

/**
 * Makes the lab possible where it can be, installing Debian packages after saying so.
 * Returns why there can be no lab, in one line, or undefined. With CI=true no lab is an error.
 */
export function prepareLab() {
    return process.env.CI === "true" ? requireLab() : findObstacle();
}

/** The same for what is nothing without a lab. */
export function requireLab() {
    const obstacle = findObstacle();
    if (obstacle !== undefined) throw new SetupError(`No lab: ${obstacle}`);
}

function findObstacle() {
    if (process.platform !== "linux") return "it needs Linux.";
    const isRoot = process.getuid() === 0;
    const missing = Object.keys(labPrograms).filter((program) => findProgram(program) === undefined);
    if (missing.length > 0) {
        const packages = missing.map((program) => labPrograms[program]).join(" ");
        const command = `apt-get update && apt-get install -y --no-install-recommends ${packages}`;
        if (findProgram("apt-get") === undefined) return `it needs ${missing.join(", ")}.`;
        if (!isRoot) {
            throw new SetupError(
                `The lab of real hosts needs Debian packages and root. Run:\n  sudo sh -c '${command}'`,
            );
        }
        installDebianPackages(packages, command);
    }
    if (!isRoot) return "it needs root: run the same command with sudo.";
    const trial = spawnSync("unshare", ["--net", "--mount", "--pid", "--fork", "true"], { encoding: "utf8" });
    return trial.status === 0 ? undefined : `no namespaces here: ${trial.stderr.trim()}`;
}

/**
 * Starts making the userland of a Debian release for lab hosts, or finds it made; resolves to whether it is there. It
 * ends with this process. Hosts that need it wait for whoever makes it.
 */
export function makeUserland(suite) {
    const argv = ["--pdeathsig=KILL", "sh", "test/lab/makeUserland.sh", suite];
    const child = spawn("setpriv", argv, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    return new Promise((resolve) => {
        child.on("error", () => resolve(false));
        child.on("exit", (code) => resolve(code === 0));
    });
}

function installDebianPackages(packages, command) {
    console.log(`Installing Debian packages for the lab of real hosts, without starting their services: ${packages}`);
    // The way Debian offers to keep an installation from starting services.
    const policy = "/usr/sbin/policy-rc.d";
    const ownPolicy = !existsSync(policy);
    if (ownPolicy) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
    try {
        // Quiet unless it fails: what it does has been said. One at a time: who comes second finds everything installed,
        // where apt itself would fail on its lock.
        const quiet = `log=$(${command} 2>&1) || { echo "$log" >&2; exit 1; }`;
        mustSucceed("flock", ["/run/vps-firewall-lab-apt.lock", "sh", "-c", quiet], {
            DEBIAN_FRONTEND: "noninteractive",
        });
    } finally {
        if (ownPolicy) rmSync(policy);
    }
}

function mustSucceed(program, args, env = {}) {
    const { status, error } = spawnSync(program, args, {
        cwd: root,
        env: { ...process.env, ...env },
        stdio: ["ignore", "inherit", "inherit"],
    });
    if (status !== 0)
        throw new SetupError(`${[program, ...args].join(" ")} failed${error ? `: ${error.message}` : ""}`);
}

/**
 * Runs a command in a network namespace of its own, where the lab can be built without touching the machine's network,
 * and returns its exit status. The command dies with this process.
 */
export function runInLabNetwork(argv, env = {}) {
    return run(
        ["setpriv", "--pdeathsig=KILL", "unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", ...argv],
        // How the inside finds the machine's network again (test/lab/network.ts).
        { ...env, VPSFW_OUTER_NET: `/proc/${process.pid}/ns/net` },
    );
}

/** Runs a command and returns its exit status. */
export function run([program, ...args], env = {}) {
    const path = `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/sbin`;
    const child = spawn(program, args, { cwd: root, stdio: "inherit", env: { ...process.env, PATH: path, ...env } });
    // Wait for the command to clean up: a terminal's interrupt reaches it by itself, the others are passed on.
    process.on("SIGINT", () => undefined);
    for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", (code) => resolve(code ?? 1));
    });
}
