import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** One resource in a preview. */
export interface PreviewStep {
    /** `create`, `update`, `delete`, `same`, `replace`, `create-replacement`, ... */
    readonly op: string;
    readonly urn: string;
    readonly type: string;
    readonly before?: Inputs;
    readonly after?: Inputs;
}

type Inputs = Readonly<Record<string, unknown>>;

/** What a program or a provider said. */
export interface PreviewMessage {
    readonly severity: string;
    readonly text: string;
}

export interface PreviewDocument {
    readonly steps: readonly PreviewStep[];
    readonly messages: readonly PreviewMessage[];
}

const state = z.looseObject({ type: z.string().optional(), inputs: z.record(z.string(), z.unknown()).optional() });
const step = z.looseObject({
    op: z.string(),
    urn: z.string(),
    oldState: state.nullish(),
    newState: state.nullish(),
});
const message = z.looseObject({ severity: z.string().optional(), message: z.string().optional() });
const oneDocument = z.looseObject({ steps: z.array(step), diagnostics: z.array(message).nullish() });

const metadata = z.looseObject({
    op: z.string(),
    urn: z.string(),
    type: z.string().optional(),
    old: state.nullish(),
    new: state.nullish(),
});
const event = z.looseObject({
    resourcePreEvent: z.looseObject({ metadata }).nullish(),
    diagnosticEvent: message.extend({ ephemeral: z.boolean().optional() }).nullish(),
});

/**
 * Reads what `pulumi preview --json` writes: one document, or, with `PULUMI_ENABLE_STREAMING_JSON_PREVIEW`, an event a line.
 *
 * @throws Error that says what is expected, for any other text
 */
export function readPreview(text: string): PreviewDocument {
    const whole = parsed(text);
    if (whole !== undefined) {
        const document = oneDocument.safeParse(whole);
        if (document.success) return ofDocument(document.data);
        const single = event.safeParse(whole);
        if (
            single.success &&
            (single.data.resourcePreEvent || single.data.diagnosticEvent || "sequence" in single.data)
        )
            return ofEvents([single.data]);
        throw notAPreview();
    }
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const events = lines.map((line) => event.safeParse(parsed(line)));
    if (events.length === 0 || events.some(({ success }) => !success)) throw notAPreview();
    return ofEvents(events.map(({ data }) => data!));
}

function notAPreview(): Error {
    return new Error(
        "this is not what `pulumi preview --json` writes (with --show-secrets where a template holds secrets)",
    );
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

type State = z.infer<typeof state> | null | undefined;

function stepOf(op: string, urn: string, before: State, after: State, type?: string): PreviewStep {
    return {
        op,
        urn,
        type: after?.type ?? before?.type ?? type ?? urn.split("::").at(-2)?.split("$").at(-1) ?? "",
        ...(before?.inputs && { before: before.inputs }),
        ...(after?.inputs && op !== "delete" && { after: after.inputs }),
    };
}

function ofDocument({ steps, diagnostics }: z.infer<typeof oneDocument>): PreviewDocument {
    return {
        steps: steps.map(({ op, urn, oldState, newState }) => stepOf(op, urn, oldState, newState)),
        messages: (diagnostics ?? []).flatMap(messageOf),
    };
}

function ofEvents(events: readonly z.infer<typeof event>[]): PreviewDocument {
    return {
        steps: events.flatMap(({ resourcePreEvent }) => {
            if (!resourcePreEvent) return [];
            const { op, urn, type, old, new: after } = resourcePreEvent.metadata;
            return [stepOf(op, urn, old, after, type)];
        }),
        messages: events.flatMap(({ diagnosticEvent }) =>
            diagnosticEvent && !diagnosticEvent.ephemeral ? messageOf(diagnosticEvent) : [],
        ),
    };
}

/** Without colours: as codes of a terminal, or in the engine's own marks. */
function messageOf({ severity = "info", message: text = "" }: z.infer<typeof message>): PreviewMessage[] {
    const plain = stripVTControlCharacters(text.replace(/<\{%.*?%\}>/g, "")).trim();
    return plain === "" || severity === "debug" ? [] : [{ severity, text: plain }];
}
