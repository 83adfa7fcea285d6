import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";

/** Together some 5 s. */
const pauses = [50, 100, 200, 400, 800, 1600, 2000];

/**
 * Runs a command in a channel of its own. A server that takes one session at a time (MaxSessions 1) may not yet have put
 * away the one before when it is asked for the next, so a refusal is tried again for some seconds.
 *
 * @param begin called with the channel at once: what the command says and how it ended may be in the same packet
 */
export async function openChannel(
    client: Client,
    command: string,
    isOver: () => boolean,
    begin: (channel: ClientChannel) => void,
): Promise<void> {
    for (const pause of pauses) {
        try {
            return await exec(client, command, begin);
        } catch (error) {
            const refused = typeof (error as { reason?: unknown }).reason === "number";
            if (!refused || isOver()) throw error;
        }
        await sleep(pause);
    }
    return exec(client, command, begin);
}

function exec(client: Client, command: string, begin: (channel: ClientChannel) => void): Promise<void> {
    return new Promise((resolve, reject) => {
        client.exec(command, (error, channel) => {
            if (error) return reject(error);
            begin(channel);
            resolve();
        });
    });
}
