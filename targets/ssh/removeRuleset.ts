import { probeOnce, probeSettled, timingOf } from "./probeHost";
import type { RemoveOptions, RemoveOutcome } from "./protocol";
import { LostAnswer, valueOf } from "./protocolAnswer";
import { explain, Refusal, runStep } from "./protocolStep";

/**
 * Removes our table and what we keep on the host, if it carries this resource's mark; may be repeated. Everything is
 * open afterwards, as it was before the first apply.
 *
 * @throws FirewallError VF160 to VF172; what `connect` throws
 */
export async function removeRuleset(options: RemoveOptions): Promise<RemoveOutcome> {
    const session = await options.connect(new AbortController().signal);
    try {
        const before = await probeSettled(session, options);
        const timing = timingOf(options);
        const step = {
            name: "remove",
            filter: before.filter,
            timing,
            variables: { resource: options.resource },
        } as const;
        const answer = await runStep(session, step, timing.lock + 5 * timing.load);
        for (const note of answer.values.get("note") ?? []) options.progress?.("removing", note);
        switch (valueOf(answer, "removed")) {
            case "absent":
                return { kind: "absent", probe: before };
            case "foreign":
                return { kind: "foreign", probe: before };
            case "removed": {
                const probe = await probeOnce(session, options).catch((error: unknown) => {
                    if (!(error instanceof Refusal)) throw error;
                    // It is removed; that nft, for one, fails only now doesn't take it back.
                    return before;
                });
                if (probe !== before && probe.mark?.resource === options.resource)
                    throw new LostAnswer("it says that the table is removed, and lists it");
                return { kind: "removed", probe };
            }
            default:
                throw new LostAnswer("it does not say whether the table is removed");
        }
    } catch (error) {
        throw explain(error, options.host);
    } finally {
        session.close();
    }
}
