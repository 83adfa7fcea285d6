import type { HandOver, RunResult } from "./protocol";

/** The command that opens a shell with root's rights, and how it shows that the shell is there. */
export interface RootShell {
    readonly command: string;
    readonly handOver: HandOver;
}

/**
 * A POSIX shell with root's rights that reads its script from standard input, whatever the login shell is (sh, bash,
 * csh, fish): nothing but one quoted word is left to that. The script is handed over once this shell says that it is
 * there. So it never reaches anything else: a forced command, an `exec zsh` in .bashrc, a sudo that asks for a password.
 * SSH_CONNECTION is read before sudo clears it. The first `echo` ends a banner that has no line end.
 *
 * @param token random: what a banner prints, or a shell that shows the commands it runs, never passes for an answer
 * @param withPassword whether sudo may ask for a password: at each use, so that it does not matter what it remembers
 */
export function rootShell(token: string, withPassword: boolean): RootShell {
    const shell = `echo ${token} ready; exec sh -s --`;
    // The empty word keeps the prompt out of the command's own text, which a shell may print.
    const sudo = withPassword ? `sudo -k -S -p ${token}"":` : "sudo -n";
    return {
        command:
            `exec sh -c 'echo; if [ "$(id -u)" = 0 ]; then ${shell} "$SSH_CONNECTION"; ` +
            `else LC_ALL=C; export LC_ALL; exec ${sudo} sh -c "${shell} \\"\\$1\\"" sh "$SSH_CONNECTION"; fi'`,
        handOver: { ready: `${token} ready`, sudoPrompt: `${token}:` },
    };
}

/** Why the shell never said that it is there: a word of the protocol's refusals, and what the host said. */
export function whyNoShell({ code, stdout, stderr, sudoAsked = 0 }: RunResult, { sudoPrompt }: HandOver) {
    const said = stderr.replaceAll(sudoPrompt, "").trim();
    if (sudoAsked > 1 || /incorrect password/.test(said)) return { word: "sudo-refuses", detail: "" };
    if (/must have a tty|no tty present/.test(said)) return { word: "sudo-wants-terminal", detail: said };
    if (sudoAsked > 0 || /\bsudo(ers)?\b|not allowed to execute/.test(said)) return { word: "not-root", detail: said };
    const all = [said, stdout.trim()].filter(Boolean).join(" ");
    return { word: "no-shell", detail: all || `it ended with status ${code ?? "unknown"} and said nothing` };
}
