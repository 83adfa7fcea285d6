import type { Command } from "commander";
import { backupList } from "./backupList";
import { backupRestore, type RestoreOptions } from "./backupRestore";
import { backupShow, type ShowOptions } from "./backupShow";
import type { Output } from "./program";

/** Adds `backup list|show|restore`; `exit` is told the exit code. */
export function addBackup(cli: Command, output: Output, exit: (code: number) => void): void {
    const backup = cli.command("backup").description("What a host keeps of the rulesets that it ran before.");
    const host = ["<host>", "user@host:port, reached over SSH"] as const;
    const name = ["<name>", "a number of the list, or first"] as const;
    backup
        .command("list")
        .description("Which backups there are, the newest first.")
        .argument(...host)
        .option("--json", "as JSON")
        .action(async (place: string, options: { json?: boolean }) => {
            await backupList(output, place, options);
            exit(0);
        });
    backup
        .command("show")
        .description("The rules of one; of the first, what the programs of the host listed.")
        .argument(...host)
        .argument(...name)
        .option("--raw", "the ruleset as it was loaded")
        .option("--json", "what was kept with it, as JSON")
        .action(async (place: string, which: string, options: ShowOptions) => {
            await backupShow(output, place, which, options);
            exit(0);
        });
    backup
        .command("restore")
        .description("Says what it would change; with --yes applies it, as an update does.")
        .argument(...host)
        .argument(...name)
        .option("--yes", "apply it")
        .addHelpText("after", HELP)
        .action(async (place: string, which: string, options: RestoreOptions) => {
            exit((await backupRestore(output, place, which, options)) ? 0 : 1);
        });
}

const HELP = `
It goes the way of an update: refused where it would lock this machine out, taken back by the host unless a new
connection confirms it. \`first\` removes our ruleset.

Exit codes: 0 the host runs it, 1 nothing was changed, 2 wrong usage or it failed.
`;
