import { randomBytes } from "node:crypto";

import type { ProtocolSession, Timing } from "./protocol";
import { type Answer, LostAnswer, readAnswer, valueOf } from "./protocolAnswer";
import { protocolError, sentence, type ProtocolErrorCode } from "./protocolErrors";
import { rootShell, whyNoShell } from "./rootShell";
import { stepScript, type StepInput, type StepName } from "./protocolScript";

export { LostAnswer };

/** Seconds. */
export const defaultTiming: Timing = {
    load: 60,
    lock: 30,
    retry: 5,
    giveUp: 60,
    track: 3,
    dial: 15,
    reach: 60,
};

const MiB = 1024 * 1024;
/** Bytes. A listing of a million addresses has some 60 MB; a probe reads it as text too, with what was kept beside it. */
const MAX_OUTPUT: Readonly<Record<StepName, number>> = {
    list: 72 * MiB,
    backups: 32 * MiB,
    backup: 128 * MiB,
    probe: 128 * MiB,
    arm: 72 * MiB,
    confirm: 72 * MiB,
    withdraw: MiB,
    remove: MiB,
};

/** The host said no, by one of the words of `refuse` in host/common.sh. */
export class Refusal extends Error {
    constructor(
        readonly word: string,
        readonly detail: string,
    ) {
        super(`refused by the host: ${sentence(word)} ${sentence(detail)}`.trim());
    }
}

/** Runs one step: one round trip. */
export async function runStep(session: ProtocolSession, input: StepInput, seconds: number): Promise<Answer> {
    const marker = randomBytes(16).toString("hex");
    const { command, handOver } = rootShell(randomBytes(16).toString("hex"), session.hasSudoPassword ?? false);
    const result = await session
        .run(command, stepScript(input, marker), {
            timeoutMs: seconds * 1000,
            maxOutput: MAX_OUTPUT[input.name],
            handOver,
        })
        .catch((error: unknown) => {
            throw new LostAnswer(messageOf(error), { cause: error });
        });
    const answer = readAnswer(result.stdout, marker);
    const word = valueOf(answer, "error");
    if (word !== undefined) throw new Refusal(word, answer.sections.get("detail") ?? valueOf(answer, "detail") ?? "");
    if (answer.finished) return answer;
    if (result.handedOver === false) {
        const { word, detail } = whyNoShell(result, handOver);
        throw new Refusal(word, detail);
    }
    throw new LostAnswer(`the script ended early (exit ${result.code ?? "by a signal"}): ${sentence(result.stderr)}`);
}

const codes: Readonly<Record<string, ProtocolErrorCode>> = {
    "nft-missing": "VF160",
    "nft-old": "VF161",
    "not-root": "VF162",
    "sudo-refuses": "VF174",
    "sudo-wants-terminal": "VF175",
    "no-shell": "VF176",
    busy: "VF163",
    changed: "VF164",
    pending: "VF164",
    unmarked: "VF165",
    "ruleset-refused": "VF166",
    "back-refused": "VF167",
    "not-armed": "VF168",
    "stage-failed": "VF169",
    "boot-failed": "VF115",
    "commit-failed": "VF169",
    "filter-fails": "VF170",
    "iptables-missing": "VF179",
    "iptables-old": "VF180",
    "other-filter": "VF181",
    "not-ours": "VF177",
    "no-backup": "VF183",
};

/** The error for the user. */
export function explain(error: unknown, host: string): unknown {
    if (error instanceof Refusal && error.word === "wrong-mark") {
        return new Error("a ruleset without the mark of its apply was passed to applyRuleset");
    }
    if (error instanceof Refusal) return protocolError(codes[error.word] ?? "VF171", host, error.detail || error.word);
    if (error instanceof LostAnswer) return error.cause ?? protocolError("VF171", host, error.message);
    return error;
}

export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
