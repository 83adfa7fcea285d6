import type { IdentityCallback, ParsedKey } from "ssh2";
import { OpenSSHAgent } from "ssh2";

/** An ssh-agent of which the preferred keys are offered first, or alone: a server cuts off after a few keys. */
export class OrderedAgent extends OpenSSHAgent {
    constructor(
        socket: string,
        private readonly preferred: readonly Buffer[],
        private readonly exclusive: boolean,
    ) {
        super(socket);
    }

    override getIdentities(callback: IdentityCallback<ParsedKey>): void {
        super.getIdentities((error, keys) => {
            if (error || !keys) return callback(error, keys);
            // The typings allow entries of another form here; an agent gives none.
            const parsed = keys.filter((key) => "getPublicSSH" in key);
            const isPreferred = (key: ParsedKey) => this.preferred.some((blob) => blob.equals(key.getPublicSSH()));
            const others = this.exclusive ? [] : parsed.filter((key) => !isPreferred(key));
            callback(undefined, [...parsed.filter(isPreferred), ...others]);
        });
    }
}
