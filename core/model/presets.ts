import type { PresetName, TemplateData } from "./templateData";

interface PresetRule {
    readonly service: string;
    readonly direction?: "egress";
}

const added = (service: string, description: string) => ({ description, rules: { [service]: { service } } });
const out = (service: string): PresetRule => ({ direction: "egress", service });

/**
 * Templates made of what the platforms' own texts advise (docs/presets.md). They are plain values that can't be changed:
 * `extends: "minimum"`, or `new FirewallTemplate("base", presets.minimum)`.
 */
export const presets: Readonly<Record<PresetName, TemplateData<PresetRule>>> = frozen({
    minimum: {
        description: "What a web server needs: ssh, http and https, from anywhere.",
        rules: { ssh: { service: "ssh" }, http: { service: "http" }, https: { service: "https" } },
    },
    recommended: {
        description: "A server of web and mail, without the cleartext of optimal: mailboxes and sent mail use TLS.",
        extends: ["minimum", "smtp"],
        rules: {
            submission: { service: "submission" },
            imaps: { service: "imaps" },
            pop3s: { service: "pop3s" },
        },
    },
    optimal: {
        description:
            "A server of web and mail as the guide of eApps has it; passwords of mailboxes cross in cleartext.",
        extends: ["minimum", "smtp", "imap", "pop3"],
    },
    // Its rules have names of their own, so that it goes together with what lets the same services in.
    outbound: {
        description: "What a server asks of others where egress drops: names, time, and updates over http and https.",
        rules: { "out-dns": out("dns"), "out-ntp": out("ntp"), "out-http": out("http"), "out-https": out("https") },
        requires: { egress: "drop" },
    },
    dns: added("dns", "A name server, over udp and tcp."),
    smtp: added("smtp", "Mail from other servers."),
    imap: added("imap", "Mailboxes over IMAP, whose passwords cross in cleartext unless the server insists on TLS."),
    pop3: added("pop3", "Mailboxes over POP3, whose passwords cross in cleartext unless the server insists on TLS."),
    ftp: added(
        "ftp",
        "Control connections of FTP, in cleartext; passive transfers need a rule with the server's range.",
    ),
});

function frozen<T>(value: T): T {
    if (typeof value === "object" && value !== null) Object.values(value).forEach(frozen);
    return Object.freeze(value);
}
