import type { StackOptions } from "../../../engine/stack";
import type { RecordedOperation, Story } from "../scenarios/scenario";
import type { ScenarioEngine } from "./engines";
import { normaliser } from "./normalise";

/** Tells a story from beginning to end and gives back what the engine did, operation by operation. */
export async function record(
    story: Story,
    open: (options: StackOptions) => Promise<ScenarioEngine>,
): Promise<RecordedOperation[]> {
    const scenario = await story.begin();
    try {
        const engine = await open(scenario.stack);
        const normal = normaliser(scenario.varying, scenario.varyingProperties);
        const recorded: RecordedOperation[] = [];
        for (const operation of scenario.operations) {
            await operation.before?.();
            const preview = await engine.preview(operation);
            const { ok, text } = operation.run === "preview" ? { ...preview, text: "" } : await engine.run(operation);
            if (ok === (operation.fails ?? false)) {
                const why = text || (preview.text ?? "");
                throw new Error(`${story.name}: ${operation.name} ${ok ? "succeeded" : `failed: ${why}`}`);
            }
            recorded.push({
                name: operation.name,
                run: `${operation.run}${operation.refresh ? " --refresh" : ""}`,
                preview: { ok: preview.ok, steps: normal.steps(preview.steps), changeSummary: preview.changeSummary },
                ok,
                codes: [...new Set(text.match(/\bVF\d{3}\b/g) ?? [])].sort(),
                state: normal.state(await engine.state()),
            });
        }
        return recorded;
    } finally {
        await scenario.close();
    }
}

/** The file that keeps what a story was recorded to be. */
export const recordingOf = (story: Story): string => `${story.name.replaceAll(" ", "-")}.json`;
