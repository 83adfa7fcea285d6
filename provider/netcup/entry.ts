import type { PanelSurroundings } from "../panels/dynamicPanel";
import { NetcupProvider } from "./netcupProvider";

/** The provider of interfaces at netcup, with the refresh token of the stack's configuration, else of the environment. */
export function netcupInterfaces(
    { log }: PanelSurroundings,
    setting: (key: string) => string | undefined,
): NetcupProvider {
    const refreshToken = () => setting("netcupRefreshToken") ?? process.env["VPS_FIREWALL_NETCUP_REFRESH_TOKEN"];
    return new NetcupProvider({ refreshToken, log });
}
