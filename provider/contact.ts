import { openSession, resolveEndpoint, type Session, type Surroundings, type Target } from "../targets/ssh";
import type { HostInputs, HostOutputs } from "./hostInputs";
import { type Pins, pinnedFor, withAccepted } from "./pinnedKeys";

/** One way to reach a host. */
export interface Contact {
    readonly target: Target;
    connect(signal?: AbortSignal): Promise<Session>;
    /** The same with a single try, to learn soon whether the host answers. */
    knock(): Promise<Session>;
    /** `192.0.2.10 port 2222`, `192.0.2.10 through 203.0.113.7` */
    readonly label: string;
    readonly port: number;
    /** The keys that were seen first and count from then on, where nothing else says which they are. */
    pins(): Pins;
}

/** Sessions of one operation: they share the pinned keys, and each warning is told once. */
export function contactWith(
    { target, credentials = {} }: Pick<HostInputs, "target" | "credentials">,
    known: HostOutputs | undefined,
    outside: { readonly surroundings: () => Surroundings; readonly warn: (text: string) => void },
): Contact {
    let pins = pinnedFor(known, target);
    const warned = new Set<string>();
    const open = async (to: Target, signal: AbortSignal | undefined): Promise<Session> => {
        const { pinnedHostKey, pinnedProxyKeys } = pins;
        const sure = pinnedHostKey === undefined ? to : { ...to, hostKey: pinnedHostKey };
        const session = await openSession(sure, credentials, outside.surroundings(), { signal, pinnedProxyKeys });
        pins = withAccepted(pins, session);
        for (const warning of session.warnings) {
            if (!warned.has(warning)) outside.warn(warning);
            warned.add(warning);
        }
        return session;
    };
    return {
        target,
        connect: (signal) => open(target, signal),
        knock: () => open(once(target), undefined),
        get label() {
            const labels = [target, ...(target.proxy ? [target.proxy] : [])].map(
                (place) => resolveEndpoint(place, outside.surroundings()).label,
            );
            return labels.join(" through ");
        },
        get port() {
            return resolveEndpoint(target, outside.surroundings()).port;
        },
        pins: () => pins,
    };
}

/** Without patience, neither for the host nor for its jump host. */
function once({ proxy, ...host }: Target): Target {
    return { ...host, dialErrorLimit: 0, ...(proxy && { proxy: { ...proxy, dialErrorLimit: 0 } }) };
}
