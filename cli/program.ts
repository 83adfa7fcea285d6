import { Argument, Command, CommanderError } from "commander";
import { type AskOptions, askCommand, EXIT } from "./ask";
import { addBackup } from "./backup";
import { addChosen } from "./chosen";
import { addReport } from "./report";
import { type Panel, PANELS, planCommand, type PlanOptions } from "./plan";

/** Where a command's words go. */
export interface Output {
    readonly out: (text: string) => void;
    readonly err: (text: string) => void;
    /** Does `out` write to a terminal? Default: no. */
    readonly isTerminal?: boolean;
}

/** Runs `vps-firewall` with these arguments and gives its exit code. */
export async function program(output: Output, args: readonly string[]): Promise<number> {
    let code: number = EXIT.unsure;
    const cli = new Command("vps-firewall")
        .description(
            "Reports of previews, questions to the firewalls of this library, their backups, and plans for panels.",
        )
        .exitOverride()
        .configureOutput({ writeOut: output.out, writeErr: output.err });
    const ask = cli
        .command("ask")
        .description("Does a new packet get through, and which rule decides?")
        .argument("<packet...>", "protocol, from and to: tcp from 203.0.113.5 to 443");
    addChosen(ask)
        .option("--json", "the answer as JSON")
        .addHelpText("after", HELP)
        .exitOverride()
        .action(async (words: string[], options: AskOptions) => {
            code = await askCommand(output, words, options);
        });
    const plan = cli
        .command("plan")
        .description("The rows to enter in a hoster's panel by hand, so that they mean the templates.")
        .addArgument(new Argument("<panel>", "whose panel").choices(PANELS));
    addChosen(plan)
        .option("--json", "rows and notes as JSON")
        .addHelpText("after", PLAN_HELP)
        .exitOverride()
        .action(async (panel: Panel, options: PlanOptions) => {
            code = await planCommand(output, panel, options);
        });
    addReport(cli, output, (told) => {
        code = told;
    });
    addBackup(cli, output, (told) => {
        code = told;
    });
    try {
        await cli.parseAsync([...args], { from: "user" });
        return code;
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.unsure;
        output.err(`${error instanceof Error ? error.message : String(error)}\n`);
        return EXIT.unsure;
    }
}

const HELP = `
What is not said is ordinary: a stranger of the documentation, source port 40000, any address of the server.

Examples:
  pulumi stack export | vps-firewall ask --state - tcp from 203.0.113.5 to 443
  vps-firewall ask --program . egress udp to 9.9.9.9 port 53
  vps-firewall ask --host root@192.0.2.10 icmp echo-request from 203.0.113.5
  vps-firewall ask --state stack.json --json tcp from 203.0.113.5 port 53 to 192.0.2.10 port 3306

Exit codes: 0 accepted, 1 dropped or rejected, 2 wrong usage or it can't be told.
`;

const PLAN_HELP = `
The rules are those of a HostFirewall. Before anything is printed it is proven that the rows mean what they do.

Examples:
  pulumi stack export | vps-firewall plan leaseweb --state -
  vps-firewall plan layerstack --program . --server web-1 --template web

Exit codes: 0 the rows are printed, 2 wrong usage, or the panel can't say it.
`;
