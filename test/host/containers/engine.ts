import type { LabHost } from "../../lab";

/** Runs a script in a host and returns what it prints; throws when it fails. */
export async function inHost(host: LabHost, script: string): Promise<string> {
    const { code, stdout, stderr } = await host.run(script);
    if (code !== 0) throw new Error(`${script}: ${stdout}${stderr}`);
    return stdout;
}

/** An image that is nothing but busybox, which serves a page: `lab/web`. `engine` is `docker` or `podman`. */
export async function importImage(host: LabHost, engine: string): Promise<void> {
    await inHost(
        host,
        `mkdir -p /opt/image/bin /opt/image/www && cd /opt/image && echo hello >www/index.html
        cp "$(readlink -f "$(command -v busybox)")" bin/busybox
        # Its libraries, where it is not static.
        for file in $(ldd bin/busybox 2>/dev/null | grep -o '/[^ ]*'); do cp --parents "$file" .; done
        tar -c . | ${engine} import - lab/web`,
    );
}

export async function startDocker(host: LabHost, settings: object = {}): Promise<void> {
    // There is no file system below the lab's that layers could lie on.
    const config = JSON.stringify({ "storage-driver": "vfs", ...settings });
    await inHost(host, `mkdir -p /etc/docker && echo '${config}' >/etc/docker/daemon.json && systemctl start docker`);
    await importImage(host, "docker");
}

/** A container that serves a page on its port 80; `options` say where it is published. */
export async function serve(host: LabHost, name: string, options: string, engine = "docker"): Promise<void> {
    // The lab has no controllers for its cgroups, and may not raise a limit.
    const limits = ["nofile=1024:1024", "nproc=1000:1000", "memlock=65536:65536"].map((limit) => `--ulimit ${limit}`);
    const more = engine === "docker" ? "--restart unless-stopped" : `--cgroups=disabled ${limits.join(" ")}`;
    await inHost(
        host,
        `${engine} run -d ${more} --stop-signal KILL --name ${name} ${options} lab/web /bin/busybox httpd -f -p 80 -h /www`,
    );
}
