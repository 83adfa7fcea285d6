import * as answers from "./answers";
import { call } from "./call";
import type { Panel } from "./panel";

/** The panel's own number of the account, which is part of the paths of its policies; asked for once, for all who want it. */
export function userIdOf(panel: Panel): Promise<number> {
    const known = panel.userId;
    if (known) return known;
    const path = "/realms/scp/protocol/openid-connect/userinfo";
    const asked = call(panel, { method: "GET", path, answer: answers.userInfo }, undefined).then(({ id }) => id);
    panel.userId = asked;
    asked.catch(() => (panel.userId = undefined));
    return asked;
}
