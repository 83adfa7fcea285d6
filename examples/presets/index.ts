import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";

// What a web server needs, and as its only way out what it asks of others. `ssh` replaces the rule of `minimum`.
const web = new FirewallTemplate("web", {
    extends: ["minimum", "outbound"],
    rules: { ssh: { service: "ssh", from: ["192.0.2.200", "198.51.100.0/24"] } },
});

// The same for trying things out: without http, and a database for the office.
const staging = web.clone("staging", {
    remove: ["http"],
    rules: { database: { service: "postgresql", from: "198.51.100.0/24" } },
});

const defaults = { egress: "drop" } as const;

new HostFirewall("web-1", { connection: { host: "192.0.2.10", user: "root" }, templates: [web], defaults });
new HostFirewall("staging-1", { connection: { host: "192.0.2.11", user: "root" }, templates: [staging], defaults });
