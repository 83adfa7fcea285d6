import type { Report, ReportedLine, ReportedTraffic, Said } from "./report";

/** A comment of GitHub holds 65,536. */
export const LONGEST = 60_000;

/** How many servers are named in a cell. */
const MOST_SERVERS = 5;

export interface MarkdownOptions {
    /** Where the whole report can be read. */
    readonly link?: string;
    readonly allowed?: readonly Said[];
}

/**
 * A report as a comment of a pull request, never longer than 60,000 characters: what is left out is counted. All that comes from
 * the preview stands in code spans, so that nothing in it is taken for Markdown, HTML or a mention.
 */
export function markdownOf(report: Report, { link, allowed = [] }: MarkdownOptions = {}): string {
    const { traffic, rules, findings, unknown, drift, notAnalysed, errors } = report;
    const sections = [
        section(
            `**Firewall: ${report.headline}**`,
            errors.map((text) => `- error: ${code(text)}`),
        ),
        section(TABLE, traffic.map(trafficLine), "rows of the table"),
        section("Allowed:", allowed.map(saidLine)),
        section("New findings:", findings.new.map(saidLine), "findings"),
        section("Known when it is applied:", unknown.map(saidLine)),
        section("Drift that this takes back:", drift.map(saidLine)),
        section("Too much to be analysed on:", notAnalysed.length > 0 ? [`- ${serversText(notAnalysed)}`] : []),
        section("Fixed findings:", findings.fixed.map(saidLine), "findings"),
        section("<details><summary>Rules</summary>", rules.map(ruleLine), "rules", "\n</details>"),
    ].filter((each) => each.lines.length > 0 || each.head.startsWith("**"));
    return fitted(sections, link);
}

const TABLE = "| | traffic | before | after | servers | rule |\n|---|---|---|---|---|---|";

interface Section {
    readonly head: string;
    readonly lines: readonly string[];
    readonly what: string;
    readonly foot: string;
}

const section = (head: string, lines: readonly string[], what = "lines", foot = ""): Section => ({
    head,
    lines,
    what,
    foot,
});

/** The first lines of each section that still fit, what matters most first. */
function fitted(sections: readonly Section[], link: string | undefined): string {
    let left = LONGEST - 300 - (link?.length ?? 0);
    let cut = 0;
    const parts = sections.map(({ head, lines, what, foot }) => {
        left -= head.length + foot.length + what.length + 40;
        const kept: string[] = [];
        for (const line of lines) {
            if (line.length + 1 > left) break;
            left -= line.length + 1;
            kept.push(line);
        }
        const more = lines.length - kept.length;
        cut += more;
        const isTable = head === TABLE;
        const rest = more > 0 ? [`${isTable ? "\n" : ""}... and ${more} more ${what}`] : [];
        return [head, ...(isTable || kept.length === 0 ? [] : [""]), ...kept, ...rest, ...(foot ? [foot] : [])].join(
            "\n",
        );
    });
    const end = cut > 0 ? [`${cut} lines did not fit here.${link === undefined ? "" : ` All of it: ${link}`}`] : [];
    return `${[...parts, ...end].join("\n\n")}\n`;
}

function trafficLine({
    kind,
    direction,
    what,
    service,
    before,
    after,
    servers,
    rules,
    perhaps,
}: ReportedTraffic): string {
    const traffic = `${direction === "egress" ? "egress " : ""}${what}`;
    const cells = [
        perhaps ? `perhaps ${kind}` : kind,
        `${code(traffic)}${service === undefined ? "" : ` (${service})`}`,
        ...[before, after].map(code),
        serversText(servers),
        listed(rules),
    ];
    return `| ${cells.join(" | ")} |`;
}

function saidLine({ text, servers }: Said): string {
    return `- ${code(text)} on ${serversText(servers)}`;
}

function ruleLine({ key, before, after, servers }: ReportedLine): string {
    const sign = before === undefined ? "+" : after === undefined ? "-" : "~";
    const change = [before, after].flatMap((line) => (line === undefined ? [] : [code(line)])).join(" => ");
    return `- ${sign} ${code(key)}: ${change} on ${serversText(servers)}`;
}

function serversText(servers: readonly string[]): string {
    if (servers.length <= MOST_SERVERS) return servers.map(code).join(", ");
    return `${servers.length} servers: ${servers.slice(0, 3).map(code).join(", ")}, ...`;
}

function listed(keys: readonly string[]): string {
    const shown = keys.slice(0, MOST_SERVERS).map(code).join(", ");
    return keys.length > MOST_SERVERS ? `${shown}, and ${keys.length - MOST_SERVERS} more` : shown;
}

const LONGEST_SPAN = 400;

/** A code span, in which a table's bars are the only thing that still means anything. */
export function code(text: string): string {
    const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
    const plain = line.length > LONGEST_SPAN ? `${line.slice(0, LONGEST_SPAN)}...` : line;
    const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map((run) => run.length));
    const fence = "`".repeat(longest + 1);
    const space = plain.startsWith("`") || plain.endsWith("`") || plain === "" ? " " : "";
    return `${fence}${space}${plain}${space}${fence}`.replaceAll("|", "\\|");
}
