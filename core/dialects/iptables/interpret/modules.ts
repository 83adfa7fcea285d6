import type { Option, Rule } from "./readSave";

/** Options of a rule that belong together: those of one module, or those that need none. */
export interface Group {
    /** Absent: options of every rule, such as `-s`. */
    readonly module?: string;
    readonly options: readonly Option[];
}

interface Module {
    readonly options: readonly string[];
    /** What it says anything of; absent: of every packet. */
    readonly protocols?: readonly number[];
    /** It is enough to name it. */
    readonly alone?: true;
}

const WITH_PORTS: readonly number[] = [6, 17];

const MODULES: ReadonlyMap<string, Module> = new Map<string, Module>([
    ["comment", { options: ["--comment"] }],
    ["tcp", { options: ["--sport", "--dport", "--tcp-flags"], protocols: [6], alone: true }],
    ["udp", { options: ["--sport", "--dport"], protocols: [17], alone: true }],
    ["multiport", { options: ["--sports", "--dports"], protocols: WITH_PORTS }],
    ["icmp", { options: ["--icmp-type"], protocols: [1], alone: true }],
    ["icmp6", { options: ["--icmpv6-type"], protocols: [58] }],
    ["iprange", { options: ["--src-range", "--dst-range"] }],
    ["conntrack", { options: ["--ctstate", "--ctorigdst", "--ctorigdstport"] }],
    ["state", { options: ["--state"] }],
    ["set", { options: ["--match-set"] }],
    ["hl", { options: ["--hl-eq"] }],
    ["ttl", { options: ["--ttl-eq"] }],
    ["limit", { options: ["--limit", "--limit-burst"] }],
    [
        "hashlimit",
        {
            options: [
                ...["--hashlimit-upto", "--hashlimit-above", "--hashlimit-burst", "--hashlimit-mode"],
                ...["--hashlimit-srcmask", "--hashlimit-name", "--hashlimit-htable-size", "--hashlimit-htable-max"],
                ...["--hashlimit-htable-expire", "--hashlimit-htable-gcinterval"],
            ],
        },
    ],
]);

/** Options of every rule. */
const PLAIN: ReadonlySet<string> = new Set(["-p", "-s", "-d", "-i", "-o"]);

/** The groups of what a rule says of packets, in order. An option in front of every module is of a module without a name. */
export function groupsOf(options: Rule): readonly Group[] {
    const plain: Option[] = [];
    const groups: { module: string; options: Option[] }[] = [];
    for (const option of options) {
        const { name, values, not } = option;
        if (PLAIN.has(name)) plain.push(option);
        else if (name === "-m" && values.length === 1 && !not) groups.push({ module: values[0]!, options: [] });
        else if (groups.length > 0) groups.at(-1)!.options.push(option);
        else groups.push({ module: "", options: [option] });
    }
    return [{ options: plain }, ...groups];
}

/** Is this all that can be said with it, of packets of which it says something? Else it is not known what it matches. */
export function isUnderstood({ module, options }: Group, protocol: number | undefined): boolean {
    if (module === undefined) return true;
    const known = MODULES.get(module);
    if (!known || (options.length === 0 && !known.alone)) return false;
    return known.protocols === undefined || (protocol !== undefined && known.protocols.includes(protocol));
}

const TAKE_TWO: readonly string[] = ["--tcp-flags", "--match-set"];

/** Is it an option of a module that is known, with as many words as it takes? */
export function isOptionOf(
    module: string | undefined,
    { name, values }: Option,
    protocol: number | undefined,
): boolean {
    const known = module === undefined || MODULES.get(module)!.options.includes(name);
    // Of ICMP, the type and code stand in its place.
    if (name === "--ctorigdstport" && !WITH_PORTS.includes(protocol ?? 0)) return false;
    return known && values.length === (TAKE_TWO.includes(name) ? 2 : 1);
}
