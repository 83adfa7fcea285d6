import { checkPolicy } from "../core/model/checkPolicy";
import { table } from "../core/model/diagnosticTable";
import { presets } from "../core/model/presets";
import { formatProtocol } from "../core/model/protocols";
import { services } from "../core/model/services";
import { type PresetName, presetNames } from "../core/model/templateData";
import { templateSchema } from "./templateSchema";

/** The generated files, by their path. `npm run docs` writes them. */
export function referencePages(): Readonly<Record<string, string>> {
    return {
        "docs/errors.md": errorsPage(),
        "docs/presets.md": presetsPage(),
        "docs/services.md": servicesPage(),
        "schema/template.schema.json": `${JSON.stringify(templateSchema(), null, 4)}\n`,
    };
}

const GROUPS = [
    ["VF0", "What you write"],
    ["VF1", "Safety, hosts and the way to them"],
    ["VF2", "Analysis, and from VF280 panels"],
    ["VF3", "Panels"],
] as const;

function errorsPage(): string {
    const codes = Object.keys(table).sort() as (keyof typeof table)[];
    const sections = GROUPS.flatMap(([prefix, title]) => {
        const own = codes.filter((code) => code.startsWith(prefix));
        return own.length ? [`## ${title}: ${prefix}xx`, ...own.flatMap(entryOf)] : [];
    });
    return page(
        "# Errors, warnings and notes",
        "Every message of the library begins with a code that never gets another meaning. It says what is wrong, then the way " +
            "out; `{names}` stand for what is filled in. [refused.md](refused.md) tells the ones that stop a change as a story.",
        ...sections,
    );
}

function entryOf(code: keyof typeof table): string[] {
    const { severity, text, fix, why } = table[code];
    const message = [`${code} ${text}`, fix].filter(Boolean).join("\n");
    return [
        `### ${code}`,
        `${severity[0]!.toUpperCase()}${severity.slice(1)}:`,
        `\`\`\`text\n${message}\n\`\`\``,
        escapeMarkdown(why),
    ];
}

function escapeMarkdown(text: string): string {
    return text.replace(/[*<`[\]]/g, "\\$&");
}

function servicesPage(): string {
    const themes = [...new Set(services.map(({ theme }) => theme))];
    return page(
        "# Services",
        'What `service` in a rule may say: `service: "ssh"` is `protocol: "tcp", ports: 22`. Several services in one rule must ' +
            "have the same protocols ([VF015](errors.md#vf015)). For anything else " +
            "[define your own](rules.md#services-of-your-own), or say `protocol` and `ports`.",
        "A name says which port, not which program: check what listens there. Ports are those of the server. A service that needs " +
            "more than one set says which other one; what has no fixed port needs a rule with the ports that you configured.",
        "Numbers are from the registry of [IANA](https://www.iana.org/assignments/service-names-port-numbers) where the source says " +
            "so, else from the documentation of the project.",
        ...themes.flatMap((theme) => [`## ${theme}`, themeTable(theme)]),
    );
}

function themeTable(theme: string): string {
    const rows = services
        .filter((service) => service.theme === theme)
        .map(({ name, aliases, protocol, ports, icmpTypes, description, source }) => [
            `\`${name}\``,
            aliases.map((alias) => `\`${alias}\``).join(", "),
            protocol.map(formatProtocol).join(" + "),
            (icmpTypes ?? ports).join(", "),
            escapeMarkdown(description),
            source,
        ]);
    return markdownTable(["service", "also", "protocol", "ports or types", "what it is", "source"], rows);
}

/** Whose advice each preset is. */
const SOURCES: Readonly<Record<PresetName, string>> = {
    minimum: 'the generic VPS guide, "Minimum"',
    recommended: 'the iptables guide of eApps, its "optimal situation", with TLS in the place of cleartext',
    optimal: 'the iptables guide of eApps, its "optimal situation", to the letter',
    outbound: "the fifth example of netcup's firewall page, with the name servers that it forgets",
    dns: 'the generic VPS guide, "Optional", with udp, which it forgets',
    smtp: 'the generic VPS guide, "Optional"',
    imap: 'the generic VPS guide, "Optional"',
    pop3: 'the generic VPS guide, "Optional"',
    ftp: 'the generic VPS guide, "Optional"',
};

function presetsPage(): string {
    return page(
        "# Presets",
        "Templates made of what the platforms' own texts advise, to [extend](templates.md#extending): " +
            '`new FirewallTemplate("web", { extends: ["minimum", "smtp"] })`. They are plain values: `presets.minimum` is one.',
        "All are for IPv4 and IPv6, whatever the text says, and none answers to ping. What is not in them is decided by the " +
            "default actions of the target: ingress `drop`, egress `accept` unless it says otherwise.",
        ...presetNames.flatMap(presetSection),
    );
}

function presetSection(name: PresetName): string[] {
    const preset = presets[name];
    const { requires } = preset;
    const { stored } = checkPolicy({ templates: [{ name, ...preset }], defaults: requires ?? {} });
    const lines = Object.entries(stored.rules).map(([key, line]) => [key.slice(name.length + 1), line] as const);
    const width = Math.max(...lines.map(([rule]) => rule.length));
    const needs = Object.entries(requires ?? {}).map(([direction, action]) => `${direction} \`${action}\``);
    return [
        `## ${name}`,
        `${preset.description} Source: ${SOURCES[name]}.${needs.length ? ` Requires ${needs.join(" and ")}.` : ""}`,
        `\`\`\`text\n${lines.map(([rule, line]) => `${rule.padEnd(width)}  ${line}`).join("\n")}\n\`\`\``,
    ];
}

/** Padded as prettier pads tables. */
function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
    const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
    const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
    return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function page(...blocks: readonly string[]): string {
    const generated = "<!-- Made by `npm run docs` from the tables in core/model. Change it there. -->";
    return `${[generated, ...blocks].join("\n\n")}\n`;
}
