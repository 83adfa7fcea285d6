import type { RecordedOperation, Scenario } from "../scenarios/scenario";
import type { ScenarioEngine } from "./engines";
import { normaliser } from "./normalise";
import { openWorkspace } from "./workspace";

/** Runs a scenario from beginning to end and gives back what it did, operation by operation. */
export async function record(
    scenario: Scenario,
    open: (scenario: Scenario, directory: string) => Promise<ScenarioEngine>,
): Promise<RecordedOperation[]> {
    const workspace = openWorkspace();
    try {
        const engine = await open(scenario, workspace.directory);
        const normal = normaliser(workspace.directory);
        const recorded: RecordedOperation[] = [];
        for (const operation of scenario.operations) {
            if (operation.program) {
                workspace.write(operation.program);
            }
            await operation.before?.(workspace.directory);
            const preview = await engine.preview(operation);
            const { ok, errors } =
                operation.run === "preview" ? { ...preview, errors: [] } : await engine.run(operation);
            if (ok === (operation.fails ?? false)) {
                throw new Error(
                    `${scenario.name}: ${operation.name} ${ok ? "succeeded" : `failed: ${errors.join("\n")}`}`,
                );
            }
            recorded.push({
                name: operation.name,
                run: `${operation.run}${operation.refresh ? " --refresh" : ""}`,
                preview: { ok: preview.ok, steps: normal.steps(preview.steps), changeSummary: preview.changeSummary },
                ok,
                state: normal.state(await engine.state()),
            });
        }
        return recorded;
    } finally {
        workspace.remove();
    }
}
