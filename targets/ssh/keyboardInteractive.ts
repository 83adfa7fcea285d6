import type { KeyboardInteractiveCallback, Prompt } from "ssh2";

/**
 * Answers keyboard-interactive login with a password, once, where the server asks one thing without showing what is
 * typed, as it does for a password. Anything else is for somebody at a keyboard: `refuse` gets the question.
 */
export function passwordPrompt(password: string, refuse: (asking: string) => void) {
    let answered = false;
    return (
        _name: string,
        instructions: string,
        _language: string,
        prompts: Prompt[],
        answer: KeyboardInteractiveCallback,
    ): void => {
        const [first, ...others] = prompts;
        const words = (prompts.map(({ prompt }) => prompt).join(" ") || instructions).trim().replace(/\s+/g, " ");
        const isPassword = first !== undefined && others.length === 0 && first.echo !== true && !isCode(first.prompt);
        if (!isPassword || answered) return refuse(words);
        answered = true;
        answer([password]);
    };
}

/** One-time codes are asked for without echo too, and a password is none. */
function isCode(prompt: string): boolean {
    return /\b(code|token|otp|one[- ]time|verification|passcode|challenge|response)\b/i.test(prompt);
}
