import { type ConfigureRequest, keepingProvider, type Properties, withoutProvider } from "../dynamicProvider";
import { engineLog } from "../engineLog";
import type { NetcupInputs, NetcupOutputs } from "./netcupInputs";
import { NetcupProvider } from "./netcupProvider";

/**
 * The entry that state refers to: `require("pulumi-vps-firewall/provider/netcup/v1").provider`. Old state always runs the installed
 * library, so this path and this shape stay for ever.
 */
export const provider = dynamicNetcup();

/** Serves NetcupProvider as a dynamic provider: its wire form in and out, nothing else. */
function dynamicNetcup() {
    let stored: string | undefined;
    const { log, heard } = engineLog();
    const refreshToken = () => stored ?? process.env["VPS_FIREWALL_NETCUP_REFRESH_TOKEN"];
    const netcup = new NetcupProvider({ refreshToken, log });
    const heardOut = async <Result>(operation: Promise<Result>): Promise<Result> => operation.finally(heard);
    return {
        configure: async ({ config }: ConfigureRequest) => {
            stored = config.get("vps-firewall:netcupRefreshToken");
        },
        check: async (_: Properties | undefined, news: Properties) => {
            const checked = netcup.check(withoutProvider(news));
            await heard();
            return checked;
        },
        // No diff: the engine then compares old inputs with checked ones and names the keys that differ.
        create: async (inputs: Properties) => {
            const { id, outputs } = await heardOut(keepingProvider(inputs, () => netcup.create(inputsOf(inputs))));
            return { id, outs: outputs };
        },
        update: async (id: string, olds: Properties, news: Properties) => ({
            outs: await heardOut(keepingProvider(news, () => netcup.update(id, inputsOf(news), outputsOf(olds)))),
        }),
        read: async (id: string, props: Properties) => {
            const { inputs, outputs } = await heardOut(netcup.read(id, outputsOf(props)));
            return { id, inputs, props: outputs };
        },
        delete: async (_: string, props: Properties) => heardOut(netcup.delete(outputsOf(props))),
    };
}

function inputsOf(properties: Properties): NetcupInputs {
    return withoutProvider(properties) as unknown as NetcupInputs;
}

function outputsOf(properties: Properties): NetcupOutputs {
    return withoutProvider(properties) as unknown as NetcupOutputs;
}
