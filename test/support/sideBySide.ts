/**
 * Tests that mostly wait, each on hosts of its own: all begin at once, after the `beforeAll` before, and each is
 * reported under its name.
 */
export function sideBySide(tests: Readonly<Record<string, () => Promise<void>>>): void {
    const begun = new Map<string, Promise<void>>();
    beforeAll(() => {
        for (const [name, run] of Object.entries(tests)) {
            const ended = run();
            ended.catch(() => undefined);
            begun.set(name, ended);
        }
    });
    for (const name of Object.keys(tests)) test(name, async () => begun.get(name));
}
