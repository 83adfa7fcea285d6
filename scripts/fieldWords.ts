import type { z } from "zod";
import type { definitionShape } from "../core/model/defineService";
import { icmpTypeNames } from "../core/model/icmpTypes";
import { DESCRIPTION, LONGEST_DESCRIPTION, LONGEST_NAME, NAME } from "../core/model/names";
import { presets } from "../core/model/presets";
import { type Action, type Direction, limitUnits, rejectAnswers, ruleStates } from "../core/model/rule";
import type { ruleFields } from "../core/model/ruleFields";
import { serviceNames } from "../core/model/services";
import { flagForms } from "../core/model/tcpFlags";
import { presetNames } from "../core/model/templateData";
import type { templateFields } from "../core/model/templateInput";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What an editor shows of a field, and what it may hold where that is less than its type. */
export interface FieldWords {
    readonly description: string;
    readonly holds?: JsonSchema;
    readonly default?: unknown;
    readonly examples?: readonly unknown[];
}

type WordsFor<Shape extends z.ZodObject> = Partial<Record<keyof z.infer<Shape>, FieldWords>>;

export const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
const anyOf = (...schemas: JsonSchema[]): JsonSchema => ({ anyOf: schemas });
const oneOrMore = (item: JsonSchema) => anyOf(item, { type: "array", items: item, minItems: 1 });
const oneOf = <Word extends string>(...words: Word[]): JsonSchema => ({ type: "string", enum: words });
const text = (pattern: string): JsonSchema => ({ type: "string", pattern });
const wholeNumber = (minimum: number, maximum: number): JsonSchema => ({ type: "integer", minimum, maximum });

const PORT = String.raw`\s*[1-9]\d{0,4}\s*(-\s*[1-9]\d{0,4}\s*)?`;
const ADDRESS = String.raw`[0-9A-Fa-f:.]+`;
const icmpTypes = [...new Set([...icmpTypeNames("icmp"), ...icmpTypeNames("icmpv6")])];

/** What fields share. */
export const sharedSchemas: Readonly<Record<string, JsonSchema>> = {
    name: {
        title: "name",
        description: "a-z, 0-9, dot, underscore and hyphen, starting with a letter or digit.",
        ...text(NAME.source),
        maxLength: LONGEST_NAME,
    },
    description: { ...text(DESCRIPTION.source), maxLength: LONGEST_DESCRIPTION },
    line: {
        title: "canonical line",
        description: "A rule as the text that previews print.",
        ...text(String.raw`^\s*((in|e)gress\s+)?(accept|drop|reject)\s`),
        examples: ["accept tcp from anywhere to port 22", "egress drop tcp to port 25"],
    },
    address: {
        title: "address",
        description: "An address, a prefix, a range, an address set by its name, or anywhere.",
        ...text(String.raw`^\s*(anywhere( IPv[46])?|set \S+|${ADDRESS}(/\d+|\s*-\s*${ADDRESS})?)\s*$`),
        examples: ["198.51.100.7", "2001:db8:77::/48", "192.0.2.20-192.0.2.23", "set office", "anywhere IPv4"],
    },
    port: {
        title: "port",
        description: "A port from 1 to 65535, a range, or several between commas.",
        ...anyOf(wholeNumber(1, 65535), text(`^${PORT}(,${PORT})*$`)),
        examples: [443, "8000-8100"],
    },
    portOrAny: anyOf(ref("port"), text("^[Aa][Nn][Yy]$")),
    protocol: {
        title: "protocol",
        description: "A protocol by its name, or by its number (IANA).",
        ...anyOf(
            oneOf("any", "tcp", "udp", "icmp", "icmpv6"),
            wholeNumber(0, 255),
            text(String.raw`^(protocol )?(any|tcp|udp|icmp|icmpv6|\d{1,3})$`),
        ),
        examples: ["protocol 47"],
    },
    icmpType: {
        title: "ICMP type",
        description: "A message type by its name or number.",
        ...anyOf({ type: "string", enum: icmpTypes }, wholeNumber(0, 255), text(String.raw`^[a-z\d/-]+$`)),
    },
    service: {
        title: "service",
        description: "A name of the catalogue (docs/services.md), or a service of your own.",
        ...anyOf({ type: "string", enum: serviceNames() }, ref("ownService")),
    },
    parent: anyOf(
        ...presetNames.map((name) => ({ const: name, description: presets[name].description })),
        ref("template"),
    ),
};

export const ruleWords: WordsFor<typeof ruleFields> = {
    direction: {
        description: "Seen from the server: ingress packets arrive, egress packets leave.",
        holds: oneOf<Direction>("ingress", "egress"),
        default: "ingress",
    },
    action: {
        description:
            "drop discards silently, reject answers that it did. Both win over accept, unless priority says otherwise.",
        holds: oneOf<Action>("accept", "drop", "reject"),
        default: "accept",
    },
    protocol: {
        description: "tcp, udp, icmp (IPv4), icmpv6, any, or a protocol number, or several. Not together with service.",
        holds: oneOrMore(ref("protocol")),
        default: "any",
    },
    service: {
        description: "Names of the catalogue or services of your own, which say protocol and ports; one or several.",
        holds: oneOrMore(ref("service")),
    },
    from: {
        description: "Source addresses. Leaving it out is how one says anywhere; given but empty is an error.",
        holds: oneOrMore(ref("address")),
        default: "anywhere",
    },
    to: {
        description: "Destination addresses; for an ingress rule those of the server itself.",
        holds: oneOrMore(ref("address")),
        default: "anywhere",
    },
    ports: {
        description: "Destination ports; tcp and udp only. Left out: every port.",
        holds: oneOrMore(ref("portOrAny")),
    },
    sourcePorts: {
        description: "Source ports. Rarely right: clients choose them at will. Left out: every port.",
        holds: oneOrMore(ref("portOrAny")),
    },
    icmpTypes: {
        description: "Message types, with protocol icmp, icmpv6 or both. Left out: every type.",
        holds: oneOrMore(ref("icmpType")),
    },
    fromExcept: {
        description: "Source addresses that the rule is not for, whatever from says.",
        holds: oneOrMore(ref("address")),
    },
    toExcept: {
        description: "Destination addresses that the rule is not for, whatever to says.",
        holds: oneOrMore(ref("address")),
    },
    interface: {
        description:
            "Interfaces by name or beginning (wg*): by which an ingress packet comes or an egress packet goes. Left out: every one.",
        holds: oneOrMore(text(String.raw`^\s*[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,14}\*?\s*$`)),
        examples: ["eth0", ["eth0", "wg*"]],
    },
    state: {
        description: "What connection tracking says of the packet; rarely needed. Left out: every state.",
        holds: oneOrMore(oneOf(...ruleStates)),
    },
    tcpFlags: {
        description: "Flags of TCP by name: syn begins a connection, null and xmas come from port scanners.",
        holds: oneOrMore(oneOf(...flagForms)),
    },
    limit: {
        description: "How many packets an accept lets in; what is beyond goes on to the next rule.",
        holds: text(String.raw`^\s*\d{1,7}/(${limitUnits.join("|")})(\s+burst\s+\d{1,5})?(\s+per\s+source)?\s*$`),
        examples: ["10/second", "6/minute burst 10 per source"],
    },
    log: {
        description: "Writes what matches to the log of the host, ten lines a minute at most.",
        holds: anyOf(
            { type: "boolean" },
            {
                type: "object",
                properties: { prefix: text(String.raw`^[ !#%-\[\]-~]{1,64}$`) },
                required: ["prefix"],
                additionalProperties: false,
            },
        ),
        default: false,
    },
    rejectWith: {
        description: "What a reject answers; tcp-reset needs protocol tcp.",
        holds: oneOf(...rejectAnswers, "port-unreachable"),
        default: "port-unreachable",
    },
    expires: {
        description: "The last day on which the rule is wanted. It only tells readers: the rule stays in force.",
        holds: text(String.raw`^\d{4}-\d{2}-\d{2}$`),
        examples: ["2027-01-31"],
    },
    priority: {
        description: "Lower is decided first. Needed only where an accept must cut a hole into a drop.",
        holds: anyOf(wholeNumber(0, 1_000_000), text(String.raw`^\d{1,7}$`)),
        default: 1000,
    },
    description: { description: "Why the rule is there, in one line for the next reader.", holds: ref("description") },
    enabled: {
        description: "false keeps the rule in the template without effect.",
        holds: { type: "boolean" },
        default: true,
    },
};

export const serviceWords: WordsFor<typeof definitionShape> = {
    name: { description: "Its name; one of the catalogue keeps its meaning.", holds: ref("name") },
    protocol: { description: "Its protocol, or several.", holds: oneOrMore(ref("protocol")) },
    ports: { description: "Ports of the server; tcp and udp need them.", holds: oneOrMore(ref("port")) },
    icmpTypes: { description: "Message types of icmp and icmpv6.", holds: oneOrMore(ref("icmpType")) },
    description: { description: "What it is, in one line.", holds: ref("description") },
    aliases: { description: "Other names, for readers.", holds: { type: "array", items: ref("name") } },
};

export const templateWords: WordsFor<typeof templateFields> = {
    description: { description: "Why the template is there, in one line. Not inherited.", holds: ref("description") },
    extends: {
        description:
            "Presets and templates whose rules it has too. Of rules with the same name that of the later one wins, and its own win over all.",
        holds: oneOrMore(ref("parent")),
        examples: ["minimum", ["minimum", "smtp"]],
    },
    rules: {
        description: "The rules by name. Their order has no meaning.",
        holds: {
            type: "object",
            propertyNames: ref("name"),
            additionalProperties: anyOf(ref("rule"), ref("line")),
        },
        examples: [
            { ssh: { service: "ssh", from: "198.51.100.0/24" }, web: "accept tcp from anywhere to port 80, 443" },
        ],
    },
    remove: {
        description: "Names of inherited rules that it does not have.",
        holds: { type: "array", items: ref("name"), minItems: 1 },
        examples: [["http"]],
    },
    requires: {
        description: "Default actions without which it makes no sense; a target with others is refused.",
        holds: {
            type: "object",
            properties: { ingress: oneOf("accept", "drop"), egress: oneOf("accept", "drop") },
            additionalProperties: false,
        },
        examples: [{ egress: "drop" }],
    },
    findings: {
        description:
            "Other severities for findings about its rules, by code (docs/findings.md). A lower one than the usual needs a reason.",
        holds: {
            type: "object",
            additionalProperties: {
                type: "object",
                properties: {
                    severity: oneOf("off", "note", "warning", "error"),
                    reason: { type: "string", maxLength: 200 },
                },
                required: ["severity"],
                additionalProperties: false,
            },
        },
        examples: [{ VF222: { severity: "off", reason: "keys only" } }],
    },
};
