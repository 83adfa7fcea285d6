import { RULESET_TYPE } from "../../review/storedRules";
import { checkHost } from "../../provider/checkHost";

export interface PreviewedServer {
    readonly name: string;
    readonly before?: Record<string, unknown>;
    readonly after?: Record<string, unknown>;
}

/** The inputs of one server with these rules of a template `web`, as its check makes them. */
export function inputsOf(rules: Record<string, unknown>, more: Record<string, unknown> = {}): Record<string, unknown> {
    const raw = { target: { host: "192.0.2.10" }, owner: "a/b/c", templates: [{ name: "web", rules }], ...more };
    const { inputs, failures } = checkHost(raw);
    expect(failures).toEqual([]);
    return inputs as unknown as Record<string, unknown>;
}

const urnOf = (name: string) => `urn:pulumi:prod::shop::vpsfw:index:HostFirewall$${RULESET_TYPE}::${name}`;

function stepsOf(servers: readonly PreviewedServer[]) {
    return servers.map(({ name, before, after }) => ({
        op: before && after ? "update" : after ? "create" : "delete",
        urn: urnOf(name),
        ...(before && { oldState: { type: RULESET_TYPE, inputs: before } }),
        ...(after && { newState: { type: RULESET_TYPE, inputs: after } }),
    }));
}

interface Message {
    readonly severity: string;
    readonly message: string;
}

/** As `pulumi preview --json` writes it. */
export function documentOf(servers: readonly PreviewedServer[], diagnostics: readonly Message[] = []): string {
    const stack = {
        op: "same",
        urn: "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod",
        newState: { type: "pulumi:pulumi:Stack" },
    };
    return JSON.stringify({ config: {}, steps: [stack, ...stepsOf(servers)], diagnostics, duration: 1 });
}

/** The same as a stream of events. */
export function eventsOf(servers: readonly PreviewedServer[], diagnostics: readonly Message[] = []): string {
    const events = [
        { preludeEvent: { config: {} } },
        ...stepsOf(servers).map(({ op, urn, oldState, newState }) => ({
            resourcePreEvent: {
                metadata: { op, urn, type: RULESET_TYPE, old: oldState ?? null, new: newState ?? null },
                planning: true,
            },
        })),
        ...diagnostics.map(({ severity, message }) => ({
            diagnosticEvent: { severity, message: `<{%fg 3%}>${message}<{%reset%}>\n`, color: "raw" },
        })),
        { summaryEvent: { maybeCorrupt: false } },
    ];
    return events.map((event, sequence) => JSON.stringify({ sequence, timestamp: 1, ...event })).join("\n");
}
