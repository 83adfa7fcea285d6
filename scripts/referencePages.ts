import { table } from "../core/model/diagnosticTable";
import { formatProtocol } from "../core/model/protocols";
import { services } from "../core/model/services";

/** The generated pages of docs/, by file name. `npm run docs` writes them. */
export function referencePages(): Readonly<Record<string, string>> {
    return { "errors.md": errorsPage(), "services.md": servicesPage() };
}

const GROUPS = [
    ["VF0", "What you write"],
    ["VF1", "Safety, hosts and the way to them"],
    ["VF2", "Analysis"],
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
