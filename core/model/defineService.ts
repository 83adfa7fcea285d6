import { z } from "zod";
import { type Diagnostic, diagnostic, FirewallError, located, quote } from "./diagnostics";
import { formatMatches } from "./formatRule";
import { icmpTypeNames, icmpTypeNumber } from "./icmpTypes";
import { emptyFields, shapeProblem, type ShapeWords } from "./inputShape";
import { checkName, isDescription, nameFrom } from "./names";
import { propose } from "./nearest";
import { normalMatches } from "./normalRule";
import { parsePort } from "./parsePorts";
import { formatPort, formatPorts, mergePorts } from "./ports";
import { protocolByNumber, protocolByWord, proposeProtocol } from "./protocols";
import type { Service } from "./service";
import { findService } from "./services";

/** What `defineService` takes. */
export interface ServiceDefinition {
    /** a-z, 0-9, dot, underscore and hyphen, at most 48 characters (VF012). A name of the catalogue keeps its meaning (VF033). */
    name: string;
    /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number (IANA), or several. */
    protocol: string | number | readonly (string | number)[];
    /** Ports of the server: numbers from 1 to 65535, ranges `"8000-8100"`, or several. tcp and udp need them, others have none. */
    ports?: number | string | readonly (number | string)[];
    /**
     * Message types of icmp and icmpv6, by name or number.
     * @default every type
     */
    icmpTypes?: number | string | readonly (number | string)[];
    /** What it is: one line, at most 200 characters. */
    description?: string;
    /** Other names people know it by, for readers; held to the same form and to the catalogue. A rule takes the value itself. */
    aliases?: readonly string[];
}

/**
 * A service of your own, to be used in a rule beside the names of the catalogue (docs/services.md). It is a plain value
 * that can't be changed; nothing is registered, so it means something only where you pass it.
 *
 * Errors, thrown, each with its `code`: VF003 and VF004 ports, VF009 unknown field, VF010 given but empty, VF012 name, VF014
 * protocol, VF017 ICMP type, VF024 type of a field, VF028 description, VF033 a name of the catalogue with another meaning,
 * VF034 ports or types that the protocol can't have or must have.
 *
 * @example
 * const game = defineService({ name: "my-game", protocol: "udp", ports: [7777, "27000-27010"] });
 * new FirewallTemplate("game", { rules: { play: { service: game }, admin: { service: ["ssh", "https"], from: office } } });
 */
export function defineService(definition: ServiceDefinition): Service {
    const read = readService(definition);
    if ("service" in read) return read.service;
    throw new FirewallError(read.problems[0]!);
}

const textOrNumber = z.union([z.string(), z.number()]);
const items = z.array(textOrNumber);

/** The fields of a service; what they say is `inspect`'s. */
export const definitionShape = z.strictObject({
    name: z.string(),
    protocol: z.union([textOrNumber, items.min(1)]),
    ports: z.union([textOrNumber, items]).optional(),
    icmpTypes: z.union([textOrNumber, items]).optional(),
    description: z.string().optional(),
    aliases: z.array(z.string()).optional(),
});

const WORDS: ShapeWords = {
    whole: "a service",
    wholeExpected: "an object",
    fields: {
        name: "text",
        protocol: "text, a number or a list of these",
        ports: "a number, text or a list of these",
        icmpTypes: "text, a number or a list of these",
        description: "text",
        aliases: "a list of texts",
    },
    fix: "What a service takes is in docs/rules.md.",
};

type Items = readonly (string | number)[];
const list = (value: Items | string | number = []): Items => (typeof value === "object" ? value : [value]);

/**
 * Checks a definition, or a service that came back from somewhere, and brings it into normal form: protocols in order,
 * ports merged. The messages name the service.
 */
export function readService(input: unknown): { service: Service } | { problems: readonly Diagnostic[] } {
    const { problems, service } = inspect(input);
    if (service && problems.length === 0) return { service };
    const name = typeof input === "object" && input !== null && "name" in input ? input.name : undefined;
    const who = typeof name === "string" ? `service ${quote(name)}` : "a service";
    return {
        problems: problems.map((one) => located(one, one.property ? `${who}, ${one.property}` : who)),
    };
}

function inspect(input: unknown): { problems: readonly Diagnostic[]; service?: Service } {
    const empty = emptyFields(input, "", { icmpTypes: "every type" });
    if (empty.length) return { problems: empty };
    const shape = definitionShape.safeParse(input);
    if (!shape.success)
        return { problems: shape.error.issues.flatMap((issue) => shapeProblem(issue, input, "", WORDS)) };
    const { name, description = "", aliases = [] } = shape.data;
    const problems: Diagnostic[] = [
        ...checkName("service", name, "name"),
        ...aliases.flatMap((alias) => checkName("service", alias, "aliases")),
    ];
    const protocol = readProtocols(list(shape.data.protocol), problems);
    const ports = readPorts(list(shape.data.ports), problems);
    const icmpTypes = shape.data.icmpTypes === undefined ? undefined : list(shape.data.icmpTypes).map(String);
    if (!isDescription(description)) problems.push(diagnostic("VF028", {}, "description"));
    if (problems.length) return { problems };
    const service: Service = {
        name,
        aliases: Object.freeze([...new Set(aliases)]),
        protocol: Object.freeze(inOrder(protocol)),
        ports: Object.freeze(ports),
        ...(icmpTypes && { icmpTypes: Object.freeze(icmpTypes) }),
        description,
    };
    const unfit = [...checkFit(service), ...[name, ...aliases].flatMap((one) => checkCatalogue(one, service))];
    return { problems: unfit, service: Object.freeze(service) };
}

type ServiceProtocol = Service["protocol"][number];

function inOrder(protocols: readonly ServiceProtocol[]): ServiceProtocol[] {
    const matches = normalMatches(protocols.map((protocol) => ({ protocol })));
    return matches.flatMap(({ protocol }) => (protocol === "any" ? [] : [protocol]));
}

function readProtocols(words: Items, problems: Diagnostic[]): ServiceProtocol[] {
    return words.flatMap((word) => {
        const text = String(word).replace(/^protocol /, "");
        const known = protocolByWord(text) ?? protocolByNumber(text);
        if (known !== undefined && known !== "any") return [known];
        const proposal =
            known === "any" ? 'For every protocol write a rule with protocol: "any".' : proposeProtocol(text);
        problems.push(diagnostic("VF014", { field: "protocol", value: quote(word), proposal }, "protocol"));
        return [];
    });
}

function readPorts(words: Items, problems: Diagnostic[]): string[] {
    const ranges = words
        .flatMap((word) => String(word).split(","))
        .flatMap((text) => {
            const parsed = parsePort(text, "ports");
            if ("range" in parsed) return [parsed.range];
            problems.push(parsed.problem);
            return [];
        });
    return mergePorts(ranges).map(formatPort);
}

/** Do ports and types belong to the protocols? */
function checkFit({ protocol, ports, icmpTypes }: Service): Diagnostic[] {
    const unfit = (said: string, fix: string, field: string) => diagnostic("VF034", { said, fix }, field);
    return protocol.flatMap((one) => {
        const said = formatMatches([{ protocol: one }]);
        const hasPorts = one === "tcp" || one === "udp";
        const problems: Diagnostic[] = [];
        if (hasPorts && ports.length === 0)
            problems.push(
                unfit(
                    `${said} without ports`,
                    "Say its ports; for every port write a rule with protocol alone.",
                    "ports",
                ),
            );
        if (!hasPorts && ports.length > 0)
            problems.push(
                unfit(
                    `${said} with ports`,
                    "Leave ports out, or define two services: only tcp and udp have ports.",
                    "ports",
                ),
            );
        if (icmpTypes && one !== "icmp" && one !== "icmpv6")
            problems.push(
                unfit(`${said} with icmpTypes`, "Leave icmpTypes out: only icmp and icmpv6 have types.", "icmpTypes"),
            );
        else if (icmpTypes && (one === "icmp" || one === "icmpv6"))
            for (const type of icmpTypes.filter((type) => icmpTypeNumber(one, type) === undefined)) {
                const proposal = propose(type, icmpTypeNames(one), "The names are in docs/rules.md.");
                problems.push(diagnostic("VF017", { protocol: one, value: quote(type), proposal }, "icmpTypes"));
            }
        return problems;
    });
}

function checkCatalogue(name: string, service: Service): Diagnostic[] {
    const known = findService(name);
    if (!known || meaningOf(known) === meaningOf(service)) return [];
    const proposal = quote(nameFrom(`my-${name}`));
    const problem = { value: quote(name), known: meaningOf(known), said: meaningOf(service), proposal };
    return [diagnostic("VF033", problem)];
}

/** The same text for the same packets: `tcp 80, 443`. */
function meaningOf({ protocol, ports, icmpTypes }: Service): string {
    const matches = protocol.map((one) => ({ protocol: one, ...(icmpTypes && { types: icmpTypes }) }));
    const ranges = ports.flatMap((text) => {
        const parsed = parsePort(text);
        return "range" in parsed ? [parsed.range] : [];
    });
    return [formatMatches(normalMatches(matches)), formatPorts(mergePorts(ranges))].filter(Boolean).join(" ");
}
