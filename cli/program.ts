import { Command, CommanderError } from "commander";
import { type AskOptions, askCommand, EXIT } from "./ask";

/** Where a command's words go. */
export interface Output {
    readonly out: (text: string) => void;
    readonly err: (text: string) => void;
}

/** Runs `vps-firewall` with these arguments and gives its exit code. */
export async function program(output: Output, args: readonly string[]): Promise<number> {
    let code: number = EXIT.unsure;
    const cli = new Command("vps-firewall")
        .description("Questions to the firewalls of this library.")
        .exitOverride()
        .configureOutput({ writeOut: output.out, writeErr: output.err });
    cli.command("ask")
        .description("Does a new packet get through, and which rule decides?")
        .argument("<packet...>", "protocol, from and to: tcp from 203.0.113.5 to 443")
        .option("--state <file>", "what `pulumi stack export` wrote; - is standard input")
        .option("--preview <file>", "what `pulumi preview --json` wrote; - is standard input")
        .option("--program <dir>", "a Pulumi program: runs `pulumi preview --json` there")
        .option("--host <user@host:port>", "a live host, read over SSH and not changed")
        .option("--server <name>", "the HostFirewall to ask, where there are several")
        .option("--template <name>", "only the rules of this template")
        .option("--json", "the answer as JSON")
        .addHelpText("after", HELP)
        .exitOverride()
        .action(async (words: string[], options: AskOptions) => {
            code = await askCommand(output, words, options);
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
