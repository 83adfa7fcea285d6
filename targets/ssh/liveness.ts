import type { Duplex } from "node:stream";

/** How often the peer is asked for a sign of life. */
export const askSeconds = 5;
/** Long enough for a link that stalls for 10 s, whose next retransmission comes as late as that again. */
const silentSeconds = 20;

/**
 * Calls `onSilent` once nothing at all has come from the peer for 20 s; returns what ends the watch. Counted is what
 * comes, not which question it answers: on a slow link a question waits behind the data that is on its way.
 */
export function watchLiveness(stream: Duplex, onSilent: () => void): () => void {
    // Ticks rather than time: a process that was busy or stopped for a while has not listened meanwhile.
    let silentTicks = 0;
    const heard = () => (silentTicks = 0);
    stream.on("data", heard);
    const timer = setInterval(() => {
        if (++silentTicks < silentSeconds) return;
        end();
        onSilent();
    }, 1000);
    function end() {
        clearInterval(timer);
        stream.off("data", heard);
    }
    return end;
}
