import { openLeaseweb } from "../../targets/leaseweb";
import type { PanelSurroundings } from "../panels/dynamicPanel";
import { GroupProvider } from "./groupProvider";

/**
 * Security groups with the key of the stack's configuration (`vps-firewall:leasewebApiKey`), of the environment
 * (`VPS_FIREWALL_LEASEWEB_API_KEY`), or of the resource, in this order.
 */
export function leasewebGroups(outside: PanelSurroundings, setting: (key: string) => string | undefined) {
    return new GroupProvider({
        ...outside,
        account: ({ url, credentials }) => {
            const apiKey =
                setting("leasewebApiKey") ?? process.env["VPS_FIREWALL_LEASEWEB_API_KEY"] ?? credentials?.apiKey ?? "";
            return openLeaseweb({ apiKey, url });
        },
    });
}
