import { readFileSync } from "node:fs";
import type { HostInputs } from "../../provider/hostInputs";
import { HostProvider } from "../../provider/hostProvider";
import type { Timing } from "../../targets/ssh";
import type { Lab, LabHost } from "../lab";

/** The provider as one deployment has it, without an engine: a test says itself what the state holds. */
export interface Deployment {
    /** What a program asks for, checked. */
    check(host: LabHost | string, rest?: Readonly<Record<string, unknown>>): HostInputs;
    readonly provider: HostProvider;
    /** What the user reads. */
    readonly said: string[];
    /**
     * The coded messages of it, without findings about the rules (VF2xx) and those that every first apply to a plain host
     * of the lab gives (VF116, VF118).
     */
    codes(): string[];
}

export interface DeploymentOptions {
    /** Organisation, project and stack; default `acme/web/prod`. */
    readonly owner?: string;
    /** Hears each line at once. */
    readonly timing?: Partial<Timing>;
    readonly onSaid?: (text: string) => void;
}

/** Opens a deployment on the hosts of a lab. */
export function openDeployment(lab: Lab, options: DeploymentOptions = {}): Deployment {
    const said: string[] = [];
    const provider = new HostProvider({
        surroundings: () => ({
            config: { privateKey: readFileSync(lab.keyFile, "utf8") },
            env: {},
            home: "/nonexistent",
        }),
        timing: { track: 0, ...options.timing },
        log: (_, text) => {
            said.push(text);
            options.onSaid?.(text);
        },
    });
    return {
        provider,
        said,
        codes: () => said.flatMap((text) => /^VF(?!2|116|118)\d{3}/.exec(text) ?? []),
        check(host, { connection, rules, ...rest } = {}) {
            const place = typeof host === "string" ? { host } : { host: host.ipv4, hostKey: host.hostKey };
            const { inputs, failures } = provider.check({
                target: { user: "root", dialErrorLimit: 1, perDialTimeout: 3, ...place, ...(connection ?? {}) },
                owner: options.owner ?? "acme/web/prod",
                templates: [{ name: "web", rules: rules ?? { ssh: { service: "ssh" } } }],
                confirmSeconds: 5,
                ...rest,
            });
            if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
            return inputs;
        },
    };
}

/** What is to be reported: the message of the error that a promise ends with. */
export async function messageOf(operation: Promise<unknown>): Promise<string> {
    return operation.then(
        (result) => {
            throw new Error(`expected an error, got ${JSON.stringify(result)}`);
        },
        (error: Error) => error.message,
    );
}

/** What our table is and where its files are: equal as long as nothing was loaded or saved again. */
export async function traceOf(host: LabHost): Promise<string> {
    const { stdout } = await host.run(
        "nft -a -s list table inet vps_firewall; stat -c %i.%Y /var/lib/vps-firewall/confirmed.nft",
    );
    return stdout;
}
