import { checkHost } from "../../provider/checkHost";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const raw = (rules: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
    target: { host: "192.0.2.10", user: "root" },
    owner: "acme/web/prod",
    templates: [{ name: "web", rules }],
    ...more,
});

test("raw inputs become rules by name, and traffic", () => {
    const { inputs, failures } = checkHost(
        raw(
            { ssh: { service: "ssh", from: "set office" }, https: { service: "https" } },
            { addressSets: { office: { entries: ["198.51.100.0/24", "2001:db8:77::/48"] } } },
        ),
    );
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({
        rules: {
            "web/https": "accept tcp from anywhere to port 443",
            "web/ssh": expect.stringMatching(/^accept tcp from set office \(2, [0-9a-f]{8}\) to port 22$/),
        },
        exposure: {
            "ingress tcp 22": "198.51.100.0/24, 2001:db8:77::/48",
            "ingress tcp 443": "anywhere",
            "egress any": "anywhere",
        },
        sets: { office: { "198.51.100.0/24": true, "2001:db8:77::/48": true } },
        defaults: { ingress: "drop", egress: "accept" },
        rulesFormat: 1,
    });
    expect(inputs).not.toHaveProperty("templates");
});

test("what is not known yet stays at its place, and the rest is said", () => {
    const { inputs, failures } = checkHost(
        raw({ db: { protocol: "tcp", ports: 5432, from: [UNKNOWN] }, https: { service: "https" } }),
    );
    expect(failures).toEqual([]);
    expect(inputs.rules).toEqual({
        "web/db": "accept tcp from (not known yet) to port 5432",
        "web/https": "accept tcp from anywhere to port 443",
    });
    expect(inputs.exposure).toEqual({
        "egress any": "anywhere",
        "ingress tcp 443": "anywhere",
        "ingress tcp 5432": "(not known yet)",
    });
});

test("an unknown host is let through as it is", () => {
    const { inputs, failures } = checkHost({ ...raw({ a: { service: "http" } }), target: { host: UNKNOWN } });
    expect(failures).toEqual([]);
    expect(inputs.target.host).toBe(UNKNOWN);
});

test("several templates keep their order, and a priority is named", () => {
    const { inputs } = checkHost({
        ...raw({}),
        templates: [
            { name: "web", rules: { hole: { service: "http", priority: 900 }, all: "drop any from anywhere" } },
            { name: "base", rules: { ssh: { service: "ssh" } } },
        ],
    });
    expect(inputs.templates).toBe("web, base");
    expect(inputs.order).toBe("web/hole (900)");
});

test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["a port", raw({ a: { protocol: "tcp", ports: 70000 } }), "templates[0].rules.a.ports", /^VF003 web\/a ports: /],
    ["an empty from", raw({ a: { service: "ssh", from: "" } }), "templates[0].rules.a.from", /^VF010 web\/a from: /],
    ["a template without rules", raw({}), "templates[0]", /^VF021 web: /],
    ["a window of nothing", raw({ a: { service: "ssh" } }, { confirmSeconds: 0 }), "confirmSeconds", /^VF026 /],
    ["a window of ten hours", raw({ a: { service: "ssh" } }, { confirmSeconds: 36000 }), "confirmSeconds", /^VF026 /],
    ["a word of its own", raw({ a: { service: "ssh" } }, { lockoutCheck: "maybe" }), "lockoutCheck", /^VF014 /],
    [
        "another way to forget",
        raw({ a: { service: "ssh" } }, { onUnreachable: "skip" }),
        "onUnreachable",
        /^VF014 .*"forget"/,
    ],
    [
        "a hoster of whom nothing is known",
        raw({ a: { service: "ssh" } }, { hoster: "acme" }),
        "hoster",
        /^VF014 .*It is "leaseweb"/,
    ],
    [
        "a bad source",
        raw({ a: { service: "ssh" } }, { managementSources: ["10.0.0.1/8"] }),
        "managementSources[0]",
        /^VF002 /,
    ],
    [
        "a misspelt option",
        raw({ a: { service: "ssh" } }, { confirmSecond: 5 }),
        "confirmSecond",
        /^VF009 .*confirmSeconds/,
    ],
    [
        "a jump host without a name",
        { ...raw({ a: { service: "ssh" } }), target: { host: "x", proxy: { host: "" } } },
        "target",
        /^VF010 .*connection\.proxy\.host/,
    ],
    ["the host of another", raw({ a: { service: "ssh" } }, { sameTargetAs: "web-1" }), "target", /^VF023 .*web-1/],
    ["a rule with a dot in its name", raw({ "a.b": {} }), "templates[0].rules.a.b", /^VF027 web\/a\.b: /],
    ["no template", { ...raw({}), templates: [] }, "templates", /^VF032 /],
    ["no host", { ...raw({ a: { service: "ssh" } }), target: {} }, "target", /^VF010 /],
])("%s is refused by code, place and fix", (_, inputs, property, reason) => {
    const { failures } = checkHost(inputs);
    expect(failures).toEqual([{ property, reason: expect.stringMatching(reason) }]);
});

test("a name that looks like a pattern is shown as it is, and moves no cursor", () => {
    const { failures } = checkHost({
        ...raw({}),
        templates: [{ name: "$&\u001b[2J", rules: { a: { service: "ssh" } } }],
    });
    expect(failures.map(({ reason }) => reason)).toContainEqual(expect.stringContaining("VF012 $&\\u001b[2J: "));
});

test("rules and defaults that are not known at all pass, and nothing is said of what they decide", () => {
    const { inputs, failures } = checkHost({ ...raw({}), templates: [{ name: "web", rules: UNKNOWN }] });
    expect(failures).toEqual([]);
    expect(inputs.exposure).toEqual({ "ingress any": "(not known yet)", "egress any": "(not known yet)" });

    const later = checkHost(raw({ http: { service: "http" } }, { defaults: { ingress: UNKNOWN } }));
    expect(later.failures).toEqual([]);
    expect(later.inputs.defaults).toEqual({ ingress: UNKNOWN, egress: "accept" });
    expect(later.inputs.exposure).toEqual({ "ingress any": "(not known yet)", "egress any": "anywhere" });
});

test("an object where a name or a word belongs is refused, whatever it would say of itself", () => {
    const odd = { toString: true, valueOf: null };
    const { failures } = checkHost({
        ...raw({}, { managementSources: [odd], lockoutCheck: odd }),
        templates: [{ name: odd, rules: { a: { service: "ssh" } } }],
    });
    for (const code of ["VF012", "VF001", "VF014"])
        expect(failures.map(({ reason }) => reason)).toContainEqual(expect.stringContaining(`${code} `));
});

test("what the network of a hoster blocks is said of the rules that open it", () => {
    const found = (hoster?: string) =>
        checkHost(raw({ smb: { service: "smb", from: "192.0.2.0/24" } }, hoster ? { hoster } : {})).findings;
    expect(found().filter(({ code }) => code === "VF235")).toEqual([]);
    expect(found("leaseweb").map(({ message }) => message)).toEqual([
        expect.stringMatching(/^VF235 web\/smb opens what Leaseweb blocks in its whole network: .*tcp 445/),
    ]);
});

test("takeover is true or false, and travels as it is (VF014)", () => {
    const check = (takeover: unknown) => checkHost(raw({ ssh: { service: "ssh" } }, { takeover }));
    expect(check("yes").failures).toEqual([
        { property: "takeover", reason: expect.stringMatching(/^VF014 .*"yes".*It is true or false\./) },
    ]);
    expect(check(true)).toMatchObject({ failures: [], inputs: { takeover: true } });
    expect(check(UNKNOWN).failures).toEqual([]);
});
