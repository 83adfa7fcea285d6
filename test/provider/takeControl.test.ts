import { checkHost } from "../../provider/checkHost";
import { previewNotes } from "../../provider/takeControl";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function notes(rest: object, before?: object): string[] {
    const { inputs, failures } = checkHost({
        target: { host: "192.0.2.10" },
        owner: "acme/web/prod",
        templates: [{ name: "web", rules: { ssh: { service: "ssh" } } }],
        ...rest,
    });
    expect(failures).toEqual([]);
    return previewNotes(inputs, before).map(({ message }) => message);
}

test.each([
    [{}, "whatever comes in and no rule accepts is closed"],
    [{ defaults: { egress: "drop" } }, "whatever comes in or goes out and no rule accepts is closed"],
    [{ defaults: { ingress: "accept", egress: "drop" } }, "whatever goes out and no rule accepts is closed"],
    [{ defaults: { ingress: "accept" } }, "only what a rule drops or rejects is closed"],
])("the preview of a create with %j says what taking control means", (rest, meaning) => {
    expect(notes(rest)).toEqual([
        `VF118 takes control of 192.0.2.10: once applied, ${meaning}. Connections that are open live on.`,
    ]);
    expect(notes(rest, { target: { host: "192.0.2.10" } })).toEqual([]);
});

test("a host that is not known yet is called so", () => {
    expect(notes({ target: { host: UNKNOWN } })[0]).toContain(
        "takes control of a host whose address is (not known yet)",
    );
});

test("each preview says that the lock-out check is off", () => {
    expect(notes({ lockoutCheck: "off" }, {})).toEqual([
        expect.stringMatching(
            /^VF106 lockoutCheck is off for 192\.0\.2\.10: .* you included, .* goes back by itself unless/,
        ),
    ]);
});
