import { findings } from "../core/analysis/findings/findings";
import { NOT_ANALYSED } from "../core/analysis/exposure";
import { NOT_KNOWN_YET } from "../core/model/formatRule";
import { type Risk, RISKS, riskOf, serviceAt } from "./danger";
import type { PreviewDocument } from "./previewDocument";
import { type RuleLine, ruleLines } from "./ruleLines";
import { analysed, type ServerChange, serverChanges, type StoredSide } from "./servers";
import { type TrafficRow, trafficRows } from "./trafficRows";

/** What a preview would do to firewalls, for people and programs (`--json`). `version` changes when a field does. */
export interface Report {
    readonly version: 1;
    /** One sentence. */
    readonly headline: string;
    readonly counts: Readonly<Record<TrafficRow["kind"] | "servers" | "takesControl" | "letsGo", number>>;
    /** Worst first. */
    readonly traffic: readonly ReportedTraffic[];
    readonly rules: readonly ReportedLine[];
    readonly findings: { readonly new: readonly Said[]; readonly fixed: readonly Said[] };
    /** Rules and traffic that depend on what is known only when it is applied. */
    readonly unknown: readonly Said[];
    /** What somebody changed on servers and the change takes back. */
    readonly drift: readonly Said[];
    /** Servers on which the change crosses too much to be analysed. */
    readonly notAnalysed: readonly string[];
    readonly errors: readonly string[];
    readonly takesControl: readonly string[];
    readonly letsGo: readonly string[];
}

export interface ReportedTraffic extends TrafficRow {
    readonly risk: Risk;
    /** The name of a single port. */
    readonly service?: string;
    readonly servers: readonly string[];
}

export interface ReportedLine extends RuleLine {
    readonly servers: readonly string[];
}

export interface Said {
    readonly text: string;
    readonly servers: readonly string[];
}

/** Cost: that of the different changes; servers that change alike are analysed once. */
export function reportOf(preview: PreviewDocument): Report {
    const changes = serverChanges(preview);
    const groups = alike(changes);
    const told = new Set(preview.messages.map(({ text }) => codeIn(text)));
    const traffic: ReportedTraffic[] = [];
    const notAnalysed: string[] = [];
    const grouped = {
        rules: gather<RuleLine>(),
        fresh: texts(),
        fixed: texts(),
        unknown: texts(),
        drift: texts(),
    };
    for (const { servers, before, after } of groups) {
        for (const line of ruleLines(before?.stored, after?.stored)) grouped.rules.add(line, servers);
        for (const key of Object.keys(before?.stored.rules ?? {}))
            if (key.startsWith("(")) grouped.drift.add({ text: `${key}: ${before!.stored.rules[key]}` }, servers);
        for (const [what, who] of Object.entries(after?.exposure ?? {}))
            if (who.includes(NOT_KNOWN_YET)) grouped.unknown.add({ text: `${what}: ${who}` }, servers);
        for (const [key, line] of Object.entries(after?.stored.rules ?? {}))
            if (line.includes(NOT_KNOWN_YET)) grouped.unknown.add({ text: `${key}: ${line}` }, servers);
        const [was, is] = [before ?? NOTHING, after ?? NOTHING].map(analysed);
        const [old, now] = [was, is].map((each) => (each ? messages(each) : new Set<string>()));
        // What a template has silenced is not told.
        for (const text of after ? now! : [])
            if (!(before && old!.has(text)) && told.has(codeIn(text))) grouped.fresh.add({ text }, servers);
        for (const text of before && after ? old! : []) if (!now!.has(text)) grouped.fixed.add({ text }, servers);
        // What a server without rules of ours lets through, nobody knows; all of it is said in the headline.
        if (!before || !after) continue;
        const rows = was && is && trafficRows(was, is);
        if (!rows || Object.values(after.exposure).includes(NOT_ANALYSED)) notAnalysed.push(...servers);
        for (const row of rows ?? []) {
            const service = serviceAt(row);
            traffic.push({ ...row, risk: riskOf(row), ...(service !== undefined && { service }), servers });
        }
    }
    const takesControl = changes.filter(({ before }) => !before).map(({ server }) => server);
    const letsGo = changes.filter(({ after }) => !after).map(({ server }) => server);
    const joined = joinServers(traffic).sort(byRisk);
    const count = (kind: TrafficRow["kind"]) => joined.filter((row) => row.kind === kind).length;
    const counts = {
        servers: changes.length,
        takesControl: takesControl.length,
        letsGo: letsGo.length,
        opens: count("opens"),
        widens: count("widens"),
        changes: count("changes"),
        narrows: count("narrows"),
        closes: count("closes"),
    };
    return {
        version: 1,
        headline: headlineOf(counts),
        counts,
        traffic: joined,
        rules: grouped.rules.all(),
        findings: { new: grouped.fresh.all(), fixed: grouped.fixed.all() },
        unknown: grouped.unknown.all(),
        drift: grouped.drift.all(),
        notAnalysed,
        errors: [...new Set(preview.messages.filter(({ severity }) => severity === "error").map(({ text }) => text))],
        takesControl,
        letsGo,
    };
}

/** Nothing is known of it, and nothing is compared with it. */
const NOTHING: StoredSide = {
    stored: { rules: {}, defaults: { ingress: "accept", egress: "accept" } },
    exposure: {},
    key: "",
};

/** `VF214`; nothing where it has no code. */
function codeIn(text: string): string {
    return /\bVF\d{3}\b/.exec(text)?.[0] ?? "";
}

/** What the analysis says of a policy, each once. */
function messages(side: NonNullable<ReturnType<typeof analysed>>): ReadonlySet<string> {
    const found = known.get(side.policy) ?? new Set(findings(side.policy).map(({ message }) => message));
    known.set(side.policy, found);
    return found;
}

const known = new WeakMap<object, ReadonlySet<string>>();

type Group = Omit<ServerChange, "server"> & { readonly servers: string[] };

function alike(changes: readonly ServerChange[]): Group[] {
    const groups = new Map<string, Group>();
    for (const { server, ...change } of changes) {
        const key = JSON.stringify([change.before?.key, change.after?.key]);
        const group = groups.get(key) ?? { ...change, servers: [] };
        groups.set(key, group);
        group.servers.push(server);
    }
    return [...groups.values()];
}

function gather<Item extends object>() {
    const found = new Map<string, Item & { readonly servers: string[] }>();
    return {
        add(item: Item, servers: readonly string[]): void {
            const key = JSON.stringify(item);
            const known = found.get(key) ?? { ...item, servers: [] };
            found.set(key, known);
            known.servers.push(...servers);
        },
        all: () => [...found.values()],
    };
}

const texts = () => gather<{ readonly text: string }>();

function joinServers(rows: readonly ReportedTraffic[]): ReportedTraffic[] {
    const all = gather<Omit<ReportedTraffic, "servers">>();
    for (const { servers, ...row } of rows) all.add(row, servers);
    return all.all();
}

const KINDS: readonly TrafficRow["kind"][] = ["opens", "widens", "changes", "narrows", "closes"];

function byRisk(a: ReportedTraffic, b: ReportedTraffic): number {
    return (
        RISKS.indexOf(a.risk) - RISKS.indexOf(b.risk) ||
        KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
        (a.direction === b.direction ? 0 : a.direction === "ingress" ? -1 : 1) ||
        (a.what < b.what ? -1 : a.what > b.what ? 1 : 0)
    );
}

/** `2 servers change. Opens 1, closes 0, narrows 1.` */
function headlineOf(counts: Report["counts"]): string {
    const { servers, takesControl, letsGo, ...kinds } = counts;
    if (servers === 0) return "No server changes.";
    const plural = (count: number) => (count === 1 ? "1 server" : `${count} servers`);
    const changed = servers - takesControl - letsGo;
    const rest = (["widens", "changes"] as const).filter((kind) => kinds[kind] > 0);
    const said = (["opens", "closes", "narrows", ...rest] as const).map((kind) => `${kind} ${kinds[kind]}`).join(", ");
    return [
        changed > 0 &&
            `${plural(changed)} ${changed === 1 ? "changes" : "change"}. ${said[0]!.toUpperCase()}${said.slice(1)}.`,
        takesControl > 0 && `Takes control of ${plural(takesControl)}: everything not listed closes.`,
        letsGo > 0 && `Lets go of ${plural(letsGo)}: nothing of ours filters there any more.`,
    ]
        .filter(Boolean)
        .join(" ");
}
