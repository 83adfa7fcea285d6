import { homedir } from "node:os";
import type { Surroundings } from "../targets/ssh";
import { type ConfigureRequest, keepingProvider, type Properties, withoutProvider } from "./dynamicProvider";
import { engineLog } from "./engineLog";
import type { HostInputs, HostOutputs } from "./hostInputs";
import { HostProvider } from "./hostProvider";
import { leasewebGroups } from "./leaseweb/entry";
import { netcupInterfaces } from "./netcup/entry";
import { dynamicPanel } from "./panels/dynamicPanel";

/**
 * The entry that state refers to: `require("pulumi-vps-firewall/provider/v1").provider`, loaded by Pulumi's dynamic
 * provider process. Old state always runs the installed library, so this path and this shape stay for ever.
 */
export const provider = dynamicHost();

/** The same for security groups of Leaseweb's Public Cloud. */
export const leasewebSecurityGroup = dynamicPanel(leasewebGroups);

/** The same for interfaces of servers at netcup. */
export const netcup = dynamicPanel(netcupInterfaces);

/** Serves HostProvider as a dynamic provider: its wire form in and out, nothing else. */
function dynamicHost() {
    let config: Surroundings["config"] = {};
    const { log, heard } = engineLog();
    const host = new HostProvider({ surroundings: () => ({ config, env: process.env, home: homedir() }), log });
    const heardOut = async <Result>(operation: Promise<Result>): Promise<Result> => operation.finally(heard);
    return {
        // Other calls may come before this has ended, so it only keeps the values.
        configure: async ({ config: stack }: ConfigureRequest) => {
            const get = (key: string) => stack.get(`vps-firewall:${key}`);
            const privateKey = get("privateKey");
            const privateKeyPassword = get("privateKeyPassword");
            const password = get("password");
            const sudoPassword = get("sudoPassword");
            config = {
                ...(privateKey !== undefined && { privateKey }),
                ...(privateKeyPassword !== undefined && { privateKeyPassword }),
                ...(password !== undefined && { password }),
                ...(sudoPassword !== undefined && { sudoPassword }),
            };
        },
        check: async (olds: Properties | undefined, news: Properties) => {
            const checked = host.check(withoutProvider(news), olds && Object.keys(olds).length > 0 ? olds : undefined);
            await heard();
            return checked;
        },
        // No diff: the engine then compares old inputs with checked ones and names the keys that differ.
        create: async (inputs: Properties) => {
            const { id, outputs } = await heardOut(keepingProvider(inputs, () => host.create(inputsOf(inputs))));
            return { id, outs: outputs };
        },
        update: async (id: string, olds: Properties, news: Properties) => ({
            outs: await heardOut(keepingProvider(news, () => host.update(id, inputsOf(news), outputsOf(olds)))),
        }),
        read: async (id: string, props: Properties) => {
            const { inputs, outputs } = await heardOut(host.read(id, outputsOf(props)));
            return { id, inputs, props: outputs };
        },
        delete: async (id: string, props: Properties) => heardOut(host.delete(id, outputsOf(props))),
    };
}

function inputsOf(properties: Properties): HostInputs {
    return withoutProvider(properties) as unknown as HostInputs;
}

function outputsOf(properties: Properties): HostOutputs {
    return withoutProvider(properties) as unknown as HostOutputs;
}
