import { type ConfigureRequest, keepingProvider, type Properties, withoutProvider } from "../dynamicProvider";
import { engineLog } from "../engineLog";

/** What surrounds the provider of a panel. */
export interface PanelSurroundings {
    readonly log: (severity: "info" | "warning", text: string) => void;
}

/** check, create, read, update and delete of one kind of resource, free of any Pulumi host. */
export interface PanelProvider<Inputs, Outputs extends Inputs> {
    check(
        raw: Properties,
        before?: Properties,
    ): {
        readonly inputs: Inputs;
        readonly failures: readonly { readonly property: string; readonly reason: string }[];
    };
    create(inputs: Inputs): Promise<{ readonly id: string; readonly outputs: Outputs }>;
    update(id: string, inputs: Inputs, known: Outputs): Promise<Outputs>;
    read(
        id: string,
        known: Outputs,
    ): Promise<{ readonly id: string; readonly inputs: Inputs; readonly outputs: Outputs }>;
    delete(id: string, known: Outputs): Promise<void>;
}

/**
 * Serves a panel's provider as a dynamic provider: its wire form in and out, nothing else. `make` is given a reader of the
 * stack's configuration, `vps-firewall:<key>`.
 */
export function dynamicPanel<Inputs, Outputs extends Inputs>(
    make: (
        surroundings: PanelSurroundings,
        setting: (key: string) => string | undefined,
    ) => PanelProvider<Inputs, Outputs>,
) {
    let setting: (key: string) => string | undefined = () => undefined;
    const { log, heard } = engineLog();
    const panel = make({ log }, (key) => setting(key));
    const heardOut = async <Result>(operation: Promise<Result>): Promise<Result> => operation.finally(heard);
    return {
        configure: async ({ config }: ConfigureRequest) => {
            setting = (key) => config.get(`vps-firewall:${key}`);
        },
        check: async (olds: Properties | undefined, news: Properties) => {
            const before = olds && Object.keys(olds).length > 0 ? olds : undefined;
            const checked = panel.check(withoutProvider(news), before);
            await heard();
            return checked;
        },
        // No diff: the engine then compares old inputs with checked ones and names the keys that differ.
        create: async (inputs: Properties) => {
            const { id, outputs } = await heardOut(keepingProvider(inputs, () => panel.create(as<Inputs>(inputs))));
            return { id, outs: outputs };
        },
        update: async (id: string, olds: Properties, news: Properties) => ({
            outs: await heardOut(keepingProvider(news, () => panel.update(id, as<Inputs>(news), as<Outputs>(olds)))),
        }),
        read: async (id: string, props: Properties) => {
            const { inputs, outputs } = await heardOut(panel.read(id, as<Outputs>(props)));
            return { id, inputs, props: outputs };
        },
        delete: async (id: string, props: Properties) => heardOut(panel.delete(id, as<Outputs>(props))),
    };
}

function as<Typed>(properties: Properties): Typed {
    return withoutProvider(properties) as Typed;
}
