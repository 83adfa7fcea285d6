import { diagnostic, FirewallError } from "../../core/model/diagnostics";
import { checkHost } from "../../provider/checkHost";
import type { HostOutputs } from "../../provider/hostInputs";
import { inputsIn, isUnreachable, onlyForgets } from "../../provider/unreachable";

const { inputs } = checkHost({
    target: { host: "192.0.2.10", user: "root" },
    owner: "acme/web/prod",
    templates: [{ name: "web", rules: { ssh: { service: "ssh" } } }],
});
const known: HostOutputs = {
    ...inputs,
    machineId: "0123456789abcdef0123456789abcdef",
    generation: 3,
    applyId: "0123456789abcdef",
    filter: "nftables 1.0.6",
    pinnedHostKey: "ssh-ed25519 AAAA",
};
const FORGET = { onUnreachable: "forget" } as const;

test("the inputs of a state are what was checked, whatever the host told besides", () => {
    expect(inputsIn(known)).toEqual(inputs);
});

test("only where nothing else changes may a host that is gone be left alone", () => {
    expect(onlyForgets(known, { ...inputs, ...FORGET })).toBe(true);
    expect(onlyForgets({ ...known, ...FORGET }, { ...inputs, ...FORGET })).toBe(true);
    expect(onlyForgets(known, inputs)).toBe(false);
    expect(onlyForgets(known, { ...inputs, ...FORGET, confirmSeconds: 30 })).toBe(false);
    expect(onlyForgets(known, { ...inputs, ...FORGET, target: { ...inputs.target, port: 2222 } })).toBe(false);
    expect(onlyForgets({ ...known, rules: {} }, { ...inputs, ...FORGET })).toBe(false);
});

test("silence is unreachable, and another machine in the host's place; a refused login is not", () => {
    const silent = { host: "h", reason: "timed out", tries: "1 try", seconds: 1 };
    expect(isUnreachable(new FirewallError(diagnostic("VF140", silent)))).toBe(true);
    const refused = { host: "h", user: "root", tried: "agent", said: "" };
    expect(isUnreachable(new FirewallError(diagnostic("VF141", refused)))).toBe(false);
    expect(isUnreachable(new Error("VF140"))).toBe(false);
});
