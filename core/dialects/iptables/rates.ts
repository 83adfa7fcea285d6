/** So many packets in so many seconds, as the programs print it of what the kernel holds. */
export interface Rate {
    readonly count: number;
    readonly seconds: number;
}

/** Into so many parts a second is cut: the kernel holds how many of them pass between two packets. */
export const LIMIT_PARTS = 10_000;
export const HASHLIMIT_PARTS = 1_000_000;

/** From the longest on, as they are tried. */
const SECONDS = [86_400, 3600, 60, 1];
const UNITS: readonly (readonly [name: string, seconds: number])[] = [
    ["second", 1],
    ["minute", 60],
    ["hour", 3600],
    ["day", 86_400],
];

/** Reads `10/second`, `10/sec`, `10/s`. */
export function readRate(text: string): Rate | undefined {
    const [, count, unit = ""] = /^(\d{1,12})\/([a-z]+)$/.exec(text) ?? [];
    const seconds = UNITS.find(([name]) => name.startsWith(unit))?.[1];
    return count === undefined || seconds === undefined || Number(count) === 0
        ? undefined
        : { count: Number(count), seconds };
}

/** Parts of a second between two packets; 0: faster than can be said. */
export function pauseOf({ count, seconds }: Rate, parts: number): number {
    return Math.floor((parts * seconds) / count);
}

/**
 * What a rate is printed as once it was loaded: `999999/day` is `1000000/day`, since a pause is a whole number of parts. Where
 * what is printed would be loaded as something else again, that is taken, so that both come to the same.
 */
export function settledRate(rate: Rate, parts: number): Rate | undefined {
    let settled = rate;
    for (let round = 0; round < MOST_ROUNDS; round++) {
        const pause = pauseOf(settled, parts);
        if (pause === 0) return undefined;
        const next = printedRate(pause, parts);
        if (next.count === settled.count && next.seconds === settled.seconds) return settled;
        settled = next;
    }
    return settled;
}

/** A pause grows by one at most each time. */
const MOST_ROUNDS = 20;

/** In the longest unit that says it well. */
function printedRate(pause: number, parts: number): Rate {
    const fits = (seconds: number) => {
        const whole = parts * seconds;
        return pause <= whole && Math.floor(whole / pause) >= whole % pause;
    };
    const worse = SECONDS.findIndex((seconds, index) => index > 0 && !fits(seconds));
    const seconds = SECONDS.at(worse < 0 ? -1 : worse - 1)!;
    return { count: Math.floor((parts * seconds) / pause), seconds };
}
