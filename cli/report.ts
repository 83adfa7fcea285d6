import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { type Allowed, type Failure, FAILURES, failuresOf, readAllowed } from "../review/failOn";
import { markdownOf } from "../review/markdown";
import { plainTextOf } from "../review/plainText";
import { readPreview } from "../review/previewDocument";
import { type Report, reportOf } from "../review/report";
import { EXIT } from "./ask";
import type { Output } from "./program";
import { runPreview, textOf } from "./sources";

export const FORMATS = ["markdown", "text", "json"] as const;
type Format = (typeof FORMATS)[number];

export interface ReportOptions {
    readonly preview?: string;
    readonly program?: string;
    readonly stack?: string;
    readonly format?: Format;
    readonly output?: string;
    readonly link?: string;
    readonly failOn?: string;
    readonly allow?: readonly string[];
}

export function addReport(cli: Command, output: Output, tell: (code: number) => void): void {
    cli.command("report")
        .description("What a preview would do to firewalls, as traffic: for a pull request, a terminal or a program.")
        .option("--preview <file>", "what `pulumi preview --json` wrote; default: standard input")
        .option("--program <dir>", "a Pulumi program: runs `pulumi preview --json` there")
        .option("--stack <name>", "its stack; the program is that of this directory, if not said")
        .addOption(new Option("--format <format>", "default: text on a terminal, else markdown").choices(FORMATS))
        .option("--output <file>", "where to write it; default: standard output")
        .option("--link <address>", "where the whole report can be read, for what does not fit a comment")
        .option("--fail-on <list>", `exit with 1 for any of ${FAILURES.join(", ")}`)
        .option("--allow <rule=reason...>", "a rule or traffic that may open, and why")
        .addHelpText("after", HELP)
        .exitOverride()
        .action((options: ReportOptions) => tell(reportCommand(output, options)));
}

const HELP = `
Examples:
  pulumi preview --json | vps-firewall report > comment.md
  vps-firewall report --stack dev --fail-on management,errors
  vps-firewall report --preview preview.json --fail-on opens-to-world --allow "web/https=public shop"

Exit codes: 0 nothing of --fail-on, 1 something of it, 2 wrong usage or no preview.
`;

/** 0: nothing that was asked for with `--fail-on`; 1: something; 2: wrong usage, or no preview. */
export function reportCommand(output: Output, options: ReportOptions): number {
    try {
        const wanted = (options.failOn ?? "").split(",").filter(Boolean).map(failureOf);
        const allowed = (options.allow ?? []).map(readAllowed);
        const report = reportOf(readPreview(previewText(options)));
        const { failed, allowed: excused } = failuresOf(report, wanted, allowed);
        const isTerminal = options.output === undefined && output.isTerminal === true;
        const text = written(report, options, isTerminal, excused, allowed, failed);
        if (options.output === undefined) output.out(text);
        else writeFileSync(options.output, text);
        for (const each of failed) output.err(`${each}\n`);
        return failed.length > 0 ? EXIT.refused : EXIT.accepted;
    } catch (error) {
        output.err(`${(error as Error).message}\n`);
        return EXIT.unsure;
    }
}

function written(
    report: Report,
    { format, link }: ReportOptions,
    isTerminal: boolean,
    excused: ReturnType<typeof failuresOf>["allowed"],
    allowed: readonly Allowed[],
    failed: readonly string[],
): string {
    switch (format ?? (isTerminal ? "text" : "markdown")) {
        case "markdown":
            return markdownOf(report, { ...(link !== undefined && { link }), allowed: excused });
        case "text":
            return plainTextOf(report, { color: isTerminal && !process.env.NO_COLOR, allowed: excused });
        case "json":
            return `${JSON.stringify({ ...report, failed, allowed }, null, 4)}\n`;
    }
}

function failureOf(text: string): Failure {
    const found = FAILURES.find((each) => each === text.trim());
    if (!found) throw new Error(`--fail-on ${text} is none of ${FAILURES.join(", ")}`);
    return found;
}

function previewText({ preview, program, stack }: ReportOptions): string {
    if (preview !== undefined && (program !== undefined || stack !== undefined))
        throw new Error("say --preview, or --program and --stack");
    if (program !== undefined || stack !== undefined) return runPreview(program ?? ".", { stack, failed: true });
    return textOf(preview ?? "-");
}
