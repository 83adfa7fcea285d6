import fc from "fast-check";
import { defineService, type ServiceDefinition } from "../../../core/model/defineService";
import { FirewallError } from "../../../core/model/diagnostics";
import { findService, serviceNames } from "../../../core/model/services";
import { checkRule } from "../../../core/model/ruleInput";

const game = { name: "my-game", protocol: "udp", ports: [7777, "27000-27010"] };

function errorOf(definition: unknown): string {
    try {
        defineService(definition as ServiceDefinition);
    } catch (error) {
        if (error instanceof FirewallError) return error.message;
    }
    return "no error";
}

test("a service is a plain value in normal form that can't be changed", () => {
    const service = defineService({
        name: "my-game",
        protocol: ["udp", 6, "tcp"],
        ports: ["9000-9001", 9002, "80, 443"],
        aliases: ["mg"],
    });
    expect(service).toEqual({
        name: "my-game",
        aliases: ["mg"],
        protocol: ["tcp", "udp"],
        ports: ["80", "443", "9000-9002"],
        description: "",
    });
    expect([service, service.aliases, service.protocol, service.ports].every((part) => Object.isFrozen(part))).toBe(
        true,
    );
    expect(defineService(service)).toEqual(service);
    expect(JSON.parse(JSON.stringify(service))).toEqual(service);
});

test("nothing is registered: the name means nothing to other rules", () => {
    defineService(game);
    expect(findService("my-game")).toBeUndefined();
    expect(checkRule({ service: "my-game" }, "r").problems.map(({ code }) => code)).toEqual(["VF008"]);
});

test("a name of the catalogue may be used with the meaning that it has there", () => {
    const { protocol, ports, icmpTypes } = findService("ping")!;
    expect(defineService({ name: "ping", protocol, ports, icmpTypes: ["8", "echo-request"].slice(1) })).toMatchObject({
        icmpTypes,
    });
    expect(defineService({ name: "domain", protocol: ["udp", "tcp"], ports: "53" }).ports).toEqual(["53"]);
});

test.each<[string, unknown, string]>([
    [
        "no object",
        "ssh",
        'VF024 a service: a service must be an object, not "ssh". What a service takes is in docs/rules.md.',
    ],
    ["no name", { protocol: "tcp", ports: 1 }, "VF024 a service, name: name must be text, not undefined."],
    [
        "a bad name",
        { ...game, name: "My Game" },
        'VF012 service "My Game", name: the service name "My Game" is not allowed. Names are a-z',
    ],
    [
        "a bad alias",
        { ...game, aliases: ["mg", "M G"] },
        'VF012 service "my-game", aliases: the service name "M G" is not allowed.',
    ],
    ["an unknown field", { ...game, port: 1 }, 'VF009 service "my-game": unknown field "port". Did you mean "ports"?'],
    [
        "no protocol",
        { name: "x", ports: 1 },
        'VF024 service "x", protocol: protocol must be text, a number or a list of these, not undefined.',
    ],
    ["an empty protocol", { ...game, protocol: [] }, 'VF024 service "my-game", protocol: protocol must be'],
    [
        "an unknown protocol",
        { ...game, protocol: "tpc" },
        'VF014 service "my-game", protocol: protocol can\'t be "tpc". Did you mean "tcp"?',
    ],
    [
        "every protocol",
        { name: "x", protocol: "any" },
        'VF014 service "x", protocol: protocol can\'t be "any". For every protocol write a rule',
    ],
    ["a bad port", { ...game, ports: [1, 70000] }, 'VF003 service "my-game", ports: "70000" is not a port.'],
    ["an empty port", { ...game, ports: "" }, 'VF003 service "my-game", ports: "" is not a port.'],
    ["a reversed range", { ...game, ports: "9-1" }, 'VF004 service "my-game", ports: the range "9-1" runs backwards.'],
    [
        "forgotten ports",
        { ...game, ports: undefined },
        'VF034 service "my-game", ports: a service can\'t be udp without ports. Say its ports; for every port write a rule with protocol alone.',
    ],
    [
        "no ports",
        { name: "x", protocol: ["tcp", "udp"], ports: [] },
        'VF034 service "x", ports: a service can\'t be tcp without ports.',
    ],
    [
        "ports of a protocol without",
        { name: "x", protocol: 47, ports: 1 },
        'VF034 service "x", ports: a service can\'t be protocol 47 with ports. Leave ports out,',
    ],
    [
        "two kinds of protocols",
        { ...game, protocol: ["udp", "icmp"] },
        'VF034 service "my-game", ports: a service can\'t be icmp with ports.',
    ],
    [
        "types of a protocol without",
        { ...game, icmpTypes: 8 },
        'VF034 service "my-game", icmpTypes: a service can\'t be udp with icmpTypes.',
    ],
    [
        "an unknown type",
        { name: "x", protocol: "icmp", icmpTypes: "echo-requst" },
        'VF017 service "x", icmpTypes: icmp has no type "echo-requst". Did you mean "echo-request"?',
    ],
    [
        "forgotten types",
        { name: "x", protocol: "icmp", icmpTypes: undefined },
        'VF010 service "x", icmpTypes: icmpTypes is given but empty.',
    ],
    [
        "a description of two lines",
        { ...game, description: "a\nb" },
        'VF028 service "my-game", description: the description has control',
    ],
    [
        "another meaning of a name of the catalogue",
        { name: "ssh", protocol: "tcp", ports: 2222 },
        'VF033 service "ssh": "ssh" is tcp 22 in the catalogue, and this service says tcp 2222. Give yours another name, for example "my-ssh".',
    ],
    [
        "another meaning of an alias of the catalogue",
        { ...game, aliases: ["www"] },
        'VF033 service "my-game": "www" is tcp 80 in the catalogue, and this service says udp 7777, 27000-27010.',
    ],
])("%s is refused", (_, definition, expected) => expect(errorOf(definition).slice(0, expected.length)).toBe(expected));

describe("in a rule", () => {
    const panel = defineService({ name: "my-panel", protocol: "tcp", ports: 9443 });

    test("it stands alone or beside names", () => {
        const line = checkRule("accept tcp from anywhere to port 22, 9443", "r");
        expect(checkRule({ service: ["ssh", panel] }, "r")).toEqual(line);
        expect(checkRule({ service: panel }, "r")).toEqual(checkRule({ protocol: "tcp", ports: 9443 }, "r"));
    });

    test("its mistakes are named there, by rule and service", () => {
        const said = (service: unknown) =>
            checkRule({ service }, "r").problems.map(({ property, message }) => `${property}: ${message}`);
        expect(said(["ssh", { ...panel, ports: ["0"] }])[0]).toMatch(
            /^r\.service: VF003 service "my-panel", ports: "0" is not a port\./,
        );
        expect(said({ name: "x" })[0]).toMatch(/^r\.service: VF024 service "x", protocol: protocol must be/);
        expect(said([panel, "ntp"])[0]).toMatch(
            /^r\.service: VF015 the services my-panel and ntp have different ports/,
        );
        expect(said(7)[0]).toMatch(
            /^r\.service: VF024 service must be a name, a value of defineService or a list of these, not 7\./,
        );
    });

    test("one that holds a value that is not known yet keeps the rule open", () => {
        expect(checkRule({ service: { ...panel, ports: ["(not known yet)"] } }, "r")).toEqual({ problems: [] });
    });

    test("it means the same as its protocol and ports written out, alone and beside a name", () => {
        const port = fc.integer({ min: 1, max: 65535 });
        const range = fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
        const ports = fc.array(fc.oneof(port, range), { minLength: 1, maxLength: 5 });
        const protocols = fc.uniqueArray(fc.constantFrom("tcp", "udp"), { minLength: 1 });
        fc.assert(
            fc.property(protocols, ports, fc.constantFrom(...serviceNames()), (protocol, own, name) => {
                const service = defineService({ name: "mine", protocol, ports: own });
                expect(checkRule({ service }, "r")).toEqual(checkRule({ protocol, ports: own }, "r"));
                const known = findService(name)!;
                if (known.protocol.join() !== service.protocol.join()) return;
                const both = checkRule({ protocol, ports: [...own, ...known.ports] }, "r");
                expect(checkRule({ service: [name, service] }, "r")).toEqual(both);
            }),
        );
    });
});
