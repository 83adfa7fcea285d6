import * as pulumi from "@pulumi/pulumi";
import { FirewallTemplate } from "pulumi-vps-firewall";
import { WebServer } from "./webServer";

const config = new pulumi.Config();

const web = new FirewallTemplate("web", {
    rules: {
        ssh: { service: "ssh", from: config.require("admin") },
        web: { service: ["http", "https"] },
        ping: { service: "ping" },
    },
});

// Stands for the output of a server resource.
const address = pulumi.output(config.require("address"));

const server = new WebServer("web-1", { address, firewall: [web] });

export const exposure = server.exposure;
