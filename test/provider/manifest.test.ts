import fc from "fast-check";
import { type Manifest, readManifest, writeManifest } from "../../provider/manifest";

const good: Manifest = {
    rulesFormat: 1,
    owner: "acme/web/prod",
    resource: "11111111-2222-4333-8444-555555555555",
    host: "192.0.2.10",
    policy: {
        rules: { "web/ssh": "accept tcp from anywhere to port 22" },
        sets: { office: { "192.0.2.1": true }, "web/ssh": { count: 300, digest: "3f9c1a2b" } },
        __sets: { "web/ssh": "192.0.2.1\n192.0.2.3" },
        defaults: { ingress: "drop", egress: "accept" },
    },
};
const written = writeManifest(good);

test("what an apply wrote is read back as it was", () => {
    expect(readManifest(written)).toEqual(good);
    // Hosts that were confirmed before the address was kept have none.
    const { host: _, ...older } = written as Manifest;
    const { host: __, ...read } = good;
    expect(readManifest(older)).toEqual(read);
});

test("what is written says the entries of large sets a line each", () => {
    expect(written).toMatchObject({ policy: { __sets: { "web/ssh": ["192.0.2.1", "192.0.2.3"] } } });
});

describe("a host that lies is not believed, so nothing of it reaches a terminal or a packet filter", () => {
    const escape = "\u001b[2J";
    const lies: [string, unknown][] = [
        ["nothing", undefined],
        ["another form", { ...written, rulesFormat: 2 }],
        ["an owner that moves the cursor", { ...written, owner: escape }],
        ["an address that moves the cursor", { ...written, host: escape }],
        ["a resource that is no uuid", { ...written, resource: "$(reboot)" }],
        ["a rule that is no line", { ...written, policy: { ...good.policy, rules: { "web/ssh": `accept${escape}` } } }],
        [
            "a key that is no name",
            { ...written, policy: { ...good.policy, rules: { [escape]: "drop any from anywhere" } } },
        ],
        ["an entry that is no text", { ...written, policy: { ...good.policy, sets: { office: { [escape]: true } } } }],
        [
            "a default of its own",
            { ...written, policy: { ...good.policy, defaults: { ingress: escape, egress: "drop" } } },
        ],
    ];
    test.each(lies)("%s", (_, lie) => expect(readManifest(lie)).toBeUndefined());

    test("any other value", () => {
        fc.assert(fc.property(fc.anything(), (value) => expect(readManifest(value)).toBeUndefined()));
    });
});
