import { printable } from "../core/model/diagnostics";
import type { Report, ReportedTraffic, Said } from "./report";

export interface TextOptions {
    /** With colours of a terminal. */
    readonly color?: boolean;
    readonly allowed?: readonly Said[];
}

const COLORS: Readonly<Record<ReportedTraffic["risk"], number>> = {
    management: 31,
    private: 31,
    world: 33,
    more: 33,
    less: 32,
};

/** A report for a terminal. */
export function plainTextOf(report: Report, { color = false, allowed = [] }: TextOptions = {}): string {
    const { headline, traffic, rules, findings, unknown, drift, notAnalysed, errors } = report;
    const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
    const list = (title: string, lines: readonly string[]) =>
        lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)] : [];
    const said = (all: readonly Said[]) => all.map(({ text, servers }) => `${printable(text)} (${named(servers)})`);
    const rows = traffic.map((row) => {
        const { kind, direction, what, service, before, after, servers, rules: keys, risk, perhaps } = row;
        const head = `${perhaps ? "perhaps " : ""}${kind} ${direction === "egress" ? "egress " : ""}${what}`;
        const name = service === undefined ? "" : ` (${service})`;
        const text = `${head}${name}: ${before} => ${after}, by ${keys.join(", ")} (${named(servers)})`;
        return paint(COLORS[risk], printable(text));
    });
    const ruleRows = rules.map(({ key, before, after, servers }) => {
        const sign = before === undefined ? "+" : after === undefined ? "-" : "~";
        return printable(
            `${sign} ${key}  ${[before, after].filter((line) => line !== undefined).join(" => ")} (${named(servers)})`,
        );
    });
    return [
        `Firewall: ${headline}`,
        ...list(
            "Errors:",
            errors.map((text) => printable(text)),
        ),
        ...list("Traffic:", rows),
        ...list("Allowed:", said(allowed)),
        ...list("New findings:", said(findings.new)),
        ...list("Known when it is applied:", said(unknown)),
        ...list("Drift that this takes back:", said(drift)),
        ...list("Too much to be analysed on:", notAnalysed.length > 0 ? [named(notAnalysed)] : []),
        ...list("Fixed findings:", said(findings.fixed)),
        ...list("Rules:", ruleRows),
        "",
    ].join("\n");
}

function named(servers: readonly string[]): string {
    const names = servers.slice(0, 5).map((name) => printable(name, 100));
    return servers.length > 5 ? `${servers.length} servers: ${names.slice(0, 3).join(", ")}, ...` : names.join(", ");
}
